"""The command `batch work`: works on the rows of a database, on each machine that runs it."""

from collections.abc import Callable

from ...context import CommandContext, command
from ...package import Package
from .common import BatchName, OutFolder


def build(package: Package) -> Callable[..., None]:
    """Make the command."""

    def work(context: CommandContext, *, save_to: OutFolder = "out", batch: BatchName = None) -> None:
        """Work on the rows that `batch run --database` has queued, with other machines.

        Give all machines the same --database, accounts and --save-to, a folder that they share. Without
        --batch, it works until Ctrl-C or SIGTERM, which finish what runs; a second one leaves that to other
        machines.
        """
        context.creates = True
        with context.cluster() as cluster:
            if batch is None:
                cluster.batches()  # reports a database that cannot be used
                context.terminal.say("working on all batches; Ctrl-C finishes what runs")
            reason = cluster.work(save_to=save_to, batch=batch)
        if reason:
            context.terminal.say(f"stopped: {reason}")

    return command(package, work, database=True, as_json=False)
