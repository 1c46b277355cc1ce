# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class V3RemixInputStyle(StrEnum):
    AUTO = "AUTO"
    DESIGN = "DESIGN"
    GENERAL = "GENERAL"
    REALISTIC = "REALISTIC"

    def __str__(self) -> str:
        return str(self.value)
