# Generated from spec/ by `make generate`. Do not edit.
"""The help texts of the command line, from the spec."""

TITLE = "kie.ai Ideogram"

KEY_HELP = "Create an API key at https://kie.ai/api-key. Keep it secret, and reset it there if it leaks."

HELP = {
    "ideogram/character-edit": {
        "prompt": "What to paint into the masked region. At most 5000 characters.",
        "image": "A file to upload, or a URL. URL of the uploaded picture to edit (JPEG, PNG or WebP, at most 10.0 MB). Its pixel size must equal the mask's.",
        "mask": "A file to upload, or a URL. URL of the uploaded mask (JPEG, PNG or WebP, at most 10.0 MB). Its pixel size must equal the picture's. Which colour marks the region to repaint is not documented.",
        "reference": "A file to upload, or a URL. URLs of uploaded pictures of the character (JPEG, PNG or WebP, at most 10.0 MB each and 10 MB together). Only the first is used; the service ignores the rest.",
        "rendering_speed": "Speed against quality; decides the price of a picture. The service's default is BALANCED.",
        "style": "The kind of picture. Cannot be combined with `style_codes`. The service's default is AUTO.",
        "expand_prompt": "Whether the service's MagicPrompt rewrites the prompt first. The service's default is yes.",
        "num_images": "How many pictures to make; each is charged. The service's default is 1.",
        "seed": "Seed of the random generator.",
        "call_back_url": "Where the service POSTs the settled task, on success and on failure. Recommended in production instead of polling; must accept a JSON POST.",
    },
}
