# Generated from spec/ by `make generate`. Do not edit.
"""The exceptions of this package.

KieError
├── ConfigurationError        the client cannot be set up: no API key, an invalid base URL
├── InvalidInputError         the input breaks the contract; no task was created
│   └── WrongArgumentError    a call has an argument that does not exist, or lacks one
├── ServiceUnreachableError   the client has no connection; nothing was sent
├── ReplyLostError            a request was sent, and no complete response arrived
├── ResponseFormatError       a response does not match the contract
├── ApiError                  the service refused; one subclass for each declared code
│   ├── BadRequestError           400: a parameter is malformed or missing
│   ├── AuthenticationError       401: the API key is missing or not accepted
│   ├── InsufficientCreditsError  402: the account does not have enough credits
│   ├── BlockedError              403: a proxy in front of the service refused the request
│   ├── NotFoundError             404: the resource, endpoint or model does not exist
│   ├── UpstreamTimeoutError      408: the model gave no result for more than ten minutes
│   ├── UnprocessableRequestError 422: the request did not pass validation
│   ├── RateLimitError            429: too many requests; the service refuses them and does not queue them
│   ├── KeyLimitError             433: the key's own usage limit is reached
│   ├── MaintenanceError          455: the service is under maintenance
│   ├── ServerError               500: the service failed or could not use the input
│   ├── GenerationFailedError     501: the generation failed
│   └── FeatureDisabledError      505: the feature is switched off
├── SubmissionUnknownError    a submission was sent, and its outcome is unknown
├── TaskFailedError           the task ended without a result
├── TaskTimeoutError          the wait timed out; the task continues
├── CallTimeoutError          the call's timeout ended before its next request
├── DownloadError             a result cannot be downloaded or stored
├── JournalError              the journal cannot be used; no task was created
└── SignatureError            a callback is not verified
"""

from ._runtime.core.errors import (
    ApiError,
    CallTimeoutError,
    ConfigurationError,
    DownloadError,
    Fault,
    InvalidInputError,
    JournalError,
    PackageError,
    ReplyLostError,
    ResponseFormatError,
    ServiceUnreachableError,
    SignatureError,
    SubmissionUnknownError,
    TaskFailedError,
    TaskTimeoutError,
    WrongArgumentError,
)

# Tracebacks show the documented names.
for _public in (Fault, PackageError, WrongArgumentError, *PackageError.__subclasses__()):
    _public.__module__ = __name__

KieError = PackageError
KieError.__name__ = KieError.__qualname__ = "KieError"


class BadRequestError(ApiError):
    """Code 400: a parameter is malformed or missing. Charged: no."""


class AuthenticationError(ApiError):
    """Code 401: the API key is missing or not accepted. Charged: no."""


class InsufficientCreditsError(ApiError):
    """Code 402: the account does not have enough credits. Charged: no."""


class BlockedError(ApiError):
    """Code 403: a proxy in front of the service refused the request. Charged: no."""


class NotFoundError(ApiError):
    """Code 404: the resource, endpoint or model does not exist. Charged: no."""


class UpstreamTimeoutError(ApiError):
    """Code 408: the model gave no result for more than ten minutes. Charged: unclear."""


class UnprocessableRequestError(ApiError):
    """Code 422: the request did not pass validation. Charged: no."""


class RateLimitError(ApiError):
    """Code 429: too many requests; the service refuses them and does not queue them. Charged: no."""


class KeyLimitError(ApiError):
    """Code 433: the key's own usage limit is reached. Charged: no."""


class MaintenanceError(ApiError):
    """Code 455: the service is under maintenance. Charged: no."""


class ServerError(ApiError):
    """Code 500: the service failed or could not use the input. Charged: possibly."""


class GenerationFailedError(ApiError):
    """Code 501: the generation failed. Charged: unclear."""


class FeatureDisabledError(ApiError):
    """Code 505: the feature is switched off. Charged: no."""


BY_CODE: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: InsufficientCreditsError,
    403: BlockedError,
    404: NotFoundError,
    408: UpstreamTimeoutError,
    422: UnprocessableRequestError,
    429: RateLimitError,
    433: KeyLimitError,
    455: MaintenanceError,
    500: ServerError,
    501: GenerationFailedError,
    505: FeatureDisabledError,
}

__all__ = [
    "BY_CODE",
    "ApiError",
    "BadRequestError",
    "AuthenticationError",
    "InsufficientCreditsError",
    "BlockedError",
    "NotFoundError",
    "UpstreamTimeoutError",
    "UnprocessableRequestError",
    "RateLimitError",
    "KeyLimitError",
    "MaintenanceError",
    "ServerError",
    "GenerationFailedError",
    "FeatureDisabledError",
    "CallTimeoutError",
    "ConfigurationError",
    "DownloadError",
    "Fault",
    "InvalidInputError",
    "JournalError",
    "ReplyLostError",
    "ResponseFormatError",
    "ServiceUnreachableError",
    "SignatureError",
    "SubmissionUnknownError",
    "TaskFailedError",
    "TaskTimeoutError",
    "WrongArgumentError",
    "KieError",
]
