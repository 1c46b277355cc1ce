# Generated from spec/ by `make generate`. Do not edit.
"""A local service that answers as the contract says, and paints real pictures. Needs the extra `sandbox`.

with Sandbox(scale=0.1) as sandbox, sandbox.client() as kie:
    image = kie.files.upload("me.png").download_url
    …
"""

from typing import TYPE_CHECKING

from ._contract import CONTRACT
from ._runtime.core.extras import missing_extra

try:
    from ._runtime.testing.clock import RealClock, VirtualClock
    from ._runtime.testing.sandbox import Sandbox as _Sandbox
except ModuleNotFoundError as error:
    raise missing_extra(error, "sandbox") from None

if TYPE_CHECKING:
    from .client import AsyncKie, Kie

__all__ = ["RealClock", "Sandbox", "VirtualClock"]


class Sandbox(_Sandbox):
    __doc__ = _Sandbox.__doc__

    contract = CONTRACT

    def client(self) -> "Kie":
        """Return a client of this sandbox."""
        from .client import Kie

        return Kie(
            self.keys[0],
            base_url=self.url,
            upload_base_url=self.url,
        )

    def async_client(self) -> "AsyncKie":
        """Return a client of this sandbox."""
        from .client import AsyncKie

        return AsyncKie(
            self.keys[0],
            base_url=self.url,
            upload_base_url=self.url,
        )
