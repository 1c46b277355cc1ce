# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.body_code import BodyCode
from ..types import UNSET, Unset

T = TypeVar("T", bound="FailureResponse")


@_attrs_define
class FailureResponse:
    """A reply whose `code` is not 200. Its `data` is null, missing or irrelevant.

    Attributes:
        code (BodyCode | int): Result code.
        msg (None | str | Unset): Error message of the service.
        message (None | str | Unset): Stands for `msg` on older pages.
        success (bool | Unset): Always false in a failure. Only uploads send this field.
        data (Any | Unset): Unspecified content.
    """

    code: BodyCode | int
    msg: None | str | Unset = UNSET
    message: None | str | Unset = UNSET
    success: bool | Unset = UNSET
    data: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code: int
        if isinstance(self.code, BodyCode):
            code = self.code.value
        else:
            code = self.code

        msg: None | str | Unset
        if isinstance(self.msg, Unset):
            msg = UNSET
        else:
            msg = self.msg

        message: None | str | Unset
        if isinstance(self.message, Unset):
            message = UNSET
        else:
            message = self.message

        success = self.success

        data = self.data

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
            }
        )
        if msg is not UNSET:
            field_dict["msg"] = msg
        if message is not UNSET:
            field_dict["message"] = message
        if success is not UNSET:
            field_dict["success"] = success
        if data is not UNSET:
            field_dict["data"] = data

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_code(data: object) -> BodyCode | int:
            try:
                if not isinstance(data, int):
                    raise TypeError()
                code_type_0 = BodyCode(data)

                return code_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BodyCode | int, data)

        code = _parse_code(d.pop("code"))

        def _parse_msg(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        msg = _parse_msg(d.pop("msg", UNSET))

        def _parse_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        message = _parse_message(d.pop("message", UNSET))

        success = d.pop("success", UNSET)

        data = d.pop("data", UNSET)

        failure_response = cls(
            code=code,
            msg=msg,
            message=message,
            success=success,
            data=data,
        )

        failure_response.additional_properties = d
        return failure_response

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
