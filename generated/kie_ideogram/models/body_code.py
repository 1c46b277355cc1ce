# Generated from spec/ by `make generate`. Do not edit.
from enum import IntEnum


class BodyCode(IntEnum):
    OK = 200
    BAD_REQUEST = 400
    UNAUTHORIZED = 401
    INSUFFICIENT_CREDITS = 402
    NOT_FOUND = 404
    UPSTREAM_TIMEOUT = 408
    UNPROCESSABLE = 422
    RATE_LIMITED = 429
    KEY_LIMIT_EXCEEDED = 433
    MAINTENANCE = 455
    SERVER_ERROR = 500
    GENERATION_FAILED = 501
    FEATURE_DISABLED = 505

    def __str__(self) -> str:
        return str(self.value)
