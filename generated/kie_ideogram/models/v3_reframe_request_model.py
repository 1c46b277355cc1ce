# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class V3ReframeRequestModel(StrEnum):
    IDEOGRAM_V3_REFRAME = "ideogram/v3-reframe"

    def __str__(self) -> str:
        return str(self.value)
