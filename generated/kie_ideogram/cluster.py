# Generated from spec/ by `make generate`. Do not edit.
"""Batches that many machines work on, with one PostgreSQL database. Needs the extra `cluster`.

    with Cluster("postgresql://batches@db.example/batches", accounts=api_key) as cluster:
        cluster.install()
        cluster.submit("rows.csv", batch="summer", max_cost=25)
        cluster.work(save_to="/shared/out", batch="summer")

Call `work` on each machine, in any number of processes. A row is submitted once, whatever process ends when.
"""

from collections.abc import Mapping, Sequence
from os import PathLike

from ._runtime.cluster.resource import Cluster as _Cluster
from ._runtime.cluster.running.accounts import Account as Account
from ._runtime.cluster.storage.deletion import Deleted as Deleted
from ._runtime.cluster.storage.store import LEASE
from ._runtime.cluster.submit import Submitted as Submitted
from ._runtime.core.clock import SYSTEM, Environment
from ._runtime.core.text.secret import Secret
from ._runtime.http.settings import Settings
from ._runtime.journal.journal import Journal
from .client import _async_task, _task
from .errors import BY_CODE
from .task import Task


class Cluster(_Cluster[Task]):
    """Batches in one PostgreSQL database. Use it as a context manager, or close it.

    Args:
        dsn: The database: a URL such as `postgresql://user@host/database`, or another connection string.
        accounts: The accounts that pay: an API key, API keys by name, or a list of `Account`, each with a budget.
            Give every worker all of them. Without one, only reports and `submit` work.
        base_url: The URL of the api server; from KIE_BASE_URL unless given, else
            https://api.kie.ai.
        upload_base_url: The URL of the upload server; from KIE_UPLOAD_BASE_URL unless given, else
            https://kieai.redpandaai.co.
        timeout: Seconds for each of connecting, sending and every wait for bytes.
        folder: Folder for the ids of paid tasks that could not be written to the database; in the home folder of
            the user unless given.
        lease: Seconds after which other workers take over the rows of one that no longer reports.

    Raises:
        ConfigurationError: An argument or the environment is invalid.
    """

    def __init__(
        self,
        dsn: str,
        accounts: Mapping[str, str] | Sequence[Account] | str = (),
        *,
        base_url: str | None = None,
        upload_base_url: str | None = None,
        timeout: float | None = None,
        folder: str | PathLike[str] | None = None,
        lease: float = LEASE,
        _environment: Environment = SYSTEM,
    ) -> None:
        from ._contract import CONTRACT

        servers = {
            "base_url": base_url,
            "upload_base_url": upload_base_url,
        }
        contract = _environment.contract or CONTRACT

        def settings(api_key: Secret, journal: Journal | None, is_async: bool) -> Settings:
            make = _async_task if is_async else _task
            return Settings(
                contract, BY_CODE, make, api_key, dict(servers), timeout, journal, None, _environment
            )

        super().__init__(dsn, accounts, settings, folder, lease)
