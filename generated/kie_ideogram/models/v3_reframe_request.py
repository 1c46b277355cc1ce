# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.v3_reframe_request_model import V3ReframeRequestModel
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.v3_reframe_input import V3ReframeInput


T = TypeVar("T", bound="V3ReframeRequest")


@_attrs_define
class V3ReframeRequest:
    """Extend an image to another size and shape.

    Attributes:
        model (V3ReframeRequestModel): Model that runs the task. Each model has its own request body. Default:
            V3ReframeRequestModel.IDEOGRAM_V3_REFRAME.
        input_ (V3ReframeInput): Image and options of the new frame.
        call_back_url (str | Unset): URL to which the service POSTs the task when it succeeds or fails. It must accept a
            JSON POST. The service recommends callbacks instead of polling in production.
    """

    input_: V3ReframeInput
    model: V3ReframeRequestModel = V3ReframeRequestModel.IDEOGRAM_V3_REFRAME
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
        from ..models.v3_reframe_input import V3ReframeInput  # noqa: PLC0415 # models refer to one another

        d = dict(src_dict)
        model = V3ReframeRequestModel(d.pop("model"))

        input_ = V3ReframeInput.from_dict(d.pop("input"))

        call_back_url = d.pop("callBackUrl", UNSET)

        v3_reframe_request = cls(
            model=model,
            input_=input_,
            call_back_url=call_back_url,
        )

        return v3_reframe_request
