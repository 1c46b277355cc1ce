# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class V3TextToImageRequestModel(StrEnum):
    IDEOGRAM_V3_TEXT_TO_IMAGE = "ideogram/v3-text-to-image"

    def __str__(self) -> str:
        return str(self.value)
