# Generated from spec/ by `make generate`. Do not edit.
"""The contract as data: what the runtime knows of the API. `manifest.json` says what it was made from."""

from importlib import import_module

from ._runtime.contract.lazy_models import LazyModels
from ._runtime.contract.model import (
    Argument,
    CannedReply,
    Code,
    Contract,
    Delivery,
    Envelope,
    Media,
    Model,
    Operation,
    Output,
    RateLimit,
    Retry,
    Server,
    Signature,
    Timeouts,
    Wait,
    Workflow,
)

VERSION = "0.1.0"


def _load(resource: str) -> Model:
    model: Model = import_module(f"._declared.{resource}", __package__).MODEL
    return model


CONTRACT = Contract(
    version="0.1.0",
    key_variable="KIE_API_KEY",
    variable_prefix="KIE_",
    servers=(
        Server(name="api", url="https://api.kie.ai", argument="base_url", variable="KIE_BASE_URL"),
        Server(
            name="upload",
            url="https://kieai.redpandaai.co",
            argument="upload_base_url",
            variable="KIE_UPLOAD_BASE_URL",
        ),
    ),
    operations={
        "createTask": Operation(
            name="createTask",
            method="POST",
            server="api",
            path="/api/v1/jobs/createTask",
            body="json",
            repeatable=False,
            data={
                "type": "object",
                "required": ["taskId"],
                "properties": {"taskId": {"type": "string", "minLength": 1}},
            },
            reply={"taskId": "task.id", "recordId": "task.id"},
            call="tasks.create",
            canned_replies={"unknown": CannedReply(code=422, msg="model name not supported")},
        ),
        "getTask": Operation(
            name="getTask",
            method="GET",
            server="api",
            path="/api/v1/jobs/recordInfo",
            body="",
            repeatable=True,
            arguments=(Argument(name="task_id", path=("taskId",), place="query"),),
            schema={
                "type": "object",
                "required": ["taskId"],
                "properties": {"taskId": {"type": "string", "minLength": 1}},
                "additionalProperties": False,
            },
            data={
                "type": "object",
                "required": ["taskId", "state"],
                "properties": {
                    "taskId": {"type": "string", "minLength": 1},
                    "state": {"anyOf": [{"type": "string"}, {"type": "string"}]},
                },
            },
            reply={
                "taskId": "task.id",
                "model": "task.model",
                "state": "task.state",
                "param": "task.request",
                "resultJson": "task.result",
                "failCode": "task.fail-code",
                "failMsg": "task.fail-msg",
                "costTime": "task.seconds",
                "completeTime": "task.completed",
                "createTime": "task.created",
                "creditsConsumed": "task.credits",
            },
            call="tasks.get",
            canned_replies={
                "unknown": CannedReply(code=422, msg="recordInfo is null"),
                "invalid": CannedReply(code=400, msg="taskId parameter is required"),
            },
        ),
        "uploadFile": Operation(
            name="uploadFile",
            method="POST",
            server="upload",
            path="/api/file-stream-upload",
            body="multipart",
            repeatable=True,
            arguments=(
                Argument(name="file", path=("file",), holds="file.content"),
                Argument(
                    name="upload_path", path=("uploadPath",), default="kie-ideogram", holds="file.folder"
                ),
                Argument(name="file_name", path=("fileName",), holds="file.name"),
            ),
            schema={
                "type": "object",
                "required": ["file", "uploadPath"],
                "properties": {
                    "file": True,
                    "uploadPath": {"type": "string", "minLength": 1, "pattern": "^[^/](.*[^/])?$"},
                    "fileName": {"type": "string", "minLength": 1},
                },
                "additionalProperties": False,
            },
            data={
                "type": "object",
                "required": ["downloadUrl"],
                "properties": {"downloadUrl": {"type": "string"}},
            },
            reply={
                "success": "file.stored",
                "fileName": "file.name",
                "filePath": "file.path",
                "downloadUrl": "file.url",
                "fileSize": "file.size",
                "mimeType": "file.type",
                "uploadedAt": "file.time",
            },
            call="files.upload",
            says_ok=True,
            lifetime=86400,
            canned_replies={
                "accepted": CannedReply(code=200, msg="File uploaded successfully"),
                "unauthorized": CannedReply(code=401, msg="Authentication failed: Invalid API Key"),
                "invalid": CannedReply(code=400),
                "unknown": CannedReply(code=400),
            },
        ),
        "uploadBase64": Operation(
            name="uploadBase64",
            method="POST",
            server="upload",
            path="/api/file-base64-upload",
            body="json",
            repeatable=True,
            arguments=(
                Argument(name="base64_data", path=("base64Data",), holds="file.base64"),
                Argument(
                    name="upload_path", path=("uploadPath",), default="kie-ideogram", holds="file.folder"
                ),
                Argument(name="file_name", path=("fileName",), holds="file.name"),
            ),
            schema={
                "type": "object",
                "required": ["base64Data", "uploadPath"],
                "properties": {
                    "base64Data": {"type": "string", "minLength": 1},
                    "uploadPath": {"type": "string", "minLength": 1, "pattern": "^[^/](.*[^/])?$"},
                    "fileName": {"type": "string", "minLength": 1},
                },
                "additionalProperties": False,
            },
            data={
                "type": "object",
                "required": ["downloadUrl"],
                "properties": {"downloadUrl": {"type": "string"}},
            },
            reply={
                "success": "file.stored",
                "fileName": "file.name",
                "filePath": "file.path",
                "downloadUrl": "file.url",
                "fileSize": "file.size",
                "mimeType": "file.type",
                "uploadedAt": "file.time",
            },
            call="files.upload_base64",
            says_ok=True,
            lifetime=86400,
            canned_replies={
                "accepted": CannedReply(code=200, msg="File uploaded successfully"),
                "unauthorized": CannedReply(code=401, msg="Authentication failed: Invalid API Key"),
                "invalid": CannedReply(code=400),
                "unknown": CannedReply(code=400),
            },
        ),
        "uploadUrl": Operation(
            name="uploadUrl",
            method="POST",
            server="upload",
            path="/api/file-url-upload",
            body="json",
            repeatable=True,
            arguments=(
                Argument(name="file_url", path=("fileUrl",), holds="file.source"),
                Argument(
                    name="upload_path", path=("uploadPath",), default="kie-ideogram", holds="file.folder"
                ),
                Argument(name="file_name", path=("fileName",), holds="file.name"),
            ),
            schema={
                "type": "object",
                "required": ["fileUrl", "uploadPath"],
                "properties": {
                    "fileUrl": {"type": "string", "format": "uri"},
                    "uploadPath": {"type": "string", "minLength": 1, "pattern": "^[^/](.*[^/])?$"},
                    "fileName": {"type": "string", "minLength": 1},
                },
                "additionalProperties": False,
            },
            data={
                "type": "object",
                "required": ["downloadUrl"],
                "properties": {"downloadUrl": {"type": "string"}},
            },
            reply={
                "success": "file.stored",
                "fileName": "file.name",
                "filePath": "file.path",
                "downloadUrl": "file.url",
                "fileSize": "file.size",
                "mimeType": "file.type",
                "uploadedAt": "file.time",
            },
            call="files.upload_url",
            says_ok=True,
            lifetime=86400,
            canned_replies={
                "accepted": CannedReply(code=200, msg="File uploaded successfully"),
                "unauthorized": CannedReply(code=401, msg="Authentication failed: Invalid API Key"),
                "invalid": CannedReply(code=400),
                "unknown": CannedReply(code=400),
            },
        ),
        "getDownloadUrl": Operation(
            name="getDownloadUrl",
            method="POST",
            server="api",
            path="/api/v1/common/download-url",
            body="json",
            repeatable=True,
            arguments=(Argument(name="url", path=("url",), holds="result.url"),),
            schema={
                "type": "object",
                "required": ["url"],
                "properties": {"url": {"type": "string", "format": "uri"}},
                "additionalProperties": False,
            },
            data={"type": "string"},
            reply="link.url",
            call="files.download_url",
            lifetime=1200,
            canned_replies={"unknown": CannedReply(code=422, msg="url is wrong")},
        ),
        "getCredits": Operation(
            name="getCredits",
            method="GET",
            server="api",
            path="/api/v1/chat/credit",
            body="",
            repeatable=True,
            schema={"type": "object", "required": [], "properties": {}, "additionalProperties": False},
            data={"type": "number"},
            reply="account.credits",
            call="credits.get",
        ),
    },
    models={},
    codes={
        200: Code(code=200, meaning="accepted", error="", create="accepted"),
        400: Code(
            code=400, meaning="a parameter is malformed or missing", error="BadRequestError", create="refused"
        ),
        401: Code(
            code=401,
            meaning="the API key is missing or not accepted",
            error="AuthenticationError",
            create="refused",
        ),
        402: Code(
            code=402,
            meaning="the account does not have enough credits",
            error="InsufficientCreditsError",
            create="refused",
        ),
        403: Code(
            code=403,
            meaning="a proxy in front of the service refused the request",
            error="BlockedError",
            create="refused",
        ),
        404: Code(
            code=404,
            meaning="the resource, endpoint or model does not exist",
            error="NotFoundError",
            create="refused",
            query="not-visible",
        ),
        408: Code(
            code=408,
            meaning="the model gave no result for more than ten minutes",
            error="UpstreamTimeoutError",
            create="unknown",
            query="failed",
        ),
        422: Code(
            code=422,
            meaning="the request did not pass validation",
            error="UnprocessableRequestError",
            create="refused",
            query="not-visible",
        ),
        429: Code(
            code=429,
            meaning="too many requests; the service refuses them and does not queue them",
            error="RateLimitError",
            create="refused",
            repeat_create=True,
            repeat_query=True,
        ),
        433: Code(
            code=433, meaning="the key's own usage limit is reached", error="KeyLimitError", create="refused"
        ),
        455: Code(
            code=455,
            meaning="the service is under maintenance",
            error="MaintenanceError",
            create="refused",
            repeat_query=True,
        ),
        500: Code(
            code=500,
            meaning="the service failed or could not use the input",
            error="ServerError",
            create="unknown",
            repeat_query=True,
        ),
        501: Code(
            code=501,
            meaning="the generation failed",
            error="GenerationFailedError",
            create="unknown",
            query="failed",
        ),
        505: Code(
            code=505, meaning="the feature is switched off", error="FeatureDisabledError", create="refused"
        ),
    },
    envelope=Envelope(
        code="code",
        message=("msg", "message"),
        data="data",
        ok="success",
        accepted=(200,),
        max_bytes=16777216,
    ),
    workflow=Workflow(
        creates=("createTask",),
        poll="getTask",
        poll_argument="task_id",
        created_id=("taskId",),
        outputs={
            "id": Output(pointer=("taskId",)),
            "model": Output(pointer=("model",)),
            "state": Output(pointer=("state",)),
            "urls": Output(
                pointer=("resultJson", "resultUrls"), lifetime=86400, renew="getDownloadUrl", stored=1209600
            ),
            "fail_code": Output(pointer=("failCode",)),
            "fail_msg": Output(pointer=("failMsg",)),
            "created_at": Output(pointer=("createTime",), unit="unix-ms"),
            "completed_at": Output(pointer=("completeTime",), unit="unix-ms"),
            "credits": Output(pointer=("creditsConsumed",)),
            "request": Output(pointer=("param",)),
        },
        wait=Wait(
            initial="waiting",
            success=("success",),
            failure=("fail",),
            pending=("waiting", "queuing", "generating"),
            schedule=((0, 2), (10, 1), (120, 5), (300, 15)),
            jitter=0.1,
            deadline=900,
            grace=90,
            result_grace=30,
        ),
    ),
    callback={
        "type": "object",
        "required": ["code", "data"],
        "properties": {
            "code": {"anyOf": [{"type": "integer"}, {"type": "integer"}]},
            "data": {
                "type": "object",
                "required": ["taskId", "state"],
                "properties": {
                    "taskId": {"type": "string", "minLength": 1},
                    "state": {"anyOf": [{"type": "string"}, {"type": "string"}]},
                },
            },
        },
    },
    signature=Signature(
        text="{task-id}.{timestamp}",
        signature_header="X-Webhook-Signature",
        timestamp_header="X-Webhook-Timestamp",
        tolerance=300,
        task_ids=(("data", "taskId"), ("data", "task_id"), ("taskId",), ("task_id",)),
    ),
    delivery=Delivery(url=("callBackUrl",), timeout=15, retries=3, pause=1),
    canned_replies={
        "accepted": CannedReply(code=200, msg="success"),
        "unauthorized": CannedReply(code=401, msg="You do not have access permissions"),
        "unaffordable": CannedReply(
            code=402,
            msg="Credits insufficient : Your current balance isn’t enough to run this request. Please top up to continue.",
        ),
        "no-path": CannedReply(code=404, msg="No message available"),
        "unknown": CannedReply(code=404),
        "invalid": CannedReply(code=422),
        "too-many": CannedReply(code=429, msg="Rate limit exceeded"),
        "succeeded": CannedReply(code=200, msg="Playground task completed successfully."),
        "failed": CannedReply(code=501, msg="Playground task failed."),
    },
    retry=Retry(attempts=5, base=0.5, cap=20, retry_after_cap=120, refused_base=2),
    rate_limits=(
        RateLimit(
            name="create", operations=("createTask",), limit=20, window=10, margin=0.5, scope="account"
        ),
        RateLimit(name="query", operations=("getTask",), limit=10, window=1, margin=0.05, scope="key"),
    ),
    timeouts=Timeouts(connect=10, read=60, write=60, pool=60, total=600),
    media=Media(types=("image/png", "image/jpeg", "image/webp"), max_bytes=104857600),
    credit_price=(0.005, "USD"),
)._replace(
    models=LazyModels(
        {
            "ideogram/character-edit": "character_edit",
            "ideogram/v3-text-to-image": "v3_text_to_image",
            "ideogram/v3-edit": "v3_edit",
            "ideogram/v3-remix": "v3_remix",
            "ideogram/v3-reframe": "v3_reframe",
            "ideogram/character": "character",
            "ideogram/character-remix": "character_remix",
        },
        _load,
    )
)
