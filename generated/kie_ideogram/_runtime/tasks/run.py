"""Runs a model from pictures to pictures: check, upload, submit, wait, save."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from ..contract.facts import place_of, taking
from ..contract.model import Repaint
from ..contract.pointer import get_pointer
from ..contract.pricing import price
from ..core.effects import Flow, Gather, NextEvent, RunBlocking
from ..core.errors import DownloadError, Fault, InvalidInputError
from ..media.files import named_by_content
from ..media.validate import ImageReport, PreparedImage, validate_images
from .plan import RunPlan, SheetInputs, encode_plan, make_plan, replace_plan
from .polling.wait import check_timeout, ended_task, subscribe, succeeded_task
from .results.download import check_folder, folder_faults, naming, save
from .results.progress import Progress, Reporter, Watcher
from .results.sidecar import RunInputs
from .results.view import TaskView, id_and_creation
from .submit.body import argument_faults, build_body, unknown_argument
from .submit.submit import create, existing_task

if TYPE_CHECKING:
    from ..contract.model import Model, Operation, Pointer
    from ..http.session import Session
    from ..journal.budget import Budget
    from .polling.poller import TaskPoller
    from .results.view import TaskFactory

T = TypeVar("T", bound=TaskView)


class DryRun(NamedTuple):
    """What a run would do. Nothing was sent.

    `request` is the body of the submission. The URL of a picture that is still to be uploaded is
    `urn:sha256:` and the hash of its content. `credits` is the declared price.
    """

    request: dict[str, Any]
    pictures: tuple[ImageReport, ...]
    credits: float | None

    def _repr_html_(self) -> str:
        from .results.notebook import dry_run_html  # imported only by notebooks

        return dry_run_html(self.request, self.pictures, self.credits)


class Result(NamedTuple, Generic[T]):
    """The succeeded task, its saved pictures, the body that was sent, and the checked pictures."""

    task: T
    paths: list[Path]
    request: dict[str, Any]
    pictures: tuple[ImageReport, ...]

    def _repr_html_(self) -> str:
        from .results.notebook import result_html  # imported only by notebooks

        return result_html(self.task, self.paths)

    def _repr_png_(self) -> bytes | None:
        from .results.notebook import png  # as above

        return png(self.paths)


class Submitted(NamedTuple, Generic[T]):
    """A task that exists, with the body that was sent and the checked pictures."""

    task: T
    request: dict[str, Any]
    pictures: tuple[ImageReport, ...]
    existed: bool
    """Whether its idempotency key had it before, so that the body was not sent now."""


ShareUpload = Callable[[str, Callable[[], Flow[str]]], Flow[str]]
"""Returns the URL of a content by its hash: of an earlier upload, or from the flow that uploads it."""


class TaskRun(Generic[T]):
    """One run of one model. `arguments` are the caller's, pictures included.

    `unknown` are the keyword arguments that `method`, which the caller called, does not have.
    For a run that is part of a batch, `share_upload` shares uploads with the other runs, and `budget` says
    what they may cost.
    """

    def __init__(
        self,
        session: Session,
        poller: TaskPoller,
        model: Model,
        arguments: dict[str, Any],
        unknown: Mapping[str, Any],
        method: Callable[..., Any],
        repaint: Repaint | None,
        watcher: Watcher | None = None,
        share_upload: ShareUpload | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._session = session
        self._poller = poller
        self._model = model
        self._arguments = arguments
        self._unknown = unknown
        self._method = method
        self._repaint: Repaint | None = repaint
        self._reporter = Reporter(watcher)
        self._share_upload = share_upload
        self._budget = budget

    def dry_run(self, save_to: str | PathLike[str] | None, timeout: float | None) -> Flow[DryRun]:
        """Check everything and send nothing. Raises `InvalidInputError`."""
        with self._reporting(), ExitStack() as stack:
            images = yield RunBlocking(partial(self._checked, stack, save_to))
            check_timeout(self._session, timeout)
            yield from self._reporter.flush()
            request = self._body(images, {})
            return DryRun(request, _reports(images), price(self._model, request))

    def submit(self, make_task: TaskFactory[T], idempotency_key: str | None) -> Flow[T]:
        """Check, upload and submit; do not wait."""
        return (yield from self.submitted(make_task, idempotency_key)).task

    def submitted(
        self,
        make_task: TaskFactory[T],
        idempotency_key: str | None,
        save_to: str | PathLike[str] | None = None,
    ) -> Flow[Submitted[T]]:
        """Check, upload and submit; return the task with what was sent.

        The caller will save the results in `save_to`.
        """
        with self._reporting(), ExitStack() as stack:
            images: list[PreparedImage] = yield RunBlocking(partial(self._checked, stack))
            plan = make_plan(save_to, _reports(images))
            return (yield from self._submit(images, make_task, idempotency_key, plan))

    def execute(
        self,
        make_task: TaskFactory[T],
        idempotency_key: str | None,
        save_to: str | PathLike[str] | None,
        overwrite: bool,
        timeout: float | None,
        *,
        contact_sheet: bool = False,
    ) -> Flow[Result[T]]:
        """Do everything. An error that is raised once the task exists carries its id.

        `contact_sheet`: the caller draws one. If this run is interrupted, the process that continues it does.
        """
        with self._reporting():
            return (
                yield from self._execute(
                    make_task, idempotency_key, save_to, overwrite, timeout, contact_sheet
                )
            )

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._reporter.close()

    def _execute(
        self,
        make_task: TaskFactory[T],
        idempotency_key: str | None,
        save_to: str | PathLike[str] | None,
        overwrite: bool,
        timeout: float | None,
        contact_sheet: bool,
    ) -> Flow[Result[T]]:
        with ExitStack() as stack:
            images: list[PreparedImage] = yield RunBlocking(partial(self._checked, stack, save_to))
            # What is needed after the task is paid for is checked before it is.
            end = self._session.clock.monotonic() + check_timeout(self._session, timeout)
            if save_to is not None:
                try:
                    save_to = yield RunBlocking(partial(check_folder, save_to, "save_to"))
                except DownloadError as error:  # nothing is paid yet, and there is nothing to download
                    raise InvalidInputError([Fault("save_to", "folder", str(error))]) from error
            sheet = self.sheet_inputs() if contact_sheet else None
            plan = make_plan(save_to, _reports(images), overwrite=overwrite, sheet=sheet)
            submitted = yield from self._submit(images, make_task, idempotency_key, plan)
        task, request, pictures, existed = submitted
        with naming(task):
            left = max(0.0, end - self._session.clock.monotonic())
            wait = self._session.workflow.wait.deadline if timeout is None else left
            task = yield from self._follow(task, make_task, wait)
            if existed:
                # Only the service knows which links its pictures had.
                request = task.request or request
            paths: list[Path] = []
            if save_to is None:
                task = succeeded_task(self._session, task)
            else:
                inputs = RunInputs(request, pictures)
                paths = yield from save(self._session, task, save_to, overwrite, self._reporter, inputs)
            yield from self._reporter.flush()
        return Result(task, paths, request, pictures)

    def _submit(
        self,
        images: list[PreparedImage],
        make_task: TaskFactory[T],
        idempotency_key: str | None,
        plan: RunPlan,
    ) -> Flow[Submitted[T]]:
        # Links change with each upload and contents do not: contents decide whether a request is the same.
        identity = self._body(images, {})
        task = yield from existing_task(self._session, self._model, identity, make_task, idempotency_key)
        if task is not None:
            if plan.save_to is not None:  # otherwise, the folder of the first run stays
                yield from replace_plan(self._session, task.id, plan)
            return Submitted(task, identity, _reports(images), existed=True)
        request = self._body(images, (yield from self._upload_all(images)))
        self._reporter.report(Progress("create"))
        yield from self._reporter.flush()
        task = yield from create(
            self._session,
            self._model,
            request,
            make_task,
            idempotency_key,
            identity,
            budget=self._budget,
            plan=encode_plan(plan),
        )
        return Submitted(task, request, _reports(images), existed=False)

    def _checked(self, stack: ExitStack, save_to: str | PathLike[str] | None = None) -> list[PreparedImage]:
        """Check all arguments, and raise everything that is wrong with them at once."""
        faults: list[Fault] = []
        images = {image.path: image.argument for image in self._model.images}
        faults += [unknown_argument(self._model, name, self._method) for name in self._unknown]
        faults += folder_faults(save_to, "save_to")
        prepared = validate_images(self._model, self._arguments, self._repaint, stack, faults)
        named = {fault.path.partition("[")[0] for fault in faults}
        urls = {
            argument.name: images[argument.path]
            for argument in self._model.arguments
            if argument.path in images
        }
        for fault in argument_faults(self._session, self._model, self._body(prepared, {})):
            fault = fault._replace(path=urls.get(fault.path, fault.path))  # the caller's name
            if fault.path not in named:
                faults.append(fault)
        if taking(self._session.contract, "file.content") is None:
            faults += [
                Fault(image.report.argument, "upload", "must be a URL: the service takes no uploads")
                for image in prepared
                if image.file
            ]
        if faults:
            raise InvalidInputError(faults)
        for image in prepared:
            for note in image.report.notes or ("",):
                self._reporter.report(Progress("check", image.report.argument, note=note))
        return prepared

    def sheet_inputs(self) -> SheetInputs:
        """Return what a contact sheet shows of the inputs: the pictures as they were passed."""
        names = [image.argument for image in self._model.images]
        given = {name: self._arguments[name] for name in names if self._arguments.get(name) is not None}
        return SheetInputs(given, self._repaint)

    def _body(self, images: list[PreparedImage], urls: Mapping[str, str]) -> dict[str, Any]:
        """Build the body of the submission, with a URL for each picture."""
        arguments = dict(self._arguments)
        names: dict[Pointer, str] = {argument.path: argument.name for argument in self._model.arguments}
        for declared in self._model.images:
            links = [_url(image.report, urls) for image in images if image.image is declared]
            arguments.pop(declared.argument, None)
            arguments[names[declared.path]] = (links or None) if declared.listed else next(iter(links), None)
        return build_body(self._session, self._model, arguments)

    def _upload_all(self, images: list[PreparedImage]) -> Flow[dict[str, str]]:
        """Upload each content once, and return the URLs by hash."""
        contents = {image.report.sha256: image for image in images if image.file}
        if not contents:
            return {}
        operation = taking(self._session.contract, "file.content")
        assert operation, "an API whose models take files has one"
        flows = [self._upload_once(operation, sha256, one) for sha256, one in contents.items()]
        urls: list[str] = yield Gather(flows)
        return dict(zip(contents, urls, strict=True))

    def _upload_once(self, operation: Operation, sha256: str, image: PreparedImage) -> Flow[str]:
        if self._share_upload is None:
            return self._upload(operation, image)
        return self._share_upload(sha256, partial(self._upload, operation, image))

    def _upload(self, operation: Operation, image: PreparedImage) -> Flow[str]:
        assert image.file
        names = {argument.holds: argument.name for argument in operation.arguments}
        count = self._reporter.byte_counter("upload", image.report.argument)
        content = {
            names["file.content"]: named_by_content(
                image.report.name, image.file, image.report.argument, count
            )
        }
        data = yield from self._session.call(operation.name, content)
        place = place_of(operation.reply, "file.url")
        assert place is not None, "an operation that takes a file replies with its URL"
        url: str = get_pointer(data, place)
        return url

    def _follow(self, task: T, make_task: TaskFactory[T], timeout: float | None) -> Flow[T]:
        """Wait for the task, and report each change of its state."""
        yield from self._report(task)
        idempotency_key = task.idempotency_key
        subscription = subscribe(
            self._session,
            self._poller,
            [id_and_creation(task)],
            make_task,
            timeout,
            yields_changes=True,
        )
        try:
            while subscription.pending or subscription.events:
                task = yield NextEvent(self._poller, subscription)
                task.idempotency_key = idempotency_key
                yield from self._report(task)
        finally:
            self._poller.unsubscribe(subscription)
        return ended_task(self._session, task)

    def _report(self, task: T) -> Flow[None]:
        self._reporter.report(Progress("task", task_id=task.id, state=str(task.state)))
        yield from self._reporter.flush()


def _reports(images: list[PreparedImage]) -> tuple[ImageReport, ...]:
    return tuple(image.report for image in images)


def _url(report: ImageReport, urls: Mapping[str, str]) -> str:
    return report.url or urls.get(report.sha256, f"urn:sha256:{report.sha256}")
