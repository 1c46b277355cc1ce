# Generated from spec/ by `make generate`. Do not edit.
"""The help texts of the command line, from the spec."""

TITLE = "kie.ai Ideogram"

KEY_HELP = "Get an API key at https://kie.ai/api-key and keep it secret. Reset it there if it leaks."

HELP = {
    "ideogram/character-edit": {
        "prompt": "Text that describes what to paint into the masked region. At most 5000 characters.",
        "image": "A file to upload, or a URL. The image to edit. It must be JPEG, PNG or WebP, at most 10 MB, and have the same pixel size as the mask.",
        "mask": "A file to upload, or a URL. The mask that marks the region to repaint. It must be JPEG, PNG or WebP, at most 10 MB, and have the same pixel size as the image. The service does not document which mask colour is repainted.",
        "reference": "A file to upload, or a URL. The reference image of the character. It must be JPEG, PNG or WebP, at most 10 MB. Give one: the service uses only the first and ignores the others.",
        "rendering_speed": "Balance between rendering speed and quality. It sets the price per image. The service's default is BALANCED.",
        "style": "Visual style of the images. The service's default is AUTO.",
        "expand_prompt": "Expand the prompt with the service's MagicPrompt before rendering. The service's default is yes.",
        "num_images": "Number of images to generate. Each image is charged. The service's default is 1.",
        "seed": "Seed of the random number generator.",
        "call_back_url": "URL to which the service POSTs the task when it succeeds or fails. It must accept a JSON POST. The service recommends callbacks instead of polling in production.",
    },
}
