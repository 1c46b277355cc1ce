"""From pictures to pictures in one flow: check, upload, create, wait, save."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from ..contract.model import Model, Operation, Pointer
from ..contract.pricing import price
from ..contract.suggest import did_you_mean
from ..core.effects import Do, Flow, News, Together
from ..core.errors import Fault, InvalidInputError, KieError
from ..http.session import Core, Give
from ..media.files import metered
from ..media.validate import Found, Ready, Repaint, preflight
from .polling.poller import Schedule
from .polling.wait import judged, seated, seconds
from .results.download import folder_at, save
from .results.progress import Progress, Reporter, Watcher
from .results.sidecar import Origin
from .submit.submit import create, existing

if TYPE_CHECKING:
    from .task import TaskView

T = TypeVar("T", bound="TaskView")


class DryRun(NamedTuple):
    """What a run would do. Nothing was sent.

    `request` is the create call's body; where a picture is still to be uploaded, its URL is
    `urn:sha256:` and the hash of what would be uploaded. `credits` is the declared price.
    """

    request: dict[str, Any]
    pictures: tuple[Found, ...]
    credits: float | None


class Result(NamedTuple, Generic[T]):
    """What a run came to: the succeeded task, its saved pictures, what was sent and found out before."""

    task: T
    paths: list[Path]
    request: dict[str, Any]
    pictures: tuple[Found, ...]


class Job(Generic[T]):
    """One run of one model. `given` holds the pictures and the other arguments by the caller's names."""

    def __init__(
        self,
        core: Core,
        schedule: Schedule,
        model: Model,
        given: dict[str, Any],
        unknown: Mapping[str, Any],
        repaint: Repaint | None,
        watcher: Watcher | None = None,
    ) -> None:
        self._core = core
        self._schedule = schedule
        self._model = model
        self._given = given
        self._unknown = unknown
        self._repaint: Repaint | None = repaint
        self._reporter = Reporter(watcher)

    def rehearse(self) -> Flow[DryRun]:
        """Check everything, send nothing. Raises `InvalidInputError`."""
        with ExitStack() as stack:
            ready = yield Do(partial(self._checked, stack))
            request = self._body(ready, {})
            found = tuple(picture.found for picture in ready)
            return DryRun(request, found, price(self._model, request))

    def perform(
        self,
        give: Give[T],
        key: str | None,
        save_to: str | PathLike[str] | None,
        overwrite: bool,
        timeout: float | None,
    ) -> Flow[Result[T]]:
        """Do all of it. Whatever is raised once the task exists carries its id."""
        with ExitStack() as stack:
            ready: list[Ready] = yield Do(partial(self._checked, stack))
            # What comes after the task is paid for is checked before it is.
            timeout = seconds(self._core, timeout)
            if save_to is not None:
                save_to = yield Do(partial(folder_at, save_to, "save_to"))
            found = tuple(picture.found for picture in ready)
            # Links change with every upload, contents do not: they say whether a key's request is the same.
            request = identity = self._body(ready, {})
            task = yield from existing(self._core, self._model, identity, give, key)
            known = task is not None
            if task is None:
                request = self._body(ready, (yield from self._uploaded(ready)))
        if task is None:
            self._reporter.tell(Progress("create"))
            task = yield from create(self._core, self._model, request, give, key, identity)
        try:
            settled = yield from self._followed(task, give, timeout)
            if known:
                # Which links its pictures had is not known here, but to the service.
                request = settled.request or request
            paths: list[Path] = []
            if save_to is not None:
                origin = Origin(request, found)
                paths = yield from save(self._core, settled, save_to, overwrite, self._reporter, origin)
        except BaseException as error:
            if isinstance(error, KieError):
                error.task_id = error.task_id or task.id
            error.add_note(
                f"task {task.id} was created and is paid for; it can be waited for and saved by its id"
            )
            raise
        return Result(settled, paths, request, found)

    def _checked(self, stack: ExitStack) -> list[Ready]:
        """Everything that is wrong with the arguments, at once."""
        faults: list[Fault] = []
        images = {image.path: image.argument for image in self._model.images}
        names = [images.get(argument.path, argument.name) for argument in self._model.arguments]
        for name in self._unknown:
            message = f"no such argument; the arguments are {', '.join(names)}{did_you_mean(name, names)}"
            faults.append(Fault(name, "additionalProperties", message))
        ready = preflight(self._model, self._given, self._repaint, stack, faults)
        said = {fault.path.partition("[")[0] for fault in faults}
        for fault in self._core.faults(self._model, self._body(ready, {})):
            name = next((images[path] for path in images if fault.path == ".".join(path)), fault.path)
            if name not in said:
                faults.append(fault._replace(path=name))
        if faults:
            raise InvalidInputError(faults)
        for picture in ready:
            for note in picture.found.notes or ("",):
                self._reporter.tell(Progress("check", picture.found.argument, note=note))
        return ready

    def _body(self, ready: list[Ready], urls: Mapping[str, str]) -> dict[str, Any]:
        """The create call's body, with a picture's URL wherever the picture stands."""
        given = dict(self._given)
        names: dict[Pointer, str] = {argument.path: argument.name for argument in self._model.arguments}
        for image in self._model.images:
            links = [_link(picture.found, urls) for picture in ready if picture.image is image]
            given.pop(image.argument, None)
            given[names[image.path]] = (links or None) if image.listed else next(iter(links), None)
        return self._core.body(self._model, given, {})

    def _uploaded(self, ready: list[Ready]) -> Flow[dict[str, str]]:
        """Upload each content once; return the URL of each by its hash."""
        contents = {picture.found.sha256: picture for picture in ready if picture.file}
        operation = _uploads(self._core)
        links: list[str] = yield Together([self._upload(operation, one) for one in contents.values()])
        return dict(zip(contents, links, strict=True))

    def _upload(self, operation: Operation, picture: Ready) -> Flow[str]:
        assert picture.file
        held = {argument.holds: argument.name for argument in operation.arguments}
        file = metered(picture.file, self._reporter.bytes_of("upload", picture.found.argument))
        data = yield from self._core.call(operation.name, {held["file.content"]: (picture.found.name, file)})
        assert isinstance(operation.reply, dict)
        url: str = next(data[name] for name, holds in operation.reply.items() if holds == "file.url")
        return url

    def _followed(self, task: T, give: Give[T], timeout: float | None) -> Flow[T]:
        self._tell(task)
        created = self._core.clock()
        seat = seated(self._core, self._schedule, [(task.id, created)], give, timeout, changes=True)
        try:
            while seat.open or seat.ready:
                task = yield News(self._schedule, seat)
                self._tell(task)
        finally:
            self._schedule.leave(seat)
        return judged(self._core, task)

    def _tell(self, task: T) -> None:
        self._reporter.tell(Progress("task", task_id=task.id, state=str(task.state)))


def _link(found: Found, urls: Mapping[str, str]) -> str:
    return found.url or urls.get(found.sha256, f"urn:sha256:{found.sha256}")


def _uploads(core: Core) -> Operation:
    """The operation that takes a file as it is."""
    return next(
        operation
        for operation in core.contract.operations.values()
        if any(argument.holds == "file.content" for argument in operation.arguments)
    )
