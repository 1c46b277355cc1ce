"""The commands `batch run`, `batch status` and `batch report`."""

from . import report, run, status

HELP = "Run many rows of a file as one batch: resumed by key, within a budget."

COMMANDS = (run, status, report)
