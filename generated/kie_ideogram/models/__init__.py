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
    from .character_input import CharacterInput
    from .character_input_image_size import CharacterInputImageSize
    from .character_input_num_images import CharacterInputNumImages
    from .character_input_rendering_speed import CharacterInputRenderingSpeed
    from .character_input_style import CharacterInputStyle
    from .character_remix_input import CharacterRemixInput
    from .character_remix_input_image_size import CharacterRemixInputImageSize
    from .character_remix_input_num_images import CharacterRemixInputNumImages
    from .character_remix_input_rendering_speed import CharacterRemixInputRenderingSpeed
    from .character_remix_input_style import CharacterRemixInputStyle
    from .character_remix_request import CharacterRemixRequest
    from .character_remix_request_model import CharacterRemixRequestModel
    from .character_request import CharacterRequest
    from .character_request_model import CharacterRequestModel
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
    from .v3_edit_input import V3EditInput
    from .v3_edit_input_rendering_speed import V3EditInputRenderingSpeed
    from .v3_edit_request import V3EditRequest
    from .v3_edit_request_model import V3EditRequestModel
    from .v3_reframe_input import V3ReframeInput
    from .v3_reframe_input_image_size import V3ReframeInputImageSize
    from .v3_reframe_input_num_images import V3ReframeInputNumImages
    from .v3_reframe_input_rendering_speed import V3ReframeInputRenderingSpeed
    from .v3_reframe_input_style import V3ReframeInputStyle
    from .v3_reframe_request import V3ReframeRequest
    from .v3_reframe_request_model import V3ReframeRequestModel
    from .v3_remix_input import V3RemixInput
    from .v3_remix_input_image_size import V3RemixInputImageSize
    from .v3_remix_input_num_images import V3RemixInputNumImages
    from .v3_remix_input_rendering_speed import V3RemixInputRenderingSpeed
    from .v3_remix_input_style import V3RemixInputStyle
    from .v3_remix_request import V3RemixRequest
    from .v3_remix_request_model import V3RemixRequestModel
    from .v3_text_to_image_input import V3TextToImageInput
    from .v3_text_to_image_input_image_size import V3TextToImageInputImageSize
    from .v3_text_to_image_input_rendering_speed import V3TextToImageInputRenderingSpeed
    from .v3_text_to_image_input_style import V3TextToImageInputStyle
    from .v3_text_to_image_request import V3TextToImageRequest
    from .v3_text_to_image_request_model import V3TextToImageRequestModel

__all__ = [
    "BodyCode",
    "CharacterEditInput",
    "CharacterEditInputNumImages",
    "CharacterEditInputRenderingSpeed",
    "CharacterEditInputStyle",
    "CharacterEditRequest",
    "CharacterEditRequestModel",
    "CharacterInput",
    "CharacterInputImageSize",
    "CharacterInputNumImages",
    "CharacterInputRenderingSpeed",
    "CharacterInputStyle",
    "CharacterRemixInput",
    "CharacterRemixInputImageSize",
    "CharacterRemixInputNumImages",
    "CharacterRemixInputRenderingSpeed",
    "CharacterRemixInputStyle",
    "CharacterRemixRequest",
    "CharacterRemixRequestModel",
    "CharacterRequest",
    "CharacterRequestModel",
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
    "V3EditInput",
    "V3EditInputRenderingSpeed",
    "V3EditRequest",
    "V3EditRequestModel",
    "V3ReframeInput",
    "V3ReframeInputImageSize",
    "V3ReframeInputNumImages",
    "V3ReframeInputRenderingSpeed",
    "V3ReframeInputStyle",
    "V3ReframeRequest",
    "V3ReframeRequestModel",
    "V3RemixInput",
    "V3RemixInputImageSize",
    "V3RemixInputNumImages",
    "V3RemixInputRenderingSpeed",
    "V3RemixInputStyle",
    "V3RemixRequest",
    "V3RemixRequestModel",
    "V3TextToImageInput",
    "V3TextToImageInputImageSize",
    "V3TextToImageInputRenderingSpeed",
    "V3TextToImageInputStyle",
    "V3TextToImageRequest",
    "V3TextToImageRequestModel",
]

_HOMES = {
    "BodyCode": "body_code",
    "CharacterEditInput": "character_edit_input",
    "CharacterEditInputNumImages": "character_edit_input_num_images",
    "CharacterEditInputRenderingSpeed": "character_edit_input_rendering_speed",
    "CharacterEditInputStyle": "character_edit_input_style",
    "CharacterEditRequest": "character_edit_request",
    "CharacterEditRequestModel": "character_edit_request_model",
    "CharacterInput": "character_input",
    "CharacterInputImageSize": "character_input_image_size",
    "CharacterInputNumImages": "character_input_num_images",
    "CharacterInputRenderingSpeed": "character_input_rendering_speed",
    "CharacterInputStyle": "character_input_style",
    "CharacterRemixInput": "character_remix_input",
    "CharacterRemixInputImageSize": "character_remix_input_image_size",
    "CharacterRemixInputNumImages": "character_remix_input_num_images",
    "CharacterRemixInputRenderingSpeed": "character_remix_input_rendering_speed",
    "CharacterRemixInputStyle": "character_remix_input_style",
    "CharacterRemixRequest": "character_remix_request",
    "CharacterRemixRequestModel": "character_remix_request_model",
    "CharacterRequest": "character_request",
    "CharacterRequestModel": "character_request_model",
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
    "V3EditInput": "v3_edit_input",
    "V3EditInputRenderingSpeed": "v3_edit_input_rendering_speed",
    "V3EditRequest": "v3_edit_request",
    "V3EditRequestModel": "v3_edit_request_model",
    "V3ReframeInput": "v3_reframe_input",
    "V3ReframeInputImageSize": "v3_reframe_input_image_size",
    "V3ReframeInputNumImages": "v3_reframe_input_num_images",
    "V3ReframeInputRenderingSpeed": "v3_reframe_input_rendering_speed",
    "V3ReframeInputStyle": "v3_reframe_input_style",
    "V3ReframeRequest": "v3_reframe_request",
    "V3ReframeRequestModel": "v3_reframe_request_model",
    "V3RemixInput": "v3_remix_input",
    "V3RemixInputImageSize": "v3_remix_input_image_size",
    "V3RemixInputNumImages": "v3_remix_input_num_images",
    "V3RemixInputRenderingSpeed": "v3_remix_input_rendering_speed",
    "V3RemixInputStyle": "v3_remix_input_style",
    "V3RemixRequest": "v3_remix_request",
    "V3RemixRequestModel": "v3_remix_request_model",
    "V3TextToImageInput": "v3_text_to_image_input",
    "V3TextToImageInputImageSize": "v3_text_to_image_input_image_size",
    "V3TextToImageInputRenderingSpeed": "v3_text_to_image_input_rendering_speed",
    "V3TextToImageInputStyle": "v3_text_to_image_input_style",
    "V3TextToImageRequest": "v3_text_to_image_request",
    "V3TextToImageRequestModel": "v3_text_to_image_request_model",
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
