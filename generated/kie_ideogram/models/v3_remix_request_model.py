# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class V3RemixRequestModel(StrEnum):
    IDEOGRAM_V3_REMIX = "ideogram/v3-remix"

    def __str__(self) -> str:
        return str(self.value)
