"""The commands `batch run`, `batch work`, `batch status` and `batch report`."""

from . import report, run, status, work

HELP = "Run many rows of a file, within one budget."

COMMANDS = (run, work, status, report)
