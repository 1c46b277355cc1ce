# Generated from spec/ by `make generate`. Do not edit.
from enum import StrEnum


class CharacterEditRequestModel(StrEnum):
    IDEOGRAM_CHARACTER_EDIT = "ideogram/character-edit"

    def __str__(self) -> str:
        return str(self.value)
