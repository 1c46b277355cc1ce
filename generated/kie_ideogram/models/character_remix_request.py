# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.character_remix_request_model import CharacterRemixRequestModel
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.character_remix_input import CharacterRemixInput


T = TypeVar("T", bound="CharacterRemixRequest")


@_attrs_define
class CharacterRemixRequest:
    """Make a new version of an image with the character of a reference image.

    Attributes:
        model (CharacterRemixRequestModel): Model that runs the task. Each model has its own request body. Default:
            CharacterRemixRequestModel.IDEOGRAM_CHARACTER_REMIX.
        input_ (CharacterRemixInput): Prompt, image, reference image, style images and options of the remix.
        call_back_url (str | Unset): URL to which the service POSTs the task when it succeeds or fails. It must accept a
            JSON POST. The service recommends callbacks instead of polling in production.
    """

    input_: CharacterRemixInput
    model: CharacterRemixRequestModel = CharacterRemixRequestModel.IDEOGRAM_CHARACTER_REMIX
    call_back_url: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        model = self.model.value

        input_ = self.input_.to_dict()

        call_back_url = self.call_back_url

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "model": model,
                "input": input_,
            }
        )
        if call_back_url is not UNSET:
            field_dict["callBackUrl"] = call_back_url

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.character_remix_input import CharacterRemixInput  # noqa: PLC0415 # models refer to one another

        d = dict(src_dict)
        model = CharacterRemixRequestModel(d.pop("model"))

        input_ = CharacterRemixInput.from_dict(d.pop("input"))

        call_back_url = d.pop("callBackUrl", UNSET)

        character_remix_request = cls(
            model=model,
            input_=input_,
            call_back_url=call_back_url,
        )

        return character_remix_request
