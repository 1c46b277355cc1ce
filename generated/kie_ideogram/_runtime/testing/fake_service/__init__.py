"""The sandbox service as plain functions: account, files, tasks, replies."""
