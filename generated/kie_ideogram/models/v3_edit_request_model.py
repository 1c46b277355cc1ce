# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class V3EditRequestModel(StrEnum):
    IDEOGRAM_V3_EDIT = "ideogram/v3-edit"

    def __str__(self) -> str:
        return str(self.value)
