# Generated from spec/ by `make generate`. Do not edit.
"""What ideogram/character-edit accepts, and what it costs."""

from .._runtime.contract.model import Argument, Image, Model, Price

MODEL = Model(
    name="ideogram/character-edit",
    resource="character_edit",
    arguments=(
        Argument(name="prompt", path=("input", "prompt")),
        Argument(name="image_url", path=("input", "image_url")),
        Argument(name="mask_url", path=("input", "mask_url")),
        Argument(name="reference_image_urls", path=("input", "reference_image_urls")),
        Argument(name="rendering_speed", path=("input", "rendering_speed"), default="BALANCED"),
        Argument(name="style", path=("input", "style"), default="AUTO"),
        Argument(name="expand_prompt", path=("input", "expand_prompt"), default=True),
        Argument(name="num_images", path=("input", "num_images"), default="1", holds="count"),
        Argument(name="seed", path=("input", "seed"), holds="seed"),
        Argument(name="call_back_url", path=("callBackUrl",)),
    ),
    schema={
        "type": "object",
        "required": ["model", "input"],
        "properties": {
            "model": {"type": "string", "enum": ["ideogram/character-edit"]},
            "callBackUrl": {"type": "string", "format": "uri"},
            "input": {
                "type": "object",
                "required": ["prompt", "image_url", "mask_url", "reference_image_urls"],
                "properties": {
                    "prompt": {"type": "string", "maxLength": 5000},
                    "image_url": {"type": "string"},
                    "mask_url": {"type": "string"},
                    "reference_image_urls": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "format": "uri"},
                    },
                    "rendering_speed": {"type": "string", "enum": ["TURBO", "BALANCED", "QUALITY"]},
                    "style": {"type": "string", "enum": ["AUTO", "REALISTIC", "FICTION"]},
                    "expand_prompt": {"type": "boolean"},
                    "num_images": {"type": "string", "enum": ["1", "2", "3", "4"]},
                    "seed": {"type": "integer"},
                },
                "dependentSchemas": {"style": {"propertyNames": {"not": {"const": "style_codes"}}}},
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
    operation="createTask",
    discriminator="model",
    price=Price(
        credits={"TURBO": 12, "BALANCED": 18, "QUALITY": 24},
        by=("input", "rendering_speed"),
        times=("input", "num_images"),
        by_default="BALANCED",
        times_default="1",
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
        Image(
            path=("input", "reference_image_urls"),
            role="reference",
            types=("image/jpeg", "image/png", "image/webp"),
            max_bytes=10000000,
            listed=True,
            max_total_bytes=10000000,
            used=1,
            argument="reference",
        ),
    ),
)
