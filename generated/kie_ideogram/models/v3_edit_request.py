# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.v3_edit_request_model import V3EditRequestModel
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.v3_edit_input import V3EditInput


T = TypeVar("T", bound="V3EditRequest")


@_attrs_define
class V3EditRequest:
    """Repaint the masked region of an image.

    Attributes:
        model (V3EditRequestModel): Model that runs the task. Each model has its own request body. Default:
            V3EditRequestModel.IDEOGRAM_V3_EDIT.
        input_ (V3EditInput): Prompt, image, mask and options of the edit.
        call_back_url (str | Unset): URL to which the service POSTs the task when it succeeds or fails. It must accept a
            JSON POST. The service recommends callbacks instead of polling in production.
    """

    input_: V3EditInput
    model: V3EditRequestModel = V3EditRequestModel.IDEOGRAM_V3_EDIT
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
        from ..models.v3_edit_input import V3EditInput  # noqa: PLC0415 # models refer to one another

        d = dict(src_dict)
        model = V3EditRequestModel(d.pop("model"))

        input_ = V3EditInput.from_dict(d.pop("input"))

        call_back_url = d.pop("callBackUrl", UNSET)

        v3_edit_request = cls(
            model=model,
            input_=input_,
            call_back_url=call_back_url,
        )

        return v3_edit_request
