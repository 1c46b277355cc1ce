# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.v3_reframe_input_image_size import V3ReframeInputImageSize
from ..models.v3_reframe_input_num_images import V3ReframeInputNumImages
from ..models.v3_reframe_input_rendering_speed import V3ReframeInputRenderingSpeed
from ..models.v3_reframe_input_style import V3ReframeInputStyle
from ..types import UNSET, Unset

T = TypeVar("T", bound="V3ReframeInput")


@_attrs_define
class V3ReframeInput:
    """Image and options of the new frame.

    Attributes:
        image_url (str): The image to reframe. It must be JPEG, PNG or WebP, at most 10.0 MB.
        image_size (V3ReframeInputImageSize): Size and shape of the result. Default: V3ReframeInputImageSize.SQUARE_HD.
        rendering_speed (V3ReframeInputRenderingSpeed | Unset): Balance between rendering speed and quality. It sets the
            price per image. Default: V3ReframeInputRenderingSpeed.BALANCED.
        style (V3ReframeInputStyle | Unset): Visual style of the images. It cannot be combined with `style_codes`.
            Default: V3ReframeInputStyle.AUTO.
        num_images (V3ReframeInputNumImages | Unset): Number of images to generate. Each image is charged. Default:
            V3ReframeInputNumImages.ONE.
        seed (float | Unset): Seed of the random number generator.
    """

    image_url: str
    image_size: V3ReframeInputImageSize = V3ReframeInputImageSize.SQUARE_HD
    rendering_speed: V3ReframeInputRenderingSpeed | Unset = V3ReframeInputRenderingSpeed.BALANCED
    style: V3ReframeInputStyle | Unset = V3ReframeInputStyle.AUTO
    num_images: V3ReframeInputNumImages | Unset = V3ReframeInputNumImages.ONE
    seed: float | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        image_url = self.image_url

        image_size = self.image_size.value

        rendering_speed: str | Unset = UNSET
        if not isinstance(self.rendering_speed, Unset):
            rendering_speed = self.rendering_speed.value

        style: str | Unset = UNSET
        if not isinstance(self.style, Unset):
            style = self.style.value

        num_images: str | Unset = UNSET
        if not isinstance(self.num_images, Unset):
            num_images = self.num_images.value

        seed = self.seed

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "image_url": image_url,
                "image_size": image_size,
            }
        )
        if rendering_speed is not UNSET:
            field_dict["rendering_speed"] = rendering_speed
        if style is not UNSET:
            field_dict["style"] = style
        if num_images is not UNSET:
            field_dict["num_images"] = num_images
        if seed is not UNSET:
            field_dict["seed"] = seed

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        image_url = d.pop("image_url")

        image_size = V3ReframeInputImageSize(d.pop("image_size"))

        _rendering_speed = d.pop("rendering_speed", UNSET)
        rendering_speed: V3ReframeInputRenderingSpeed | Unset
        if isinstance(_rendering_speed, Unset):
            rendering_speed = UNSET
        else:
            rendering_speed = V3ReframeInputRenderingSpeed(_rendering_speed)

        _style = d.pop("style", UNSET)
        style: V3ReframeInputStyle | Unset
        if isinstance(_style, Unset):
            style = UNSET
        else:
            style = V3ReframeInputStyle(_style)

        _num_images = d.pop("num_images", UNSET)
        num_images: V3ReframeInputNumImages | Unset
        if isinstance(_num_images, Unset):
            num_images = UNSET
        else:
            num_images = V3ReframeInputNumImages(_num_images)

        seed = d.pop("seed", UNSET)

        v3_reframe_input = cls(
            image_url=image_url,
            image_size=image_size,
            rendering_speed=rendering_speed,
            style=style,
            num_images=num_images,
            seed=seed,
        )

        return v3_reframe_input
