"""The commands `batch run`, `batch work`, `batch status`, `batch report` and `batch delete`."""

from . import delete, report, run, status, work

HELP = "Run many rows of a file, within one budget."

COMMANDS = (run, work, status, report, delete)
