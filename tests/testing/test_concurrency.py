"""The fixtures under threads, asyncio tasks and processes: virtual time, and one task for each submission."""

import re

import pytest

from tests.testing.support import PICTURES, PLAIN

pytest_plugins = ["pytester"]

THREADS = """
@pytest.mark.kie_sandbox(balance=1e6)
def test(kie, kie_sandbox):
    before = kie_sandbox.clock.now()
    with ThreadPoolExecutor(COUNT) as pool:
        results = list(pool.map(lambda _: kie.character_edit.run(**GIVEN), range(COUNT)))
    assert len({result.task.id for result in results}) == COUNT == len(kie_sandbox.charges)
    print(f"took {kie_sandbox.clock.now() - before:.0f} s")
"""

GATHER = """
@pytest.mark.kie_sandbox(balance=1e6)
def test(async_kie, kie_sandbox):
    before = kie_sandbox.clock.now()
    async def main():
        return await asyncio.gather(*(async_kie.character_edit.run(**GIVEN) for _ in range(COUNT)))
    results = asyncio.run(main())
    assert len({result.task.id for result in results}) == COUNT == len(kie_sandbox.charges)
    print(f"took {kie_sandbox.clock.now() - before:.0f} s")
"""

SETTLED = """
@pytest.mark.kie_sandbox(balance=1e6)
def test(kie, kie_sandbox):
    before = kie_sandbox.clock.now()
    tasks = [kie.character_edit.submit(**GIVEN) for _ in range(COUNT)]
    assert sum(1 for task in kie.tasks.settled(tasks) if task.succeeded) == COUNT
    print(f"took {kie_sandbox.clock.now() - before:.0f} s")
"""

ASYNC_SETTLED = """
@pytest.mark.kie_sandbox(balance=1e6)
def test(async_kie, kie_sandbox):
    before = kie_sandbox.clock.now()
    async def main():
        tasks = [await async_kie.character_edit.submit(**GIVEN) for _ in range(COUNT)]
        return [task async for task in async_kie.tasks.settled(tasks)]
    assert sum(1 for task in asyncio.run(main()) if task.succeeded) == COUNT
    print(f"took {kie_sandbox.clock.now() - before:.0f} s")
"""


@pytest.fixture(autouse=True)
def no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


KINDS = {"threads": THREADS, "gather": GATHER, "settled": SETTLED, "async-settled": ASYNC_SETTLED}


# Submissions are 0.525 s apart, and each of the last tasks takes 18 s and at most one more poll.
# Many tasks need as many threads; asyncio and `settled` wait for any number in one place.
@pytest.mark.parametrize(
    ("kind", "count"),
    [*((kind, count) for kind in KINDS for count in (1, 10)), ("threads", 100), ("gather", 100)],
)
def test_tasks_end_in_the_time_that_they_take(pytester: pytest.Pytester, kind: str, count: int) -> None:
    pytester.makepyfile(PICTURES + KINDS[kind].replace("COUNT", str(count)))
    result = pytester.runpytest_inprocess(*PLAIN, "-W", "error", "-s")
    result.assert_outcomes(passed=1)
    found = re.search(r"took (\d+) s", result.stdout.str())
    assert found
    assert 18 <= int(found[1]) <= 18 + 20 + count * 0.6


def test_parallel_processes_have_separate_sandboxes(pytester: pytest.Pytester) -> None:
    for number, code in enumerate(KINDS.values()):
        pytester.makepyfile(**{f"test_{number}": PICTURES + code.replace("COUNT", "3")})
    pytester.runpytest_subprocess(*PLAIN, "-p", "xdist", "-n", "2").assert_outcomes(passed=4)
