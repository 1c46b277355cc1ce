# Generated from spec/ by `make generate`. Do not edit.
"""What ideogram/character accepts, and what it costs."""

from .._runtime.contract.model import Argument, Image, Model, Pixels, Price

MODEL = Model(
    name="ideogram/character",
    resource="character",
    arguments=(
        Argument(name="prompt", path=("input", "prompt")),
        Argument(name="reference_image_urls", path=("input", "reference_image_urls")),
        Argument(name="rendering_speed", path=("input", "rendering_speed"), default="BALANCED"),
        Argument(name="style", path=("input", "style"), default="AUTO"),
        Argument(name="expand_prompt", path=("input", "expand_prompt"), default=True),
        Argument(name="num_images", path=("input", "num_images"), default="1", holds="count"),
        Argument(name="image_size", path=("input", "image_size"), default="square_hd"),
        Argument(name="seed", path=("input", "seed"), holds="seed"),
        Argument(name="negative_prompt", path=("input", "negative_prompt"), default=""),
        Argument(name="call_back_url", path=("callBackUrl",)),
    ),
    schema={
        "type": "object",
        "required": ["model", "input"],
        "properties": {
            "model": {"type": "string", "enum": ["ideogram/character"]},
            "callBackUrl": {"type": "string", "format": "uri"},
            "input": {
                "type": "object",
                "required": ["prompt", "reference_image_urls"],
                "properties": {
                    "prompt": {"type": "string", "maxLength": 5000},
                    "reference_image_urls": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "format": "uri"},
                    },
                    "rendering_speed": {"type": "string", "enum": ["TURBO", "BALANCED", "QUALITY"]},
                    "style": {"type": "string", "enum": ["AUTO", "REALISTIC", "FICTION"]},
                    "expand_prompt": {"type": "boolean"},
                    "num_images": {"type": "string", "enum": ["1", "2", "3", "4"]},
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
                    "seed": {"type": "integer"},
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
        credits={"TURBO": 12, "BALANCED": 18, "QUALITY": 24},
        by=("input", "rendering_speed"),
        times=("input", "num_images"),
        by_default="BALANCED",
        times_default="1",
    ),
    images=(
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
    pixels=Pixels(
        path=("input", "image_size"),
        default="square_hd",
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
