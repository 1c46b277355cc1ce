# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class CharacterInputStyle(StrEnum):
    AUTO = "AUTO"
    FICTION = "FICTION"
    REALISTIC = "REALISTIC"

    def __str__(self) -> str:
        return str(self.value)
