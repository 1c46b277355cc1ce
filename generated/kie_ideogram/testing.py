# Generated from spec/ by `make generate`. Do not edit.
"""A local service that answers as the contract says, for tests and demonstrations. Needs the extra `sandbox`.

with Sandbox(scale=0.1) as sandbox, sandbox.client() as kie:
    result = kie.character_edit.run(…)
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._contract import CONTRACT
from ._runtime.core.extras import missing_extra

try:
    from ._runtime.testing.clock import RealClock
    from ._runtime.testing.sandbox import Sandbox as _Sandbox
    from ._runtime.testing.signed_callback import SignedCallback
    from ._runtime.testing.signed_callback import sign_callback as _sign_callback
    from ._runtime.testing.virtual_clock import VirtualClock
except ModuleNotFoundError as error:
    raise missing_extra(error, "sandbox") from None

if TYPE_CHECKING:
    from .client import AsyncKie, Kie

__all__ = ["RealClock", "Sandbox", "SignedCallback", "VirtualClock", "signed_callback"]


class Sandbox(_Sandbox):
    __doc__ = _Sandbox.__doc__

    contract = CONTRACT
    base_urls = (
        "base_url",
        "upload_base_url",
    )

    def client(self, **options: Any) -> "Kie":
        """Return a client of this sandbox. With a `VirtualClock`, it waits in virtual time.

        Args:
            options: Arguments of `Kie`, such as `journal`.
        """
        from .client import Kie

        return Kie(**{**self.client_options(), **options})

    def async_client(self, **options: Any) -> "AsyncKie":
        """Return a client of this sandbox. With a `VirtualClock`, it waits in virtual time.

        Args:
            options: Arguments of `AsyncKie`, such as `journal`.
        """
        from .client import AsyncKie

        return AsyncKie(**{**self.client_options(), **options})


def signed_callback(
    body: bytes | Mapping[str, Any], *, secret: str, now: float | None = None
) -> SignedCallback:
    """Return a callback, its body and headers, that `callbacks.verify` accepts.

    Args:
        body: The body, bytes or an object for JSON. It must have the id of a task.
        secret: The signing key, text.
        now: Unix time of the signature in seconds; the system's by default.

    Raises:
        ConfigurationError: The body has no task id.
    """
    return _sign_callback(CONTRACT, body, secret, now)
