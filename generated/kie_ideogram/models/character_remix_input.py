# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.character_remix_input_image_size import CharacterRemixInputImageSize
from ..models.character_remix_input_num_images import CharacterRemixInputNumImages
from ..models.character_remix_input_rendering_speed import (
    CharacterRemixInputRenderingSpeed,
)
from ..models.character_remix_input_style import CharacterRemixInputStyle
from ..types import UNSET, Unset

T = TypeVar("T", bound="CharacterRemixInput")


@_attrs_define
class CharacterRemixInput:
    """Prompt, image, reference image, style images and options of the remix.

    Attributes:
        prompt (str): Text that describes the new version of the image.
        image_url (str): The image to remix. It must be JPEG, PNG or WebP, at most 10.0 MB.
        reference_image_urls (list[str]): The reference images of the character. Each image must be JPEG, PNG or WebP,
            at most 10.0 MB, and all images together at most 10 MB. The service uses only the first image and ignores the
            others.
        rendering_speed (CharacterRemixInputRenderingSpeed | Unset): Balance between rendering speed and quality. It
            sets the price per image. Default: CharacterRemixInputRenderingSpeed.BALANCED.
        style (CharacterRemixInputStyle | Unset): Visual style of the images. It cannot be combined with `style_codes`.
            Default: CharacterRemixInputStyle.AUTO.
        expand_prompt (bool | Unset): Expand the prompt with the service's MagicPrompt before rendering. Default: True.
        image_size (CharacterRemixInputImageSize | Unset): Size and shape of the images. Default:
            CharacterRemixInputImageSize.SQUARE_HD.
        num_images (CharacterRemixInputNumImages | Unset): Number of images to generate. Each image is charged. Default:
            CharacterRemixInputNumImages.ONE.
        seed (int | Unset): Seed of the random number generator.
        strength (float | Unset): Influence of the image on the result. A higher value stays closer to the image.
            Default: 0.8.
        negative_prompt (str | Unset): Text that describes what the images must not show. The prompt takes precedence.
            Default: ''.
        image_urls (list[str] | Unset): The images whose style the result follows. Each image must be JPEG, PNG or WebP,
            at most 10.0 MB, and all images together at most 10 MB.
        reference_mask_urls (str | Unset): The mask of the reference image. It must be JPEG, PNG or WebP, at most 10.0
            MB. The service uses one mask. It does not document which colour marks the character.
    """

    prompt: str
    image_url: str
    reference_image_urls: list[str]
    rendering_speed: CharacterRemixInputRenderingSpeed | Unset = CharacterRemixInputRenderingSpeed.BALANCED
    style: CharacterRemixInputStyle | Unset = CharacterRemixInputStyle.AUTO
    expand_prompt: bool | Unset = True
    image_size: CharacterRemixInputImageSize | Unset = CharacterRemixInputImageSize.SQUARE_HD
    num_images: CharacterRemixInputNumImages | Unset = CharacterRemixInputNumImages.ONE
    seed: int | Unset = UNSET
    strength: float | Unset = 0.8
    negative_prompt: str | Unset = ""
    image_urls: list[str] | Unset = UNSET
    reference_mask_urls: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        prompt = self.prompt

        image_url = self.image_url

        reference_image_urls = self.reference_image_urls

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

        image_urls: list[str] | Unset = UNSET
        if not isinstance(self.image_urls, Unset):
            image_urls = self.image_urls

        reference_mask_urls = self.reference_mask_urls

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "prompt": prompt,
                "image_url": image_url,
                "reference_image_urls": reference_image_urls,
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
        if image_urls is not UNSET:
            field_dict["image_urls"] = image_urls
        if reference_mask_urls is not UNSET:
            field_dict["reference_mask_urls"] = reference_mask_urls

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        prompt = d.pop("prompt")

        image_url = d.pop("image_url")

        reference_image_urls = cast(list[str], d.pop("reference_image_urls"))

        _rendering_speed = d.pop("rendering_speed", UNSET)
        rendering_speed: CharacterRemixInputRenderingSpeed | Unset
        if isinstance(_rendering_speed, Unset):
            rendering_speed = UNSET
        else:
            rendering_speed = CharacterRemixInputRenderingSpeed(_rendering_speed)

        _style = d.pop("style", UNSET)
        style: CharacterRemixInputStyle | Unset
        if isinstance(_style, Unset):
            style = UNSET
        else:
            style = CharacterRemixInputStyle(_style)

        expand_prompt = d.pop("expand_prompt", UNSET)

        _image_size = d.pop("image_size", UNSET)
        image_size: CharacterRemixInputImageSize | Unset
        if isinstance(_image_size, Unset):
            image_size = UNSET
        else:
            image_size = CharacterRemixInputImageSize(_image_size)

        _num_images = d.pop("num_images", UNSET)
        num_images: CharacterRemixInputNumImages | Unset
        if isinstance(_num_images, Unset):
            num_images = UNSET
        else:
            num_images = CharacterRemixInputNumImages(_num_images)

        seed = d.pop("seed", UNSET)

        strength = d.pop("strength", UNSET)

        negative_prompt = d.pop("negative_prompt", UNSET)

        image_urls = cast(list[str], d.pop("image_urls", UNSET))

        reference_mask_urls = d.pop("reference_mask_urls", UNSET)

        character_remix_input = cls(
            prompt=prompt,
            image_url=image_url,
            reference_image_urls=reference_image_urls,
            rendering_speed=rendering_speed,
            style=style,
            expand_prompt=expand_prompt,
            image_size=image_size,
            num_images=num_images,
            seed=seed,
            strength=strength,
            negative_prompt=negative_prompt,
            image_urls=image_urls,
            reference_mask_urls=reference_mask_urls,
        )

        return character_remix_input
