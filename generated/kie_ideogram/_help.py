# Generated from spec/ by `make generate`. Do not edit.
"""The help texts of the command line, from the spec."""

from ._runtime.cli.package import CommandModel

TITLE = "kie.ai Ideogram"

KEY_HELP = "Get an API key at https://kie.ai/api-key and keep it secret. Reset it there if it leaks."

HELP = {
    "ideogram/character-edit": {
        "prompt": "Text that describes what to paint into the masked region. At most 5000 characters.",
        "image": "The image to edit. It must be JPEG, PNG or WebP, at most 10 MB, and have the same pixel size as the mask.",
        "mask": "The mask that marks the region to repaint. It must be JPEG, PNG or WebP, at most 10 MB, and have the same pixel size as the image. The service does not document which mask colour is repainted.",
        "reference": "The reference image of the character. It must be JPEG, PNG or WebP, at most 10 MB. Give one: the service uses only the first and ignores the others.",
        "rendering_speed": "Balance between rendering speed and quality. It sets the price per image. The service's default is BALANCED.",
        "style": "Visual style of the images. It cannot be combined with `style_codes`. The service's default is AUTO.",
        "expand_prompt": "Expand the prompt with the service's MagicPrompt before rendering. The service's default is yes.",
        "num_images": "Number of images to generate. Each image is charged. The service's default is 1.",
        "seed": "Seed of the random number generator.",
        "call_back_url": "URL to which the service POSTs the task when it succeeds or fails. It must accept a JSON POST. The service recommends callbacks instead of polling in production.",
    },
    "ideogram/v3-text-to-image": {
        "prompt": "Text that describes the image. At most 5000 characters.",
        "rendering_speed": "Balance between rendering speed and quality. It sets the price per image.",
        "style": "Visual style of the images. It cannot be combined with `style_codes`.",
        "expand_prompt": "Expand the prompt with the service's MagicPrompt before rendering.",
        "image_size": "Size and shape of the images.",
        "seed": "Seed of the random number generator.",
        "negative_prompt": "Text that describes what the images must not show. The prompt takes precedence. At most 5000 characters.",
        "call_back_url": "URL to which the service POSTs the task when it succeeds or fails. It must accept a JSON POST. The service recommends callbacks instead of polling in production.",
    },
    "ideogram/v3-edit": {
        "prompt": "Text that describes what to paint into the masked region. At most 5000 characters.",
        "image": "The image to edit. It must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as the mask.",
        "mask": "The mask that marks the region to repaint. It must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as the image. The service does not document which mask colour is repainted.",
        "rendering_speed": "Balance between rendering speed and quality. It sets the price per image. The service's default is BALANCED.",
        "expand_prompt": "Expand the prompt with the service's MagicPrompt before rendering. The service's default is yes.",
        "seed": "Seed of the random number generator.",
        "call_back_url": "URL to which the service POSTs the task when it succeeds or fails. It must accept a JSON POST. The service recommends callbacks instead of polling in production.",
    },
    "ideogram/v3-remix": {
        "prompt": "Text that describes the new version of the image. At most 5000 characters.",
        "image": "The image to remix. It must be JPEG, PNG or WebP, at most 10.0 MB.",
        "rendering_speed": "Balance between rendering speed and quality. It sets the price per image.",
        "style": "Visual style of the images. It cannot be combined with `style_codes`.",
        "expand_prompt": "Expand the prompt with the service's MagicPrompt before rendering.",
        "image_size": "Size and shape of the images.",
        "num_images": "Number of images to generate. Each image is charged.",
        "seed": "Seed of the random number generator.",
        "strength": "Influence of the image on the result. A higher value stays closer to the image. From 0.01 to 1.",
        "negative_prompt": "Text that describes what the images must not show. The prompt takes precedence. At most 5000 characters.",
        "call_back_url": "URL to which the service POSTs the task when it succeeds or fails. It must accept a JSON POST. The service recommends callbacks instead of polling in production.",
    },
    "ideogram/v3-reframe": {
        "image": "The image to reframe. It must be JPEG, PNG or WebP, at most 10.0 MB.",
        "image_size": "Size and shape of the result. The service's default is square_hd.",
        "rendering_speed": "Balance between rendering speed and quality. It sets the price per image. The service's default is BALANCED.",
        "style": "Visual style of the images. It cannot be combined with `style_codes`. The service's default is AUTO.",
        "num_images": "Number of images to generate. Each image is charged. The service's default is 1.",
        "seed": "Seed of the random number generator.",
        "call_back_url": "URL to which the service POSTs the task when it succeeds or fails. It must accept a JSON POST. The service recommends callbacks instead of polling in production.",
    },
    "ideogram/character": {
        "prompt": "Text that describes the image with the character. At most 5000 characters.",
        "reference": "The reference images of the character. Each image must be JPEG, PNG or WebP, at most 10.0 MB, and all images together at most 10 MB. The service uses only the first image and ignores the others.",
        "rendering_speed": "Balance between rendering speed and quality. It sets the price per image. The service's default is BALANCED.",
        "style": "Visual style of the images. It cannot be combined with `style_codes`. The service's default is AUTO.",
        "expand_prompt": "Expand the prompt with the service's MagicPrompt before rendering. The service's default is yes.",
        "num_images": "Number of images to generate. Each image is charged. The service's default is 1.",
        "image_size": "Size and shape of the images. The service's default is square_hd.",
        "seed": "Seed of the random number generator.",
        "negative_prompt": "Text that describes what the images must not show. The prompt takes precedence. The service's default is empty. At most 5000 characters.",
        "call_back_url": "URL to which the service POSTs the task when it succeeds or fails. It must accept a JSON POST. The service recommends callbacks instead of polling in production.",
    },
    "ideogram/character-remix": {
        "prompt": "Text that describes the new version of the image. At most 5000 characters.",
        "image": "The image to remix. It must be JPEG, PNG or WebP, at most 10.0 MB.",
        "reference": "The reference images of the character. Each image must be JPEG, PNG or WebP, at most 10.0 MB, and all images together at most 10 MB. The service uses only the first image and ignores the others.",
        "rendering_speed": "Balance between rendering speed and quality. It sets the price per image. The service's default is BALANCED.",
        "style": "Visual style of the images. It cannot be combined with `style_codes`. The service's default is AUTO.",
        "expand_prompt": "Expand the prompt with the service's MagicPrompt before rendering. The service's default is yes.",
        "image_size": "Size and shape of the images. The service's default is square_hd.",
        "num_images": "Number of images to generate. Each image is charged. The service's default is 1.",
        "seed": "Seed of the random number generator.",
        "strength": "Influence of the image on the result. A higher value stays closer to the image. The service's default is 0.8. From 0.1 to 1.",
        "negative_prompt": "Text that describes what the images must not show. The prompt takes precedence. The service's default is empty. At most 500 characters.",
        "style_image": "The images whose style the result follows. Each image must be JPEG, PNG or WebP, at most 10.0 MB, and all images together at most 10 MB.",
        "reference_mask": "The mask of the reference image. It must be JPEG, PNG or WebP, at most 10.0 MB. The service uses one mask. It does not document which colour marks the character.",
        "call_back_url": "URL to which the service POSTs the task when it succeeds or fails. It must accept a JSON POST. The service recommends callbacks instead of polling in production.",
    },
}

COMMANDS = {
    "edit": {
        "ideogram/character-edit": CommandModel(
            "character-edit", "Repaint the masked region of an image with the character of a reference image."
        ),
        "ideogram/v3-edit": CommandModel("v3-edit", "Repaint the masked region of an image."),
        "ideogram/v3-remix": CommandModel("v3-remix", "Make a new version of an image, guided by a text."),
        "ideogram/v3-reframe": CommandModel("v3-reframe", "Extend an image to another size and shape."),
        "ideogram/character-remix": CommandModel(
            "character-remix", "Make a new version of an image with the character of a reference image."
        ),
    },
    "generate": {
        "ideogram/v3-text-to-image": CommandModel("v3-text-to-image", "Generate an image from a text."),
        "ideogram/character": CommandModel(
            "character", "Generate images of the character of a reference image."
        ),
    },
}
