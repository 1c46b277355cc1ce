# Generated from spec/ by `make generate`. Do not edit.
"""What ideogram/v3-remix accepts, and what it costs."""

from .._runtime.contract.model import Argument, Image, Model, Pixels, Price

MODEL = Model(
    name="ideogram/v3-remix",
    resource="v3_remix",
    arguments=(
        Argument(name="prompt", path=("input", "prompt")),
        Argument(name="image_url", path=("input", "image_url")),
        Argument(name="rendering_speed", path=("input", "rendering_speed")),
        Argument(name="style", path=("input", "style")),
        Argument(name="expand_prompt", path=("input", "expand_prompt")),
        Argument(name="image_size", path=("input", "image_size")),
        Argument(name="num_images", path=("input", "num_images"), holds="count"),
        Argument(name="seed", path=("input", "seed"), holds="seed"),
        Argument(name="strength", path=("input", "strength")),
        Argument(name="negative_prompt", path=("input", "negative_prompt")),
        Argument(name="call_back_url", path=("callBackUrl",)),
    ),
    schema={
        "type": "object",
        "required": ["model", "input"],
        "properties": {
            "model": {"type": "string", "enum": ["ideogram/v3-remix"]},
            "callBackUrl": {"type": "string", "format": "uri"},
            "input": {
                "type": "object",
                "required": ["prompt", "image_url"],
                "properties": {
                    "prompt": {"type": "string", "maxLength": 5000},
                    "image_url": {"type": "string", "format": "uri"},
                    "rendering_speed": {"type": "string", "enum": ["TURBO", "BALANCED", "QUALITY"]},
                    "style": {"type": "string", "enum": ["AUTO", "GENERAL", "REALISTIC", "DESIGN"]},
                    "expand_prompt": {"type": "boolean"},
                    "image_size": {
                        "type": "string",
                        "enum": [
                            "square",
                            "square_hd",
                            "portrait_4_3",
                            "portrait_16_9",
                            "landscape_4_3",
                            "landscape_16_9",
                        ],
                    },
                    "num_images": {"type": "string", "enum": ["1", "2", "3", "4"]},
                    "seed": {"type": "integer"},
                    "strength": {"type": "number", "minimum": 0.01, "maximum": 1},
                    "negative_prompt": {"type": "string", "maxLength": 5000},
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
        credits={"TURBO": 3.5, "BALANCED": 7, "QUALITY": 10},
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
            argument="image",
        ),
    ),
    pixels=Pixels(
        path=("input", "image_size"),
        default=None,
        sizes={
            "square": (512, 512),
            "square_hd": (1024, 1024),
            "portrait_4_3": (768, 1024),
            "portrait_16_9": (576, 1024),
            "landscape_4_3": (1024, 768),
            "landscape_16_9": (1024, 576),
        },
    ),
)
