# Generated from spec/ by `make generate`. Do not edit.
"""The typed documents of the API, each loaded when first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .body_code import BodyCode
    from .character_edit_input import CharacterEditInput
    from .character_edit_input_num_images import CharacterEditInputNumImages
    from .character_edit_input_rendering_speed import CharacterEditInputRenderingSpeed
    from .character_edit_input_style import CharacterEditInputStyle
    from .character_edit_request import CharacterEditRequest
    from .character_edit_request_model import CharacterEditRequestModel
    from .create_task_response import CreateTaskResponse
    from .created_task import CreatedTask
    from .credits_response import CreditsResponse
    from .download_url_request import DownloadUrlRequest
    from .download_url_response import DownloadUrlResponse
    from .failure_response import FailureResponse
    from .task_callback import TaskCallback
    from .task_record import TaskRecord
    from .task_response import TaskResponse
    from .task_result import TaskResult
    from .task_state import TaskState
    from .upload_base_64_request import UploadBase64Request
    from .upload_file_request import UploadFileRequest
    from .upload_response import UploadResponse
    from .upload_url_request import UploadUrlRequest
    from .uploaded_file import UploadedFile

__all__ = [
    "BodyCode",
    "CharacterEditInput",
    "CharacterEditInputNumImages",
    "CharacterEditInputRenderingSpeed",
    "CharacterEditInputStyle",
    "CharacterEditRequest",
    "CharacterEditRequestModel",
    "CreateTaskResponse",
    "CreatedTask",
    "CreditsResponse",
    "DownloadUrlRequest",
    "DownloadUrlResponse",
    "FailureResponse",
    "TaskCallback",
    "TaskRecord",
    "TaskResponse",
    "TaskResult",
    "TaskState",
    "UploadBase64Request",
    "UploadFileRequest",
    "UploadResponse",
    "UploadUrlRequest",
    "UploadedFile",
]

_HOMES = {
    "BodyCode": "body_code",
    "CharacterEditInput": "character_edit_input",
    "CharacterEditInputNumImages": "character_edit_input_num_images",
    "CharacterEditInputRenderingSpeed": "character_edit_input_rendering_speed",
    "CharacterEditInputStyle": "character_edit_input_style",
    "CharacterEditRequest": "character_edit_request",
    "CharacterEditRequestModel": "character_edit_request_model",
    "CreateTaskResponse": "create_task_response",
    "CreatedTask": "created_task",
    "CreditsResponse": "credits_response",
    "DownloadUrlRequest": "download_url_request",
    "DownloadUrlResponse": "download_url_response",
    "FailureResponse": "failure_response",
    "TaskCallback": "task_callback",
    "TaskRecord": "task_record",
    "TaskResponse": "task_response",
    "TaskResult": "task_result",
    "TaskState": "task_state",
    "UploadBase64Request": "upload_base_64_request",
    "UploadFileRequest": "upload_file_request",
    "UploadResponse": "upload_response",
    "UploadUrlRequest": "upload_url_request",
    "UploadedFile": "uploaded_file",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
