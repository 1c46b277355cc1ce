# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class CharacterRemixRequestModel(StrEnum):
    IDEOGRAM_CHARACTER_REMIX = "ideogram/character-remix"

    def __str__(self) -> str:
        return str(self.value)
