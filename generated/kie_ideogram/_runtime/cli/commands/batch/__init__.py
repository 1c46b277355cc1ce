"""The commands `batch run`, `batch status` and `batch report`."""

from . import report, run, status

HELP = "Run many rows of a file, within one budget."

COMMANDS = (run, status, report)
