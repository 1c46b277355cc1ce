# Generated from spec/ by `make generate`. Do not edit.
"""The help texts of the command line, from the spec."""

TITLE = "kie.ai Ideogram"

KEY_HELP = "API key from https://kie.ai/api-key. Keep it secret. Reset it there if it leaks."

HELP = {
    "ideogram/character-edit": {
        "prompt": "Text that describes what to paint into the masked region. At most 5000 characters.",
        "image": "URL of the uploaded image to edit. The image must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as the mask.",
        "mask": "URL of the uploaded mask that marks the region to repaint. The mask must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as the image. The service does not document which mask colour is repainted.",
        "reference": "URLs of uploaded reference images of the character. Each image must be JPEG, PNG or WebP, at most 10.0 MB, and all images together at most 10 MB. The service uses only the first image and ignores the others.",
        "rendering_speed": "Balance between rendering speed and quality. It sets the price per image. The service's default is BALANCED.",
        "style": "Visual style of the images. It cannot be combined with `style_codes`. The service's default is AUTO.",
        "expand_prompt": "Expand the prompt with the service's MagicPrompt before rendering. The service's default is yes.",
        "num_images": "Number of images to generate. Each image is charged. The service's default is 1.",
        "seed": "Seed of the random number generator.",
        "call_back_url": "URL to which the service POSTs the task when it succeeds or fails. It must accept a JSON POST. The service recommends callbacks instead of polling in production.",
    },
}
