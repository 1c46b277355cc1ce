# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.v3_text_to_image_request_model import V3TextToImageRequestModel
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.v3_text_to_image_input import V3TextToImageInput


T = TypeVar("T", bound="V3TextToImageRequest")


@_attrs_define
class V3TextToImageRequest:
    """Generate an image from a text.

    Attributes:
        model (V3TextToImageRequestModel): Model that runs the task. Each model has its own request body. Default:
            V3TextToImageRequestModel.IDEOGRAM_V3_TEXT_TO_IMAGE.
        input_ (V3TextToImageInput): Prompt and options of the image.
        call_back_url (str | Unset): URL to which the service POSTs the task when it succeeds or fails. It must accept a
            JSON POST. The service recommends callbacks instead of polling in production.
    """

    input_: V3TextToImageInput
    model: V3TextToImageRequestModel = V3TextToImageRequestModel.IDEOGRAM_V3_TEXT_TO_IMAGE
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
        from ..models.v3_text_to_image_input import V3TextToImageInput  # noqa: PLC0415 # models refer to one another

        d = dict(src_dict)
        model = V3TextToImageRequestModel(d.pop("model"))

        input_ = V3TextToImageInput.from_dict(d.pop("input"))

        call_back_url = d.pop("callBackUrl", UNSET)

        v3_text_to_image_request = cls(
            model=model,
            input_=input_,
            call_back_url=call_back_url,
        )

        return v3_text_to_image_request
