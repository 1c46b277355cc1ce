# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="UploadUrlRequest")


@_attrs_define
class UploadUrlRequest:
    """A public URL and where to put what it serves.

    Attributes:
        file_url (str): Publicly reachable http or https address of the file.
        upload_path (str): Folder on the service, without a leading or trailing slash.
        file_name (str | Unset): Name on the service. A random one when omitted; an existing file of that name is
            overwritten, and cached copies of it may linger.
    """

    file_url: str
    upload_path: str
    file_name: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        file_url = self.file_url

        upload_path = self.upload_path

        file_name = self.file_name

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "fileUrl": file_url,
                "uploadPath": upload_path,
            }
        )
        if file_name is not UNSET:
            field_dict["fileName"] = file_name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        file_url = d.pop("fileUrl")

        upload_path = d.pop("uploadPath")

        file_name = d.pop("fileName", UNSET)

        upload_url_request = cls(
            file_url=file_url,
            upload_path=upload_path,
            file_name=file_name,
        )

        return upload_url_request
