# Generated from spec/ by `make generate`. Do not edit.
"""What the spec says of each model's arguments: the help texts of the command line."""

HELP = {
    "ideogram/character-edit": {
        "prompt": "Text that describes what to paint into the masked region. At most 5000 characters.",
        "image": "A picture to upload, or its URL; sent as `image_url`. URL of the uploaded image to edit. The image must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as the mask.",
        "mask": "A picture to upload, or its URL; sent as `mask_url`. URL of the uploaded mask that marks the region to repaint. The mask must be JPEG, PNG or WebP, at most 10.0 MB, and have the same pixel size as the image. The service does not document which mask colour is repainted.",
        "reference": "A picture to upload, or its URL; sent as `reference_image_urls`. URLs of uploaded reference images of the character. Each image must be JPEG, PNG or WebP, at most 10.0 MB, and all images together at most 10 MB. The service uses only the first image and ignores the others.",
        "rendering_speed": "Balance between rendering speed and quality. It sets the price per image. The service's default is 'BALANCED'.",
        "style": "Visual style of the images. It cannot be combined with `style_codes`. The service's default is 'AUTO'.",
        "expand_prompt": "Expand the prompt with the service's MagicPrompt before rendering. The service's default is True.",
        "num_images": "Number of images to generate. Each image is charged. The service's default is '1'.",
        "seed": "Seed of the random number generator.",
        "call_back_url": "URL to which the service POSTs the task when it succeeds or fails. It must accept a JSON POST. The service recommends callbacks instead of polling in production.",
    },
}
