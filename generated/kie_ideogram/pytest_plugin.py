# Generated from spec/ by `make generate`. Do not edit.
"""pytest fixtures: a strict sandbox, its clients, scenarios and recordings.

pytest imports this module in every run, so it imports the rest of the package when a fixture is used.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ._runtime.testing.fixtures import ClientClasses, ReplayFixture, SandboxFixture
    from .client import AsyncKie, Kie


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker that sets the sandbox's options."""
    config.addinivalue_line("markers", "kie_sandbox(**options): options of the sandbox, such as balance=10")


def _fixtures() -> Any:
    try:
        from ._runtime.testing import fixtures
    except ModuleNotFoundError as error:
        from ._runtime.core.extras import missing_extra

        raise missing_extra(error, "testing") from None
    return fixtures


def _classes() -> "ClientClasses":
    from .client import AsyncKie, Kie
    from .testing import Sandbox

    classes: ClientClasses = _fixtures().ClientClasses(Kie, AsyncKie, Sandbox.base_urls)
    return classes


@pytest.fixture
def kie_sandbox(request: pytest.FixtureRequest) -> "Iterator[SandboxFixture]":
    """A local service in virtual time for one test. It listens on a port only if its `url` is used.

    It fails the test for a call that it refused, and for a step of a scenario that was not used.
    """
    fixtures = _fixtures()
    from .testing import Sandbox

    marker = request.node.get_closest_marker("kie_sandbox")
    options = dict(marker.kwargs) if marker else {}
    with fixtures.sandbox_fixture(Sandbox, _classes(), pytest.fail, options) as sandbox:
        yield sandbox


@pytest.fixture
def kie(kie_sandbox: "SandboxFixture") -> "Kie":
    """A client of the sandbox that waits in virtual time. Threads may share it."""
    client: Kie = kie_sandbox.client()
    return client


@pytest.fixture
def async_kie(kie_sandbox: "SandboxFixture") -> "AsyncKie":
    """An asyncio client of the sandbox that waits in virtual time."""
    client: AsyncKie = kie_sandbox.async_client()
    return client


@pytest.fixture
def kie_scenario(kie_sandbox: "SandboxFixture", request: pytest.FixtureRequest) -> Callable[[Any], None]:
    """Adds states, faults and callbacks to the sandbox, from steps or from a file next to the test."""
    play: Callable[[Any], None] = _fixtures().scenario_fixture(kie_sandbox, request.path.parent)
    return play


@pytest.fixture
def kie_recordings(request: pytest.FixtureRequest) -> "Iterator[ReplayFixture]":
    """Replays a recording of this package by name, or a HAR file next to the test."""
    fixtures = _fixtures()
    from .testing import Sandbox

    recordings = Path(__file__).parent / "recordings"
    folder = request.path.parent
    with fixtures.replay_fixture(recordings, folder, Sandbox, _classes(), pytest.fail) as replay:
        yield replay
