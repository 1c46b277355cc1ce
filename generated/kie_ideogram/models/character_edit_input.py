# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.character_edit_input_num_images import CharacterEditInputNumImages
from ..models.character_edit_input_rendering_speed import (
    CharacterEditInputRenderingSpeed,
)
from ..models.character_edit_input_style import CharacterEditInputStyle
from ..types import UNSET, Unset

T = TypeVar("T", bound="CharacterEditInput")


@_attrs_define
class CharacterEditInput:
    """Prompt, image, mask, reference image and options of the edit.

    Attributes:
        prompt (str): Text that describes what to paint into the masked region.
        image_url (str): The image to edit. It must be JPEG, PNG or WebP, at most 10 MB, and have the same pixel size as
            the mask.
        mask_url (str): The mask that marks the region to repaint. It must be JPEG, PNG or WebP, at most 10 MB, and have
            the same pixel size as the image. The service does not document which mask colour is repainted.
        reference_image_urls (list[str]): The reference image of the character. It must be JPEG, PNG or WebP, at most 10
            MB. Give one: the service uses only the first and ignores the others.
        rendering_speed (CharacterEditInputRenderingSpeed | Unset): Balance between rendering speed and quality. It sets
            the price per image. Default: CharacterEditInputRenderingSpeed.BALANCED.
        style (CharacterEditInputStyle | Unset): Visual style of the images. It cannot be combined with `style_codes`.
            Default: CharacterEditInputStyle.AUTO.
        expand_prompt (bool | Unset): Expand the prompt with the service's MagicPrompt before rendering. Default: True.
        num_images (CharacterEditInputNumImages | Unset): Number of images to generate. Each image is charged. Default:
            CharacterEditInputNumImages.ONE.
        seed (int | Unset): Seed of the random number generator.
    """

    prompt: str
    image_url: str
    mask_url: str
    reference_image_urls: list[str]
    rendering_speed: CharacterEditInputRenderingSpeed | Unset = CharacterEditInputRenderingSpeed.BALANCED
    style: CharacterEditInputStyle | Unset = CharacterEditInputStyle.AUTO
    expand_prompt: bool | Unset = True
    num_images: CharacterEditInputNumImages | Unset = CharacterEditInputNumImages.ONE
    seed: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        prompt = self.prompt

        image_url = self.image_url

        mask_url = self.mask_url

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

        seed = self.seed

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "prompt": prompt,
                "image_url": image_url,
                "mask_url": mask_url,
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
        if seed is not UNSET:
            field_dict["seed"] = seed

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        prompt = d.pop("prompt")

        image_url = d.pop("image_url")

        mask_url = d.pop("mask_url")

        reference_image_urls = cast(list[str], d.pop("reference_image_urls"))

        _rendering_speed = d.pop("rendering_speed", UNSET)
        rendering_speed: CharacterEditInputRenderingSpeed | Unset
        if isinstance(_rendering_speed, Unset):
            rendering_speed = UNSET
        else:
            rendering_speed = CharacterEditInputRenderingSpeed(_rendering_speed)

        _style = d.pop("style", UNSET)
        style: CharacterEditInputStyle | Unset
        if isinstance(_style, Unset):
            style = UNSET
        else:
            style = CharacterEditInputStyle(_style)

        expand_prompt = d.pop("expand_prompt", UNSET)

        _num_images = d.pop("num_images", UNSET)
        num_images: CharacterEditInputNumImages | Unset
        if isinstance(_num_images, Unset):
            num_images = UNSET
        else:
            num_images = CharacterEditInputNumImages(_num_images)

        seed = d.pop("seed", UNSET)

        character_edit_input = cls(
            prompt=prompt,
            image_url=image_url,
            mask_url=mask_url,
            reference_image_urls=reference_image_urls,
            rendering_speed=rendering_speed,
            style=style,
            expand_prompt=expand_prompt,
            num_images=num_images,
            seed=seed,
        )

        return character_edit_input
