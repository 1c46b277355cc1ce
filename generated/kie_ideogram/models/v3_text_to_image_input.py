# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.v3_text_to_image_input_image_size import V3TextToImageInputImageSize
from ..models.v3_text_to_image_input_rendering_speed import (
    V3TextToImageInputRenderingSpeed,
)
from ..models.v3_text_to_image_input_style import V3TextToImageInputStyle
from ..types import UNSET, Unset

T = TypeVar("T", bound="V3TextToImageInput")


@_attrs_define
class V3TextToImageInput:
    """Prompt and options of the image.

    Attributes:
        prompt (str): Text that describes the image.
        rendering_speed (V3TextToImageInputRenderingSpeed | Unset): Balance between rendering speed and quality. It sets
            the price per image.
        style (V3TextToImageInputStyle | Unset): Visual style of the images. It cannot be combined with `style_codes`.
        expand_prompt (bool | Unset): Expand the prompt with the service's MagicPrompt before rendering.
        image_size (V3TextToImageInputImageSize | Unset): Size and shape of the images.
        seed (int | Unset): Seed of the random number generator.
        negative_prompt (str | Unset): Text that describes what the images must not show. The prompt takes precedence.
    """

    prompt: str
    rendering_speed: V3TextToImageInputRenderingSpeed | Unset = UNSET
    style: V3TextToImageInputStyle | Unset = UNSET
    expand_prompt: bool | Unset = UNSET
    image_size: V3TextToImageInputImageSize | Unset = UNSET
    seed: int | Unset = UNSET
    negative_prompt: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        prompt = self.prompt

        rendering_speed: str | Unset = UNSET
        if not isinstance(self.rendering_speed, Unset):
            rendering_speed = self.rendering_speed.value

        style: str | Unset = UNSET
        if not isinstance(self.style, Unset):
            style = self.style.value

        expand_prompt = self.expand_prompt

        image_size: str | Unset = UNSET
        if not isinstance(self.image_size, Unset):
            image_size = self.image_size.value

        seed = self.seed

        negative_prompt = self.negative_prompt

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "prompt": prompt,
            }
        )
        if rendering_speed is not UNSET:
            field_dict["rendering_speed"] = rendering_speed
        if style is not UNSET:
            field_dict["style"] = style
        if expand_prompt is not UNSET:
            field_dict["expand_prompt"] = expand_prompt
        if image_size is not UNSET:
            field_dict["image_size"] = image_size
        if seed is not UNSET:
            field_dict["seed"] = seed
        if negative_prompt is not UNSET:
            field_dict["negative_prompt"] = negative_prompt

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        prompt = d.pop("prompt")

        _rendering_speed = d.pop("rendering_speed", UNSET)
        rendering_speed: V3TextToImageInputRenderingSpeed | Unset
        if isinstance(_rendering_speed, Unset):
            rendering_speed = UNSET
        else:
            rendering_speed = V3TextToImageInputRenderingSpeed(_rendering_speed)

        _style = d.pop("style", UNSET)
        style: V3TextToImageInputStyle | Unset
        if isinstance(_style, Unset):
            style = UNSET
        else:
            style = V3TextToImageInputStyle(_style)

        expand_prompt = d.pop("expand_prompt", UNSET)

        _image_size = d.pop("image_size", UNSET)
        image_size: V3TextToImageInputImageSize | Unset
        if isinstance(_image_size, Unset):
            image_size = UNSET
        else:
            image_size = V3TextToImageInputImageSize(_image_size)

        seed = d.pop("seed", UNSET)

        negative_prompt = d.pop("negative_prompt", UNSET)

        v3_text_to_image_input = cls(
            prompt=prompt,
            rendering_speed=rendering_speed,
            style=style,
            expand_prompt=expand_prompt,
            image_size=image_size,
            seed=seed,
            negative_prompt=negative_prompt,
        )

        return v3_text_to_image_input
