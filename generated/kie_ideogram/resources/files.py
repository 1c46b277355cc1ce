# Generated from spec/ by `make generate`. Do not edit.
"""Upload input images and get download links for results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._runtime.contract.wrong_arguments import explain_wrong_arguments
from .._runtime.core.reporting.callback import ByteProgress
from .._runtime.http.response import typed
from .._runtime.http.transport.raw_response import async_raw, raw
from .._runtime.media.files import File, call_with_files
from ..task import AsyncTask, Task

if TYPE_CHECKING:
    from .._runtime.tasks.context import AsyncContext, SyncContext
    from ..models.uploaded_file import UploadedFile


class Files:
    """Upload input images and get download links for results."""

    __slots__ = ("_context",)

    def __init__(self, context: SyncContext[Task]) -> None:
        self._context = context

    @property
    def with_raw_response(self) -> FilesWithRawResponse:
        """The same calls, which also return the HTTP response."""
        return FilesWithRawResponse(self)

    @explain_wrong_arguments
    def upload(
        self,
        file: File,
        *,
        upload_path: str | None = None,
        file_name: str | None = None,
        progress: ByteProgress | None = None,
        timeout: float | None = None,
    ) -> UploadedFile:
        """Upload a file.

        Upload one file as multipart form data. Use this form above 1 MB.

        Documentation: https://docs.kie.ai/file-upload-api/upload-file-stream

        Args:
            file: Content of the file.
            upload_path: Target folder on the service, without a leading or trailing slash. 'kie-
                ideogram' unless given.
            file_name: File name on the service. If omitted, the service chooses a random name. An
                existing file of the same name is overwritten, but caches may still serve the old file.
            progress: Called with the bytes that were sent and the bytes in all.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        arguments: dict[str, Any] = {
            "file": file,
            "upload_path": upload_path,
            "file_name": file_name,
        }
        from ..models.uploaded_file import UploadedFile

        data = self._context.run(
            call_with_files(self._context.session, "uploadFile", arguments, ["file"], progress), timeout
        )
        return typed(UploadedFile.from_dict, data)

    @explain_wrong_arguments
    def upload_base64(
        self,
        base64_data: str,
        *,
        upload_path: str | None = None,
        file_name: str | None = None,
        timeout: float | None = None,
    ) -> UploadedFile:
        """Upload a file as Base64 text.

        Use this form for files up to about 1 MB. Base64 text is a third larger than the file.

        Documentation: https://docs.kie.ai/file-upload-api/upload-file-base-64

        Args:
            base64_data: Content of the file in Base64, either plain or as a `data:` URL.
            upload_path: Target folder on the service, without a leading or trailing slash. 'kie-
                ideogram' unless given.
            file_name: File name on the service. If omitted, the service chooses a random name. An
                existing file of the same name is overwritten, but caches may still serve the old file.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        arguments: dict[str, Any] = {
            "base64_data": base64_data,
            "upload_path": upload_path,
            "file_name": file_name,
        }
        from ..models.uploaded_file import UploadedFile

        data = self._context.run(self._context.session.call("uploadBase64", arguments), timeout)
        return typed(UploadedFile.from_dict, data)

    @explain_wrong_arguments
    def upload_url(
        self,
        file_url: str,
        *,
        upload_path: str | None = None,
        file_name: str | None = None,
        timeout: float | None = None,
    ) -> UploadedFile:
        """Upload a file from a public URL.

        The service downloads the file from the URL. The limits are 100 MB and 30 seconds.

        Documentation: https://docs.kie.ai/file-upload-api/upload-file-url

        Args:
            file_url: Public http or https URL of the file.
            upload_path: Target folder on the service, without a leading or trailing slash. 'kie-
                ideogram' unless given.
            file_name: File name on the service. If omitted, the service chooses a random name. An
                existing file of the same name is overwritten, but caches may still serve the old file.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        arguments: dict[str, Any] = {
            "file_url": file_url,
            "upload_path": upload_path,
            "file_name": file_name,
        }
        from ..models.uploaded_file import UploadedFile

        data = self._context.run(self._context.session.call("uploadUrl", arguments), timeout)
        return typed(UploadedFile.from_dict, data)

    @explain_wrong_arguments
    def download_url(
        self,
        url: str,
        *,
        timeout: float | None = None,
    ) -> str:
        """Get a short-lived download link for a result.

        The service accepts only result URLs that it generated.

        Documentation: https://docs.kie.ai/common-api/download-url

        Args:
            url: Result URL that the service generated.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        arguments: dict[str, Any] = {
            "url": url,
        }
        data = self._context.run(self._context.session.call("getDownloadUrl", arguments), timeout)
        result: str = data
        return result


class FilesWithRawResponse:
    """Calls of `Files` that return a `RawResponse`."""

    def __init__(self, resource: Files) -> None:
        self.upload = raw(resource.upload)
        self.upload_base64 = raw(resource.upload_base64)
        self.upload_url = raw(resource.upload_url)
        self.download_url = raw(resource.download_url)


class AsyncFiles:
    """Upload input images and get download links for results."""

    __slots__ = ("_context",)

    def __init__(self, context: AsyncContext[AsyncTask]) -> None:
        self._context = context

    @property
    def with_raw_response(self) -> AsyncFilesWithRawResponse:
        """The same calls, which also return the HTTP response."""
        return AsyncFilesWithRawResponse(self)

    @explain_wrong_arguments
    async def upload(
        self,
        file: File,
        *,
        upload_path: str | None = None,
        file_name: str | None = None,
        progress: ByteProgress | None = None,
        timeout: float | None = None,
    ) -> UploadedFile:
        """Upload a file.

        Upload one file as multipart form data. Use this form above 1 MB.

        Documentation: https://docs.kie.ai/file-upload-api/upload-file-stream

        Args:
            file: Content of the file.
            upload_path: Target folder on the service, without a leading or trailing slash. 'kie-
                ideogram' unless given.
            file_name: File name on the service. If omitted, the service chooses a random name. An
                existing file of the same name is overwritten, but caches may still serve the old file.
            progress: Called with the bytes that were sent and the bytes in all.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        arguments: dict[str, Any] = {
            "file": file,
            "upload_path": upload_path,
            "file_name": file_name,
        }
        from ..models.uploaded_file import UploadedFile

        data = await self._context.run(
            call_with_files(self._context.session, "uploadFile", arguments, ["file"], progress), timeout
        )
        return typed(UploadedFile.from_dict, data)

    @explain_wrong_arguments
    async def upload_base64(
        self,
        base64_data: str,
        *,
        upload_path: str | None = None,
        file_name: str | None = None,
        timeout: float | None = None,
    ) -> UploadedFile:
        """Upload a file as Base64 text.

        Use this form for files up to about 1 MB. Base64 text is a third larger than the file.

        Documentation: https://docs.kie.ai/file-upload-api/upload-file-base-64

        Args:
            base64_data: Content of the file in Base64, either plain or as a `data:` URL.
            upload_path: Target folder on the service, without a leading or trailing slash. 'kie-
                ideogram' unless given.
            file_name: File name on the service. If omitted, the service chooses a random name. An
                existing file of the same name is overwritten, but caches may still serve the old file.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        arguments: dict[str, Any] = {
            "base64_data": base64_data,
            "upload_path": upload_path,
            "file_name": file_name,
        }
        from ..models.uploaded_file import UploadedFile

        data = await self._context.run(self._context.session.call("uploadBase64", arguments), timeout)
        return typed(UploadedFile.from_dict, data)

    @explain_wrong_arguments
    async def upload_url(
        self,
        file_url: str,
        *,
        upload_path: str | None = None,
        file_name: str | None = None,
        timeout: float | None = None,
    ) -> UploadedFile:
        """Upload a file from a public URL.

        The service downloads the file from the URL. The limits are 100 MB and 30 seconds.

        Documentation: https://docs.kie.ai/file-upload-api/upload-file-url

        Args:
            file_url: Public http or https URL of the file.
            upload_path: Target folder on the service, without a leading or trailing slash. 'kie-
                ideogram' unless given.
            file_name: File name on the service. If omitted, the service chooses a random name. An
                existing file of the same name is overwritten, but caches may still serve the old file.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        arguments: dict[str, Any] = {
            "file_url": file_url,
            "upload_path": upload_path,
            "file_name": file_name,
        }
        from ..models.uploaded_file import UploadedFile

        data = await self._context.run(self._context.session.call("uploadUrl", arguments), timeout)
        return typed(UploadedFile.from_dict, data)

    @explain_wrong_arguments
    async def download_url(
        self,
        url: str,
        *,
        timeout: float | None = None,
    ) -> str:
        """Get a short-lived download link for a result.

        The service accepts only result URLs that it generated.

        Documentation: https://docs.kie.ai/common-api/download-url

        Args:
            url: Result URL that the service generated.
            timeout: Seconds for the whole call, with queueing and retries; no limit unless given.

        Raises:
            CallTimeoutError: The time ended.
            InvalidInputError: The arguments break the contract; nothing was sent.
            ApiError: The service refused. One subclass for each declared code.
            ServiceUnreachableError, ReplyLostError: The network failed, in every attempt.
            ResponseFormatError: The reply broke the contract, in every attempt.
        """
        arguments: dict[str, Any] = {
            "url": url,
        }
        data = await self._context.run(self._context.session.call("getDownloadUrl", arguments), timeout)
        result: str = data
        return result


class AsyncFilesWithRawResponse:
    """Calls of `AsyncFiles` that return a `RawResponse`."""

    def __init__(self, resource: AsyncFiles) -> None:
        self.upload = async_raw(resource.upload)
        self.upload_base64 = async_raw(resource.upload_base64)
        self.upload_url = async_raw(resource.upload_url)
        self.download_url = async_raw(resource.download_url)
