# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.v3_remix_input_image_size import V3RemixInputImageSize
from ..models.v3_remix_input_num_images import V3RemixInputNumImages
from ..models.v3_remix_input_rendering_speed import V3RemixInputRenderingSpeed
from ..models.v3_remix_input_style import V3RemixInputStyle
from ..types import UNSET, Unset

T = TypeVar("T", bound="V3RemixInput")


@_attrs_define
class V3RemixInput:
    """Prompt, image and options of the remix.

    Attributes:
        prompt (str): Text that describes the new version of the image.
        image_url (str): The image to remix. It must be JPEG, PNG or WebP, at most 10.0 MB.
        rendering_speed (V3RemixInputRenderingSpeed | Unset): Balance between rendering speed and quality. It sets the
            price per image.
        style (V3RemixInputStyle | Unset): Visual style of the images. It cannot be combined with `style_codes`.
        expand_prompt (bool | Unset): Expand the prompt with the service's MagicPrompt before rendering.
        image_size (V3RemixInputImageSize | Unset): Size and shape of the images.
        num_images (V3RemixInputNumImages | Unset): Number of images to generate. Each image is charged.
        seed (int | Unset): Seed of the random number generator.
        strength (float | Unset): Influence of the image on the result. A higher value stays closer to the image.
        negative_prompt (str | Unset): Text that describes what the images must not show. The prompt takes precedence.
    """

    prompt: str
    image_url: str
    rendering_speed: V3RemixInputRenderingSpeed | Unset = UNSET
    style: V3RemixInputStyle | Unset = UNSET
    expand_prompt: bool | Unset = UNSET
    image_size: V3RemixInputImageSize | Unset = UNSET
    num_images: V3RemixInputNumImages | Unset = UNSET
    seed: int | Unset = UNSET
    strength: float | Unset = UNSET
    negative_prompt: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        prompt = self.prompt

        image_url = self.image_url

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

        num_images: str | Unset = UNSET
        if not isinstance(self.num_images, Unset):
            num_images = self.num_images.value

        seed = self.seed

        strength = self.strength

        negative_prompt = self.negative_prompt

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "prompt": prompt,
                "image_url": image_url,
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
        if num_images is not UNSET:
            field_dict["num_images"] = num_images
        if seed is not UNSET:
            field_dict["seed"] = seed
        if strength is not UNSET:
            field_dict["strength"] = strength
        if negative_prompt is not UNSET:
            field_dict["negative_prompt"] = negative_prompt

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        prompt = d.pop("prompt")

        image_url = d.pop("image_url")

        _rendering_speed = d.pop("rendering_speed", UNSET)
        rendering_speed: V3RemixInputRenderingSpeed | Unset
        if isinstance(_rendering_speed, Unset):
            rendering_speed = UNSET
        else:
            rendering_speed = V3RemixInputRenderingSpeed(_rendering_speed)

        _style = d.pop("style", UNSET)
        style: V3RemixInputStyle | Unset
        if isinstance(_style, Unset):
            style = UNSET
        else:
            style = V3RemixInputStyle(_style)

        expand_prompt = d.pop("expand_prompt", UNSET)

        _image_size = d.pop("image_size", UNSET)
        image_size: V3RemixInputImageSize | Unset
        if isinstance(_image_size, Unset):
            image_size = UNSET
        else:
            image_size = V3RemixInputImageSize(_image_size)

        _num_images = d.pop("num_images", UNSET)
        num_images: V3RemixInputNumImages | Unset
        if isinstance(_num_images, Unset):
            num_images = UNSET
        else:
            num_images = V3RemixInputNumImages(_num_images)

        seed = d.pop("seed", UNSET)

        strength = d.pop("strength", UNSET)

        negative_prompt = d.pop("negative_prompt", UNSET)

        v3_remix_input = cls(
            prompt=prompt,
            image_url=image_url,
            rendering_speed=rendering_speed,
            style=style,
            expand_prompt=expand_prompt,
            image_size=image_size,
            num_images=num_images,
            seed=seed,
            strength=strength,
            negative_prompt=negative_prompt,
        )

        return v3_remix_input
