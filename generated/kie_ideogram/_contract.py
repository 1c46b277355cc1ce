# Generated from spec/ by `make generate`. Do not edit.
"""The contract as data: what the runtime knows of the API. `manifest.json` says what it was made from."""

from ._runtime.shapes import (
    Argument,
    Code,
    Contract,
    Envelope,
    Media,
    Model,
    Operation,
    Output,
    Price,
    RateLimit,
    Retry,
    Server,
    Signature,
    Timeouts,
    Wait,
    Workflow,
)

VERSION = "0.1.0"

SPEC_SHA256 = "f73f22cec29ea76974fbff9e2937a12fcdada9b79accb514577f5e11b493aad7"

CONTRACT = Contract(
    version="0.1.0",
    key_variable="KIE_API_KEY",
    servers=(
        Server(name="api", url="https://api.kie.ai"),
        Server(name="upload", url="https://kieai.redpandaai.co"),
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
        ),
        "getTask": Operation(
            name="getTask",
            method="GET",
            server="api",
            path="/api/v1/jobs/recordInfo",
            body="",
            repeatable=True,
            arguments=(Argument(name="task_id", path=("taskId",)),),
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
        ),
        "uploadFile": Operation(
            name="uploadFile",
            method="POST",
            server="upload",
            path="/api/file-stream-upload",
            body="multipart",
            repeatable=True,
            arguments=(
                Argument(name="file", path=("file",)),
                Argument(name="upload_path", path=("uploadPath",), default="kie-ideogram"),
                Argument(name="file_name", path=("fileName",)),
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
        ),
        "uploadBase64": Operation(
            name="uploadBase64",
            method="POST",
            server="upload",
            path="/api/file-base64-upload",
            body="json",
            repeatable=True,
            arguments=(
                Argument(name="base64_data", path=("base64Data",)),
                Argument(name="upload_path", path=("uploadPath",), default="kie-ideogram"),
                Argument(name="file_name", path=("fileName",)),
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
        ),
        "uploadUrl": Operation(
            name="uploadUrl",
            method="POST",
            server="upload",
            path="/api/file-url-upload",
            body="json",
            repeatable=True,
            arguments=(
                Argument(name="file_url", path=("fileUrl",)),
                Argument(name="upload_path", path=("uploadPath",), default="kie-ideogram"),
                Argument(name="file_name", path=("fileName",)),
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
        ),
        "getDownloadUrl": Operation(
            name="getDownloadUrl",
            method="POST",
            server="api",
            path="/api/v1/common/download-url",
            body="json",
            repeatable=True,
            arguments=(Argument(name="url", path=("url",)),),
            schema={
                "type": "object",
                "required": ["url"],
                "properties": {"url": {"type": "string", "format": "uri"}},
                "additionalProperties": False,
            },
            data={"type": "string"},
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
        ),
    },
    models={
        "ideogram/character-edit": Model(
            name="ideogram/character-edit",
            resource="character_edit",
            arguments=(
                Argument(
                    name="prompt",
                    path=(
                        "input",
                        "prompt",
                    ),
                ),
                Argument(
                    name="image_url",
                    path=(
                        "input",
                        "image_url",
                    ),
                ),
                Argument(
                    name="mask_url",
                    path=(
                        "input",
                        "mask_url",
                    ),
                ),
                Argument(
                    name="reference_image_urls",
                    path=(
                        "input",
                        "reference_image_urls",
                    ),
                ),
                Argument(
                    name="rendering_speed",
                    path=(
                        "input",
                        "rendering_speed",
                    ),
                    default="BALANCED",
                ),
                Argument(
                    name="style",
                    path=(
                        "input",
                        "style",
                    ),
                    default="AUTO",
                ),
                Argument(
                    name="expand_prompt",
                    path=(
                        "input",
                        "expand_prompt",
                    ),
                    default=True,
                ),
                Argument(
                    name="num_images",
                    path=(
                        "input",
                        "num_images",
                    ),
                    default="1",
                ),
                Argument(
                    name="seed",
                    path=(
                        "input",
                        "seed",
                    ),
                ),
                Argument(name="call_back_url", path=("callBackUrl",)),
            ),
            schema={
                "type": "object",
                "required": ["model", "input"],
                "properties": {
                    "model": {"type": "string", "enum": ["ideogram/character-edit"]},
                    "callBackUrl": {"type": "string", "format": "uri"},
                    "input": {
                        "type": "object",
                        "required": ["prompt", "image_url", "mask_url", "reference_image_urls"],
                        "properties": {
                            "prompt": {"type": "string", "maxLength": 5000},
                            "image_url": {"type": "string"},
                            "mask_url": {"type": "string"},
                            "reference_image_urls": {
                                "type": "array",
                                "minItems": 1,
                                "items": {"type": "string", "format": "uri"},
                            },
                            "rendering_speed": {"type": "string", "enum": ["TURBO", "BALANCED", "QUALITY"]},
                            "style": {"type": "string", "enum": ["AUTO", "REALISTIC", "FICTION"]},
                            "expand_prompt": {"type": "boolean"},
                            "num_images": {"type": "string", "enum": ["1", "2", "3", "4"]},
                            "seed": {"type": "integer"},
                        },
                        "dependentSchemas": {"style": {"propertyNames": {"not": {"const": "style_codes"}}}},
                        "additionalProperties": False,
                    },
                },
                "additionalProperties": False,
            },
            price=Price(
                by=(
                    "input",
                    "rendering_speed",
                ),
                times=(
                    "input",
                    "num_images",
                ),
                credits={"TURBO": 12, "BALANCED": 18, "QUALITY": 24},
            ),
        )
    },
    discriminator="model",
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
            meaning="the account has not enough credits",
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
            meaning="no such resource, endpoint or model",
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
            meaning="too many requests; refused, not queued",
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
            meaning="the service failed, or disliked the input",
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
        message=(
            "msg",
            "message",
        ),
        data="data",
        ok="success",
        accepted=(200,),
    ),
    workflow=Workflow(
        create="createTask",
        poll="getTask",
        poll_argument="task_id",
        created_id=("taskId",),
        outputs={
            "id": Output(pointer=("taskId",)),
            "model": Output(pointer=("model",)),
            "state": Output(pointer=("state",)),
            "urls": Output(
                pointer=(
                    "resultJson",
                    "resultUrls",
                )
            ),
            "fail_code": Output(pointer=("failCode",)),
            "fail_msg": Output(pointer=("failMsg",)),
            "created_at": Output(pointer=("createTime",), unit="unix-ms"),
            "completed_at": Output(pointer=("completeTime",), unit="unix-ms"),
            "credits": Output(pointer=("creditsConsumed",)),
        },
        wait=Wait(
            initial="waiting",
            success=("success",),
            failure=("fail",),
            pending=(
                "waiting",
                "queuing",
                "generating",
            ),
            schedule=(
                (
                    0,
                    2,
                ),
                (
                    30,
                    5,
                ),
                (
                    120,
                    15,
                ),
            ),
            jitter=0.1,
            deadline=900,
            grace=90,
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
        text="{taskId}.{timestamp}",
        signature_header="X-Webhook-Signature",
        timestamp_header="X-Webhook-Timestamp",
        tolerance=300,
        task_ids=(
            (
                "data",
                "taskId",
            ),
            (
                "data",
                "task_id",
            ),
            ("taskId",),
            ("task_id",),
        ),
    ),
    retry=Retry(attempts=5, base=0.5, cap=20, retry_after_cap=120, refused_base=2),
    rate_limits=(
        RateLimit(
            name="create", operations=("createTask",), limit=20, window=10, margin=0.5, scope="account"
        ),
        RateLimit(name="query", operations=("getTask",), limit=10, window=1, margin=0.05, scope="key"),
    ),
    timeouts=Timeouts(connect=10, read=60, write=60, pool=60),
    media=Media(
        types=(
            "image/png",
            "image/jpeg",
            "image/webp",
        ),
        max_bytes=104857600,
    ),
    credit_price=(
        0.005,
        "USD",
    ),
)
