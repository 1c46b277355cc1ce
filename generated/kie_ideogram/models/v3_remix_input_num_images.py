# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class V3RemixInputNumImages(StrEnum):
    FOUR = "4"
    ONE = "1"
    THREE = "3"
    TWO = "2"

    def __str__(self) -> str:
        return str(self.value)
