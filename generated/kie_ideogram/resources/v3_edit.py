# Generated from spec/ by `make generate`. Do not edit.
"""ideogram/v3-edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Never, overload

from .._declared.v3_edit import MODEL
from .._runtime.contract.wrong_arguments import accept_missing_keywords
from .._runtime.http.transport.raw_response import async_raw, raw
from .._runtime.tasks.submit.body import build_body
from .._runtime.tasks.submit.submit import create
from ..task import AsyncTask, Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from .._runtime.media.inputs import Picture
    from .._runtime.tasks.context import AsyncContext, SyncContext
    from .._runtime.tasks.results.progress import Progress
    from .._runtime.tasks.run import DryRun, Result
    from ..models.v3_edit_input_rendering_speed import V3EditInputRenderingSpeed


class V3Edit:
    """Repaint the masked region of an image."""

    __slots__ = ("_context",)

    def __init__(self, context: SyncContext[Task]) -> None:
        self._context = context

    @property
    def with_raw_response(self) -> V3EditWithRawResponse:
        """The same calls, which also return the HTTP response."""
        return V3EditWithRawResponse(self)

    @accept_missing_keywords
    def create(
        self,
        *,
        prompt: str,
        image_url: str,
        mask_url: str,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **unknown: Never,
    ) -> Task:
        """Repaint the masked region of an image.

        Sends one request and returns the task at once; call its `wait` for the result. Arguments that are
        None are left out, so that the service's defaults apply.
        Documentation: https://docs.kie.ai/market/ideogram/v3-edit

        Args:
            prompt: Text that describes what to paint into the masked region. At most 5000 characters.
            image_url: The image to edit. It must be JPEG, PNG or WebP, at most 10.0 MB, and have the
                same pixel size as the mask.
            mask_url: The mask that marks the region to repaint. It must be JPEG, PNG or WebP, at most
                10.0 MB, and have the same pixel size as the image. The service does not document which
                mask colour is repainted.
            rendering_speed: Balance between rendering speed and quality. It sets the price per image.
                The service's default is 'BALANCED'.
            expand_prompt: Expand the prompt with the service's MagicPrompt before rendering. The
                service's default is True.
            seed: Seed of the random number generator.
            call_back_url: URL to which the service POSTs the task when it succeeds or fails. It must
                accept a JSON POST. The service recommends callbacks instead of polling in production.
            idempotency_key: Your name for this submission, such as an order number; needs a journal. The
                same key always returns the same task, whatever happened in between.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        A submission that was refused for too many requests is sent again, 5 times in all, after the
        time that the service asks for, at most 120 s each time. Nothing else is repeated.

        Raises:
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused; there is no task. One subclass for each declared code.
            ServiceUnreachableError: No connection was made; nothing was sent.
            CallTimeoutError: The time ended; nothing was sent, or what was sent was refused.
            JournalError: The journal cannot be written, so nothing was sent.
            SubmissionUnknownError: It was sent and its outcome is unknown; do not simply repeat it.
        """
        arguments: dict[str, Any] = {
            "prompt": prompt,
            "image_url": image_url,
            "mask_url": mask_url,
            "rendering_speed": rendering_speed,
            "expand_prompt": expand_prompt,
            "seed": seed,
            "call_back_url": call_back_url,
        }
        session = self._context.session
        body = build_body(session, MODEL, arguments, unknown, self.create)
        return self._context.run(
            create(session, MODEL, body, self._context.make_task, idempotency_key, from_arguments=True),
            timeout,
        )

    @accept_missing_keywords
    def submit(
        self,
        *,
        prompt: str,
        image: Picture,
        mask: Picture,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        repaint: Literal["black", "white"] | None = None,
        idempotency_key: str | None = None,
        progress: Callable[[Progress], object] | None = None,
        timeout: float | None = None,
        **unknown: Never,
    ) -> Task:
        """Check the pictures, upload each once, and create the task. Does not wait for it.

        It is the first part of `run`, and takes the same arguments.

        Args:
            prompt: Text that describes what to paint into the masked region. At most 5000 characters.
            image: A picture to upload, or its URL; sent as `image_url`. The image to edit. It must be
                JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as the mask.
            mask: A picture to upload, or its URL; sent as `mask_url`. The mask that marks the region
                to repaint. It must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as
                the image. The service does not document which mask colour is repainted.
            rendering_speed: Balance between rendering speed and quality. It sets the price per image.
                The service's default is 'BALANCED'.
            expand_prompt: Expand the prompt with the service's MagicPrompt before rendering. The
                service's default is True.
            seed: Seed of the random number generator.
            call_back_url: URL to which the service POSTs the task when it succeeds or fails. It must
                accept a JSON POST. The service recommends callbacks instead of polling in production.
            repaint: The colour of the mask that marks what is to be repainted; see `run`.
            idempotency_key: Your name for this submission; see `create`.
            progress: Called with each step.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            InvalidInputError: The arguments or pictures break the contract; no task was created.
            KieError: What uploading and `create` raise.
        """
        from .._runtime.tasks.run import TaskRun

        arguments: dict[str, Any] = {
            "prompt": prompt,
            "image": image,
            "mask": mask,
            "rendering_speed": rendering_speed,
            "expand_prompt": expand_prompt,
            "seed": seed,
            "call_back_url": call_back_url,
        }
        context = self._context
        task_run: TaskRun[Task] = TaskRun(
            context.session, context.poller, MODEL, arguments, unknown, self.submit, repaint, progress
        )
        return self._context.run(task_run.submit(context.make_task, idempotency_key), timeout)

    @overload
    def run(
        self,
        *,
        prompt: str,
        image: Picture,
        mask: Picture,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        repaint: Literal["black", "white"] | None = None,
        idempotency_key: str | None = None,
        save_to: str | PathLike[str] | None = None,
        overwrite: bool = False,
        progress: Callable[[Progress], object] | None = None,
        timeout: float | None = None,
        dry_run: Literal[False] = False,
        **unknown: Never,
    ) -> Result[Task]: ...

    @overload
    def run(
        self,
        *,
        prompt: str,
        image: Picture,
        mask: Picture,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        repaint: Literal["black", "white"] | None = None,
        idempotency_key: str | None = None,
        save_to: str | PathLike[str] | None = None,
        overwrite: bool = False,
        progress: Callable[[Progress], object] | None = None,
        timeout: float | None = None,
        dry_run: Literal[True],
        **unknown: Never,
    ) -> DryRun: ...

    @overload
    def run(
        self,
        *,
        prompt: str,
        image: Picture,
        mask: Picture,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        repaint: Literal["black", "white"] | None = None,
        idempotency_key: str | None = None,
        save_to: str | PathLike[str] | None = None,
        overwrite: bool = False,
        progress: Callable[[Progress], object] | None = None,
        timeout: float | None = None,
        dry_run: bool,
        **unknown: Never,
    ) -> Result[Task] | DryRun: ...

    @accept_missing_keywords
    def run(
        self,
        *,
        prompt: str,
        image: Picture,
        mask: Picture,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        repaint: Literal["black", "white"] | None = None,
        idempotency_key: str | None = None,
        save_to: str | PathLike[str] | None = None,
        overwrite: bool = False,
        progress: Callable[[Progress], object] | None = None,
        timeout: float | None = None,
        dry_run: bool = False,
        **unknown: Never,
    ) -> Result[Task] | DryRun:
        """Repaint the masked region of an image.

        Does everything in one call: checks the pictures, uploads each once, creates the task, waits for
        it, and saves its results. A picture is a path, bytes, an open binary file, a Pillow image, or an
        http(s) URL, which is passed on unchanged. Each is checked before anything is sent. The `notes` of
        the result's `pictures` name the checks that could not be made.

        Mask colours: kie.ai does not document this. Ideogram's own guide for its masked edit says that black is
        repainted and white is preserved.
        `repaint` is the colour of your mask that marks what is to be repainted. The mask is sent with that
        region black; if needed, black and white are exchanged without loss. Without `repaint` the mask is sent
        unchanged. The service does not document its convention: try one cheap picture first.
        Documentation: https://docs.kie.ai/market/ideogram/v3-edit

        Args:
            prompt: Text that describes what to paint into the masked region. At most 5000 characters.
            image: A picture to upload, or its URL; sent as `image_url`. The image to edit. It must be
                JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as the mask.
            mask: A picture to upload, or its URL; sent as `mask_url`. The mask that marks the region
                to repaint. It must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as
                the image. The service does not document which mask colour is repainted.
            rendering_speed: Balance between rendering speed and quality. It sets the price per image.
                The service's default is 'BALANCED'.
            expand_prompt: Expand the prompt with the service's MagicPrompt before rendering. The
                service's default is True.
            seed: Seed of the random number generator.
            call_back_url: URL to which the service POSTs the task when it succeeds or fails. It must
                accept a JSON POST. The service recommends callbacks instead of polling in production.
            repaint: The colour of the mask that marks what is to be repainted.
            idempotency_key: Your name for this submission; see `create`.
            save_to: Folder for the results and the record of what made them; not saved unless given.
            overwrite: Whether existing files of the same names are replaced.
            progress: Called with each step.
            timeout: Seconds for the whole call, saving included. Unless given, the wait for the task ends
                after 900 s.
            dry_run: Check everything, send nothing, and return the request.

        Raises:
            InvalidInputError: The arguments or pictures break the contract; no task was created.
            KieError: What uploading, `create`, `wait` and `save` raise; with the task's id once there is one.
        """
        from .._runtime.tasks.run import TaskRun

        arguments: dict[str, Any] = {
            "prompt": prompt,
            "image": image,
            "mask": mask,
            "rendering_speed": rendering_speed,
            "expand_prompt": expand_prompt,
            "seed": seed,
            "call_back_url": call_back_url,
        }
        context = self._context
        task_run: TaskRun[Task] = TaskRun(
            context.session, context.poller, MODEL, arguments, unknown, self.run, repaint, progress
        )
        if dry_run:
            return self._context.run(task_run.dry_run(save_to, timeout))
        return self._context.run(
            task_run.execute(context.make_task, idempotency_key, save_to, overwrite, timeout), timeout
        )


class V3EditWithRawResponse:
    """Calls of `V3Edit` that return a `RawResponse`."""

    def __init__(self, resource: V3Edit) -> None:
        self.create = raw(resource.create)


class AsyncV3Edit:
    """Repaint the masked region of an image."""

    __slots__ = ("_context",)

    def __init__(self, context: AsyncContext[AsyncTask]) -> None:
        self._context = context

    @property
    def with_raw_response(self) -> AsyncV3EditWithRawResponse:
        """The same calls, which also return the HTTP response."""
        return AsyncV3EditWithRawResponse(self)

    @accept_missing_keywords
    async def create(
        self,
        *,
        prompt: str,
        image_url: str,
        mask_url: str,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **unknown: Never,
    ) -> AsyncTask:
        """Repaint the masked region of an image.

        Sends one request and returns the task at once; call its `wait` for the result. Arguments that are
        None are left out, so that the service's defaults apply.
        Documentation: https://docs.kie.ai/market/ideogram/v3-edit

        Args:
            prompt: Text that describes what to paint into the masked region. At most 5000 characters.
            image_url: The image to edit. It must be JPEG, PNG or WebP, at most 10.0 MB, and have the
                same pixel size as the mask.
            mask_url: The mask that marks the region to repaint. It must be JPEG, PNG or WebP, at most
                10.0 MB, and have the same pixel size as the image. The service does not document which
                mask colour is repainted.
            rendering_speed: Balance between rendering speed and quality. It sets the price per image.
                The service's default is 'BALANCED'.
            expand_prompt: Expand the prompt with the service's MagicPrompt before rendering. The
                service's default is True.
            seed: Seed of the random number generator.
            call_back_url: URL to which the service POSTs the task when it succeeds or fails. It must
                accept a JSON POST. The service recommends callbacks instead of polling in production.
            idempotency_key: Your name for this submission, such as an order number; needs a journal. The
                same key always returns the same task, whatever happened in between.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        A submission that was refused for too many requests is sent again, 5 times in all, after the
        time that the service asks for, at most 120 s each time. Nothing else is repeated.

        Raises:
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused; there is no task. One subclass for each declared code.
            ServiceUnreachableError: No connection was made; nothing was sent.
            CallTimeoutError: The time ended; nothing was sent, or what was sent was refused.
            JournalError: The journal cannot be written, so nothing was sent.
            SubmissionUnknownError: It was sent and its outcome is unknown; do not simply repeat it.
        """
        arguments: dict[str, Any] = {
            "prompt": prompt,
            "image_url": image_url,
            "mask_url": mask_url,
            "rendering_speed": rendering_speed,
            "expand_prompt": expand_prompt,
            "seed": seed,
            "call_back_url": call_back_url,
        }
        session = self._context.session
        body = build_body(session, MODEL, arguments, unknown, self.create)
        return await self._context.run(
            create(session, MODEL, body, self._context.make_task, idempotency_key, from_arguments=True),
            timeout,
        )

    @accept_missing_keywords
    async def submit(
        self,
        *,
        prompt: str,
        image: Picture,
        mask: Picture,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        repaint: Literal["black", "white"] | None = None,
        idempotency_key: str | None = None,
        progress: Callable[[Progress], object] | None = None,
        timeout: float | None = None,
        **unknown: Never,
    ) -> AsyncTask:
        """Check the pictures, upload each once, and create the task. Does not wait for it.

        It is the first part of `run`, and takes the same arguments.

        Args:
            prompt: Text that describes what to paint into the masked region. At most 5000 characters.
            image: A picture to upload, or its URL; sent as `image_url`. The image to edit. It must be
                JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as the mask.
            mask: A picture to upload, or its URL; sent as `mask_url`. The mask that marks the region
                to repaint. It must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as
                the image. The service does not document which mask colour is repainted.
            rendering_speed: Balance between rendering speed and quality. It sets the price per image.
                The service's default is 'BALANCED'.
            expand_prompt: Expand the prompt with the service's MagicPrompt before rendering. The
                service's default is True.
            seed: Seed of the random number generator.
            call_back_url: URL to which the service POSTs the task when it succeeds or fails. It must
                accept a JSON POST. The service recommends callbacks instead of polling in production.
            repaint: The colour of the mask that marks what is to be repainted; see `run`.
            idempotency_key: Your name for this submission; see `create`.
            progress: Called with each step.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            InvalidInputError: The arguments or pictures break the contract; no task was created.
            KieError: What uploading and `create` raise.
        """
        from .._runtime.tasks.run import TaskRun

        arguments: dict[str, Any] = {
            "prompt": prompt,
            "image": image,
            "mask": mask,
            "rendering_speed": rendering_speed,
            "expand_prompt": expand_prompt,
            "seed": seed,
            "call_back_url": call_back_url,
        }
        context = self._context
        task_run: TaskRun[AsyncTask] = TaskRun(
            context.session, context.poller, MODEL, arguments, unknown, self.submit, repaint, progress
        )
        return await self._context.run(task_run.submit(context.make_task, idempotency_key), timeout)

    @overload
    async def run(
        self,
        *,
        prompt: str,
        image: Picture,
        mask: Picture,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        repaint: Literal["black", "white"] | None = None,
        idempotency_key: str | None = None,
        save_to: str | PathLike[str] | None = None,
        overwrite: bool = False,
        progress: Callable[[Progress], object] | None = None,
        timeout: float | None = None,
        dry_run: Literal[False] = False,
        **unknown: Never,
    ) -> Result[AsyncTask]: ...

    @overload
    async def run(
        self,
        *,
        prompt: str,
        image: Picture,
        mask: Picture,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        repaint: Literal["black", "white"] | None = None,
        idempotency_key: str | None = None,
        save_to: str | PathLike[str] | None = None,
        overwrite: bool = False,
        progress: Callable[[Progress], object] | None = None,
        timeout: float | None = None,
        dry_run: Literal[True],
        **unknown: Never,
    ) -> DryRun: ...

    @overload
    async def run(
        self,
        *,
        prompt: str,
        image: Picture,
        mask: Picture,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        repaint: Literal["black", "white"] | None = None,
        idempotency_key: str | None = None,
        save_to: str | PathLike[str] | None = None,
        overwrite: bool = False,
        progress: Callable[[Progress], object] | None = None,
        timeout: float | None = None,
        dry_run: bool,
        **unknown: Never,
    ) -> Result[AsyncTask] | DryRun: ...

    @accept_missing_keywords
    async def run(
        self,
        *,
        prompt: str,
        image: Picture,
        mask: Picture,
        rendering_speed: V3EditInputRenderingSpeed | Literal["TURBO", "BALANCED", "QUALITY"] | None = None,
        expand_prompt: bool | None = None,
        seed: int | None = None,
        call_back_url: str | None = None,
        repaint: Literal["black", "white"] | None = None,
        idempotency_key: str | None = None,
        save_to: str | PathLike[str] | None = None,
        overwrite: bool = False,
        progress: Callable[[Progress], object] | None = None,
        timeout: float | None = None,
        dry_run: bool = False,
        **unknown: Never,
    ) -> Result[AsyncTask] | DryRun:
        """Repaint the masked region of an image.

        Does everything in one call: checks the pictures, uploads each once, creates the task, waits for
        it, and saves its results. A picture is a path, bytes, an open binary file, a Pillow image, or an
        http(s) URL, which is passed on unchanged. Each is checked before anything is sent. The `notes` of
        the result's `pictures` name the checks that could not be made.

        Mask colours: kie.ai does not document this. Ideogram's own guide for its masked edit says that black is
        repainted and white is preserved.
        `repaint` is the colour of your mask that marks what is to be repainted. The mask is sent with that
        region black; if needed, black and white are exchanged without loss. Without `repaint` the mask is sent
        unchanged. The service does not document its convention: try one cheap picture first.
        Documentation: https://docs.kie.ai/market/ideogram/v3-edit

        Args:
            prompt: Text that describes what to paint into the masked region. At most 5000 characters.
            image: A picture to upload, or its URL; sent as `image_url`. The image to edit. It must be
                JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as the mask.
            mask: A picture to upload, or its URL; sent as `mask_url`. The mask that marks the region
                to repaint. It must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as
                the image. The service does not document which mask colour is repainted.
            rendering_speed: Balance between rendering speed and quality. It sets the price per image.
                The service's default is 'BALANCED'.
            expand_prompt: Expand the prompt with the service's MagicPrompt before rendering. The
                service's default is True.
            seed: Seed of the random number generator.
            call_back_url: URL to which the service POSTs the task when it succeeds or fails. It must
                accept a JSON POST. The service recommends callbacks instead of polling in production.
            repaint: The colour of the mask that marks what is to be repainted.
            idempotency_key: Your name for this submission; see `create`.
            save_to: Folder for the results and the record of what made them; not saved unless given.
            overwrite: Whether existing files of the same names are replaced.
            progress: Called with each step.
            timeout: Seconds for the whole call, saving included. Unless given, the wait for the task ends
                after 900 s.
            dry_run: Check everything, send nothing, and return the request.

        Raises:
            InvalidInputError: The arguments or pictures break the contract; no task was created.
            KieError: What uploading, `create`, `wait` and `save` raise; with the task's id once there is one.
        """
        from .._runtime.tasks.run import TaskRun

        arguments: dict[str, Any] = {
            "prompt": prompt,
            "image": image,
            "mask": mask,
            "rendering_speed": rendering_speed,
            "expand_prompt": expand_prompt,
            "seed": seed,
            "call_back_url": call_back_url,
        }
        context = self._context
        task_run: TaskRun[AsyncTask] = TaskRun(
            context.session, context.poller, MODEL, arguments, unknown, self.run, repaint, progress
        )
        if dry_run:
            return await self._context.run(task_run.dry_run(save_to, timeout))
        return await self._context.run(
            task_run.execute(context.make_task, idempotency_key, save_to, overwrite, timeout), timeout
        )


class AsyncV3EditWithRawResponse:
    """Calls of `AsyncV3Edit` that return a `RawResponse`."""

    def __init__(self, resource: AsyncV3Edit) -> None:
        self.create = async_raw(resource.create)
