# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.character_input_image_size import CharacterInputImageSize
from ..models.character_input_num_images import CharacterInputNumImages
from ..models.character_input_rendering_speed import CharacterInputRenderingSpeed
from ..models.character_input_style import CharacterInputStyle
from ..types import UNSET, Unset

T = TypeVar("T", bound="CharacterInput")


@_attrs_define
class CharacterInput:
    """Prompt, reference image and options of the images.

    Attributes:
        prompt (str): Text that describes the image with the character.
        reference_image_urls (list[str]): The reference images of the character. Each image must be JPEG, PNG or WebP,
            at most 10.0 MB, and all images together at most 10 MB. The service uses only the first image and ignores the
            others.
        rendering_speed (CharacterInputRenderingSpeed | Unset): Balance between rendering speed and quality. It sets the
            price per image. Default: CharacterInputRenderingSpeed.BALANCED.
        style (CharacterInputStyle | Unset): Visual style of the images. It cannot be combined with `style_codes`.
            Default: CharacterInputStyle.AUTO.
        expand_prompt (bool | Unset): Expand the prompt with the service's MagicPrompt before rendering. Default: True.
        num_images (CharacterInputNumImages | Unset): Number of images to generate. Each image is charged. Default:
            CharacterInputNumImages.ONE.
        image_size (CharacterInputImageSize | Unset): Size and shape of the images. Default:
            CharacterInputImageSize.SQUARE_HD.
        seed (int | Unset): Seed of the random number generator.
        negative_prompt (str | Unset): Text that describes what the images must not show. The prompt takes precedence.
            Default: ''.
    """

    prompt: str
    reference_image_urls: list[str]
    rendering_speed: CharacterInputRenderingSpeed | Unset = CharacterInputRenderingSpeed.BALANCED
    style: CharacterInputStyle | Unset = CharacterInputStyle.AUTO
    expand_prompt: bool | Unset = True
    num_images: CharacterInputNumImages | Unset = CharacterInputNumImages.ONE
    image_size: CharacterInputImageSize | Unset = CharacterInputImageSize.SQUARE_HD
    seed: int | Unset = UNSET
    negative_prompt: str | Unset = ""

    def to_dict(self) -> dict[str, Any]:
        prompt = self.prompt

        reference_image_urls = self.reference_image_urls

        rendering_speed: str | Unset = UNSET
        if not isinstance(self.rendering_speed, Unset):
            rendering_speed = self.rendering_speed.value

        style: str | Unset = UNSET
        if not isinstance(self.style, Unset):
            style = self.style.value

        expand_prompt = self.expand_prompt

        num_images: str | Unset = UNSET
        if not isinstance(self.num_images, Unset):
            num_images = self.num_images.value

        image_size: str | Unset = UNSET
        if not isinstance(self.image_size, Unset):
            image_size = self.image_size.value

        seed = self.seed

        negative_prompt = self.negative_prompt

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "prompt": prompt,
                "reference_image_urls": reference_image_urls,
            }
        )
        if rendering_speed is not UNSET:
            field_dict["rendering_speed"] = rendering_speed
        if style is not UNSET:
            field_dict["style"] = style
        if expand_prompt is not UNSET:
            field_dict["expand_prompt"] = expand_prompt
        if num_images is not UNSET:
            field_dict["num_images"] = num_images
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

        reference_image_urls = cast(list[str], d.pop("reference_image_urls"))

        _rendering_speed = d.pop("rendering_speed", UNSET)
        rendering_speed: CharacterInputRenderingSpeed | Unset
        if isinstance(_rendering_speed, Unset):
            rendering_speed = UNSET
        else:
            rendering_speed = CharacterInputRenderingSpeed(_rendering_speed)

        _style = d.pop("style", UNSET)
        style: CharacterInputStyle | Unset
        if isinstance(_style, Unset):
            style = UNSET
        else:
            style = CharacterInputStyle(_style)

        expand_prompt = d.pop("expand_prompt", UNSET)

        _num_images = d.pop("num_images", UNSET)
        num_images: CharacterInputNumImages | Unset
        if isinstance(_num_images, Unset):
            num_images = UNSET
        else:
            num_images = CharacterInputNumImages(_num_images)

        _image_size = d.pop("image_size", UNSET)
        image_size: CharacterInputImageSize | Unset
        if isinstance(_image_size, Unset):
            image_size = UNSET
        else:
            image_size = CharacterInputImageSize(_image_size)

        seed = d.pop("seed", UNSET)

        negative_prompt = d.pop("negative_prompt", UNSET)

        character_input = cls(
            prompt=prompt,
            reference_image_urls=reference_image_urls,
            rendering_speed=rendering_speed,
            style=style,
            expand_prompt=expand_prompt,
            num_images=num_images,
            image_size=image_size,
            seed=seed,
            negative_prompt=negative_prompt,
        )

        return character_input
