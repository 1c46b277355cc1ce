# Generated from spec/ by `make generate`. Do not edit.
"""pytest fixtures: a strict sandbox, clients of it, scenarios and recordings. docs/testing.md shows them.

pytest loads this module in every run, so it loads nothing itself until a fixture is used.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ._runtime.testing.fixtures import ReplayFixture, SandboxFixture
    from .client import AsyncKie, Kie

_SERVERS = (
    "base_url",
    "upload_base_url",
)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker that sets the sandbox's options."""
    config.addinivalue_line("markers", "kie_sandbox(**options): options of the sandbox, such as balance=10")


def _fixtures() -> Any:
    try:
        from ._runtime.testing import fixtures
    except ModuleNotFoundError as error:
        from ._runtime.core.extras import missing_extra

        raise missing_extra(error, "testing") from None
    return fixtures


@pytest.fixture
def kie_sandbox(request: pytest.FixtureRequest) -> "Iterator[SandboxFixture]":
    """A local service for one test, without a port until its `url` is asked for.

    Fails the test for a call that it had to refuse, and for what a scenario promised and did not happen.
    """
    fixtures = _fixtures()
    from .testing import Sandbox

    marker = request.node.get_closest_marker("kie_sandbox")
    with fixtures.bench(Sandbox, pytest.fail, dict(marker.kwargs) if marker else {}) as bench:
        yield bench


@pytest.fixture
def kie(kie_sandbox: "SandboxFixture") -> "Kie":
    """A client of the sandbox; its waits take no time."""
    from .client import Kie

    made: Kie = kie_sandbox.clients.make(Kie, _SERVERS)
    return made


@pytest.fixture
def async_kie(kie_sandbox: "SandboxFixture") -> "AsyncKie":
    """An asyncio client of the sandbox; its waits take no time."""
    from .client import AsyncKie

    made: AsyncKie = kie_sandbox.clients.make_async(AsyncKie, _SERVERS)
    return made


@pytest.fixture
def kie_scenario(kie_sandbox: "SandboxFixture", request: pytest.FixtureRequest) -> Callable[[Any], None]:
    """Scripts states, faults and callbacks: called with steps, or with a file beside the test."""
    play: Callable[[Any], None] = _fixtures().scenario(kie_sandbox, request.path.parent)
    return play


@pytest.fixture
def kie_recordings(request: pytest.FixtureRequest) -> "Iterator[ReplayFixture]":
    """Replays recordings: called with the name of one of ours, or with a HAR file beside the test."""
    fixtures = _fixtures()

    def make(clients: Any) -> Any:
        from .client import Kie

        return clients.make(Kie, _SERVERS)

    def make_async(clients: Any) -> Any:
        from .client import AsyncKie

        return clients.make_async(AsyncKie, _SERVERS)

    ours = Path(__file__).parent / "recordings"
    with fixtures.player(ours, request.path.parent, make, make_async, pytest.fail) as player:
        yield player
