# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class V3ReframeInputRenderingSpeed(StrEnum):
    BALANCED = "BALANCED"
    QUALITY = "QUALITY"
    TURBO = "TURBO"

    def __str__(self) -> str:
        return str(self.value)
