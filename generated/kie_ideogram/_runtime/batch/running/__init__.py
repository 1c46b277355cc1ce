"""The work on a batch: which row is next, its steps, and the threads or tasks that take them."""
