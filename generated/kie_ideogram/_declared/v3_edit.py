# Generated from spec/ by `make generate`. Do not edit.
"""What ideogram/v3-edit accepts, and what it costs."""

from .._runtime.contract.model import Argument, Image, Model, Price

MODEL = Model(
    name="ideogram/v3-edit",
    resource="v3_edit",
    arguments=(
        Argument(name="prompt", path=("input", "prompt")),
        Argument(name="image_url", path=("input", "image_url")),
        Argument(name="mask_url", path=("input", "mask_url")),
        Argument(name="rendering_speed", path=("input", "rendering_speed"), default="BALANCED"),
        Argument(name="expand_prompt", path=("input", "expand_prompt"), default=True),
        Argument(name="seed", path=("input", "seed"), holds="seed"),
        Argument(name="call_back_url", path=("callBackUrl",)),
    ),
    schema={
        "type": "object",
        "required": ["model", "input"],
        "properties": {
            "model": {"type": "string", "enum": ["ideogram/v3-edit"]},
            "callBackUrl": {"type": "string", "format": "uri"},
            "input": {
                "type": "object",
                "required": ["prompt", "image_url", "mask_url"],
                "properties": {
                    "prompt": {"type": "string", "maxLength": 5000},
                    "image_url": {"type": "string", "format": "uri"},
                    "mask_url": {"type": "string", "format": "uri"},
                    "rendering_speed": {"type": "string", "enum": ["TURBO", "BALANCED", "QUALITY"]},
                    "expand_prompt": {"type": "boolean"},
                    "seed": {"type": "integer"},
                },
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
    operation="createTask",
    discriminator="model",
    price=Price(
        credits={"TURBO": 3.5, "BALANCED": 7, "QUALITY": 10},
        by=("input", "rendering_speed"),
        by_default="BALANCED",
    ),
    images=(
        Image(
            path=("input", "image_url"),
            role="picture",
            types=("image/jpeg", "image/png", "image/webp"),
            max_bytes=10000000,
            same_size_as=("input", "mask_url"),
            argument="image",
        ),
        Image(
            path=("input", "mask_url"),
            role="mask",
            types=("image/jpeg", "image/png", "image/webp"),
            max_bytes=10000000,
            same_size_as=("input", "image_url"),
            argument="mask",
            repaints="black",
        ),
    ),
)
