# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.body_code import BodyCode
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.task_record import TaskRecord


T = TypeVar("T", bound="TaskCallback")


@_attrs_define
class TaskCallback:
    """A finished task, as a callback reports it. `code` is 200 on success, and 501 or another code on failure.

    Attributes:
        code (BodyCode | int): Result code of the task.
        data (TaskRecord): A task, as the query and the callback report it.
        msg (str | Unset): Message for people, usually `success`.
        task_id (str | Unset): Repeats the task id.
    """

    code: BodyCode | int
    data: TaskRecord
    msg: str | Unset = UNSET
    task_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code: int
        if isinstance(self.code, BodyCode):
            code = self.code.value
        else:
            code = self.code

        data = self.data.to_dict()

        msg = self.msg

        task_id = self.task_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "data": data,
            }
        )
        if msg is not UNSET:
            field_dict["msg"] = msg
        if task_id is not UNSET:
            field_dict["taskId"] = task_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.task_record import TaskRecord  # noqa: PLC0415 # models refer to one another

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

        data = TaskRecord.from_dict(d.pop("data"))

        msg = d.pop("msg", UNSET)

        task_id = d.pop("taskId", UNSET)

        task_callback = cls(
            code=code,
            data=data,
            msg=msg,
            task_id=task_id,
        )

        task_callback.additional_properties = d
        return task_callback

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
