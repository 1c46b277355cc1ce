# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class CharacterRequestModel(StrEnum):
    IDEOGRAM_CHARACTER = "ideogram/character"

    def __str__(self) -> str:
        return str(self.value)
