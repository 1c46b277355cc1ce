"""The work on rows: the accounts, the steps of a row, and the worker that takes rows from the queue."""
