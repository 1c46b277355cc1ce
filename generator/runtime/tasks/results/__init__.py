"""Results: the view of a task, its download, its sidecar file, progress."""
