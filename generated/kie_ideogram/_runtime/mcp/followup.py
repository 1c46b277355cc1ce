"""What follows a submission: status, waiting, saving, and the submissions that need attention."""

import asyncio
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract.facts import balance_of, task_resource
from ..contract.model import Operation
from ..core.errors import TaskFailedError, TaskTimeoutError
from ..tasks.polling.wait import succeeded_task
from ..tasks.results.facts import task_facts
from .answers import Answer, unknown_facts
from .paying.spending import Spending, amount
from .progress import Report, WaitProgress
from .thumbnails import thumbnails

if TYPE_CHECKING:
    from ..client import AsyncClient

WAIT = 45.0
"""Seconds that a call waits unless the agent says otherwise. Many agents give up after a minute."""


class FollowUp:
    """Reads tasks, saves results and lists submissions."""

    def __init__(self, client: "AsyncClient[Any]", spending: Spending, save_to: Path, command: str) -> None:
        self._client: Any = client  # with the resources that the package adds
        self._contract = client._session.contract
        self._tasks = getattr(self._client, task_resource(self._contract))
        self._spending = spending
        self._save_to = save_to
        self._command = command

    async def status(self, arguments: dict[str, Any]) -> Answer:
        """Read a task once."""
        return await self._task_answer(await self._tasks.get(arguments["task_id"]))

    async def wait(self, arguments: dict[str, Any], report: Report) -> Answer:
        """Wait for a task, at most for the given seconds, and report each change of its state."""
        task_id, seconds = arguments["task_id"], arguments.get("seconds", WAIT)
        session = self._client._session
        progress = WaitProgress(session.clock, seconds, report, f"task {task_id}")
        task = self._client._context.make_task(task_id, {}, None)
        try:
            async with progress.repeated():
                async for read in task.updates(seconds):
                    task = read
                    progress.message = f"task {task_id}: {task.state}"
                    await progress.send()
            succeeded_task(session, task)
        except TaskFailedError as error:
            task = error.task
        except TaskTimeoutError:
            message = "The task has not ended yet. It continues. Call wait_for_task again."
            return Answer({"task": {"id": task_id}, "ended": False, "next": message})
        return await self._task_answer(task)

    async def save(self, arguments: dict[str, Any]) -> Answer:
        """Save the results of a task."""
        task = await self._tasks.get(arguments["task_id"])
        paths = await task.save(self._save_to)
        answer = await self._task_answer(task)
        pictures = await asyncio.to_thread(thumbnails, paths)
        facts = answer.facts | {"paths": [str(path.absolute()) for path in paths]}
        del facts["next"]
        return Answer(facts, tuple(pictures))

    async def credits(self, operation: Operation, arguments: dict[str, Any]) -> Answer:
        """Read the credits of the account, with the operation that returns them."""
        credits_ = balance_of(operation, await attrgetter(operation.call)(self._client)())
        return Answer(
            {
                **amount(credits_, self._contract.credit_price),
                "budget_left": await asyncio.to_thread(self._spending.left),
            }
        )

    async def submissions(self, arguments: dict[str, Any]) -> Answer:
        """List the submissions that need attention."""
        unknown = [
            unknown_facts(one.idempotency_key, one.task_id, "its outcome is unknown", self._command)
            | {"model": one.model, "sent_at": one.sent_at.isoformat(), "credits": one.credits}
            for one in await self._client.unknown()
        ]
        unfinished = [
            {"id": task.id, "idempotency_key": task.idempotency_key} for task in await self._client.resume()
        ]
        duplicates = [one._asdict() for one in await self._client.duplicate_charges()]
        return Answer(
            {
                "unknown": unknown,
                "unfinished": unfinished,
                "charged_twice": duplicates,
                "next": "Call wait_for_task and save_results for each unfinished task."
                if unfinished
                else "No task is left to save.",
            }
        )

    async def attach(self, arguments: dict[str, Any]) -> Answer:
        """Settle an unknown submission with its task."""
        task = await self._client.attach(arguments["idempotency_key"], arguments["task_id"])
        return await self._task_answer(task)

    async def _task_answer(self, task: Any) -> Answer:
        if task.succeeded or task.failed:
            if task.credits is not None:
                await asyncio.to_thread(self._spending.settle, task.id, task.credits)
            text = "Call save_results." if task.succeeded else "There is nothing to save."
        else:
            text = "Call wait_for_task."
        ended = task.succeeded or task.failed
        return Answer({"task": task_facts(task), "ended": ended, "next": text})
