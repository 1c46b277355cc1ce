# Generated from spec/ by `make generate`. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.v3_edit_input_rendering_speed import V3EditInputRenderingSpeed
from ..types import UNSET, Unset

T = TypeVar("T", bound="V3EditInput")


@_attrs_define
class V3EditInput:
    """Prompt, image, mask and options of the edit.

    Attributes:
        prompt (str): Text that describes what to paint into the masked region.
        image_url (str): The image to edit. It must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size
            as the mask.
        mask_url (str): The mask that marks the region to repaint. It must be JPEG, PNG or WebP, at most 10.0 MB, and
            have the same pixel size as the image. The service does not document which mask colour is repainted.
        rendering_speed (V3EditInputRenderingSpeed | Unset): Balance between rendering speed and quality. It sets the
            price per image. Default: V3EditInputRenderingSpeed.BALANCED.
        expand_prompt (bool | Unset): Expand the prompt with the service's MagicPrompt before rendering. Default: True.
        seed (int | Unset): Seed of the random number generator.
    """

    prompt: str
    image_url: str
    mask_url: str
    rendering_speed: V3EditInputRenderingSpeed | Unset = V3EditInputRenderingSpeed.BALANCED
    expand_prompt: bool | Unset = True
    seed: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        prompt = self.prompt

        image_url = self.image_url

        mask_url = self.mask_url

        rendering_speed: str | Unset = UNSET
        if not isinstance(self.rendering_speed, Unset):
            rendering_speed = self.rendering_speed.value

        expand_prompt = self.expand_prompt

        seed = self.seed

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "prompt": prompt,
                "image_url": image_url,
                "mask_url": mask_url,
            }
        )
        if rendering_speed is not UNSET:
            field_dict["rendering_speed"] = rendering_speed
        if expand_prompt is not UNSET:
            field_dict["expand_prompt"] = expand_prompt
        if seed is not UNSET:
            field_dict["seed"] = seed

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        prompt = d.pop("prompt")

        image_url = d.pop("image_url")

        mask_url = d.pop("mask_url")

        _rendering_speed = d.pop("rendering_speed", UNSET)
        rendering_speed: V3EditInputRenderingSpeed | Unset
        if isinstance(_rendering_speed, Unset):
            rendering_speed = UNSET
        else:
            rendering_speed = V3EditInputRenderingSpeed(_rendering_speed)

        expand_prompt = d.pop("expand_prompt", UNSET)

        seed = d.pop("seed", UNSET)

        v3_edit_input = cls(
            prompt=prompt,
            image_url=image_url,
            mask_url=mask_url,
            rendering_speed=rendering_speed,
            expand_prompt=expand_prompt,
            seed=seed,
        )

        return v3_edit_input
