from collections.abc import Iterator

import pytest

from kie_ideogram.testing import Sandbox, VirtualClock
from tests.sandbox.support import Caller

SIGNING_KEY = "kie-test-hmac-key"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def sandbox(clock: VirtualClock) -> Sandbox:
    """Used without a port; `test_client.py` and `test_cli.py` go through one."""
    return Sandbox(
        clock=clock,
        keys=("sandbox", "second"),
        balance=100,
        signing_key=SIGNING_KEY,
        signing_time=clock.now,
    )


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[Caller]:
    with Caller(sandbox) as caller:
        yield caller
