"""Draw the images of the demo: a portrait, a mask of its head, and another character."""

from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFilter

Box = tuple[float, float, float, float]

SIZE = 640, 800
HEAD: Box = (156, 88, 484, 541)
"""Region that the mask covers: head, hair and neck."""

SCALE = 3  # everything is drawn this much larger and then scaled down, for smooth edges


class Character(NamedTuple):
    """The colours of a person and of the background."""

    sky: tuple[str, str]
    skin: str
    shade: str
    blush: str
    hair: str
    gleam: str
    eyes: str
    coat: str
    scarf: str
    glasses: bool


ROBIN = Character(
    sky=("#f7d9b0", "#e58f72"),
    skin="#f0c2a0",
    shade="#dfa27f",
    blush="#e8a58c",
    hair="#3b2b33",
    gleam="#5a434c",
    eyes="#5b4636",
    coat="#2f4a63",
    scarf="#e9e1d0",
    glasses=False,
)
MARA = Character(
    sky=("#fbe0b4", "#efa27d"),
    skin="#c98f68",
    shade="#ad734f",
    blush="#c67a58",
    hair="#b8442f",
    gleam="#dd6f4b",
    eyes="#2e6b52",
    coat="#40345c",
    scarf="#f0b94d",
    glasses=True,
)


def portrait() -> bytes:
    """Return the image to edit as PNG."""
    return _png(_person(ROBIN))


def mask() -> bytes:
    """Return the mask as PNG: black where to repaint, white elsewhere."""
    image = Image.new("L", (SIZE[0] * SCALE, SIZE[1] * SCALE), 255)
    ImageDraw.Draw(image).rounded_rectangle(_scaled(HEAD), radius=120 * SCALE, fill=0)
    return _png(image.resize(SIZE, Image.Resampling.LANCZOS).point([0] * 128 + [255] * 128))


def reference() -> bytes:
    """Return a close-up of the other character as PNG."""
    close_up = _person(MARA).crop(HEAD)
    return _png(close_up.resize((close_up.width * 2, close_up.height * 2), Image.Resampling.LANCZOS))


def _person(person: Character) -> Image.Image:
    image = _background(person)
    draw = ImageDraw.Draw(image)

    def oval(box: Box, colour: str) -> None:
        draw.ellipse(_scaled(box), fill=colour)

    def line(box: Box, start: int, end: int, colour: str, width: float) -> None:
        draw.arc(_scaled(box), start, end, fill=colour, width=int(width * SCALE))

    oval((180, 110, 460, 470), person.hair)
    draw.rounded_rectangle(_scaled((180, 280, 460, 505)), radius=90 * SCALE, fill=person.hair)
    draw.rounded_rectangle(_scaled((70, 560, 570, 1000)), radius=150 * SCALE, fill=person.coat)
    draw.rounded_rectangle(_scaled((272, 430, 368, 590)), radius=40 * SCALE, fill=person.shade)
    draw.rounded_rectangle(_scaled((232, 540, 408, 618)), radius=38 * SCALE, fill=person.scarf)
    draw.rounded_rectangle(_scaled((338, 580, 392, 740)), radius=22 * SCALE, fill=person.scarf)
    for left in (198, 412):
        oval((left, 310, left + 32, 368), person.shade)
    oval((210, 165, 430, 485), person.skin)
    draw.chord(_scaled((186, 118, 454, 400)), 186, 354, fill=person.hair)
    line((206, 134, 420, 380), 208, 268, person.gleam, 9)
    for centre, cheek in ((272, 252), (368, 388)):
        oval((centre - 21, 312, centre + 21, 344), "#fffaf2")
        oval((centre - 13, 313, centre + 13, 343), person.eyes)
        oval((centre - 6, 320, centre + 6, 336), "#1d1a1c")
        oval((centre + 1, 317, centre + 7, 323), "#ffffff")
        line((centre - 25, 306, centre + 25, 352), 195, 345, person.hair, 4)
        line((centre - 28, 280, centre + 28, 316), 205, 335, person.hair, 7)
        oval((cheek - 20, 374, cheek + 20, 400), person.blush)
        if person.glasses:
            draw.ellipse(_scaled((centre - 36, 294, centre + 36, 362)), outline="#2a2430", width=5 * SCALE)
    if person.glasses:
        line((304, 314, 336, 340), 190, 350, "#2a2430", 5)
    line((304, 352, 336, 392), 20, 160, person.shade, 5)
    draw.chord(_scaled((276, 386, 364, 444)), 12, 168, fill="#a8433f")
    line((276, 386, 364, 444), 8, 172, "#8a3230", 4)
    return image.resize(SIZE, Image.Resampling.LANCZOS)


def _background(person: Character) -> Image.Image:
    """Draw a vertical gradient with a soft sun behind the head."""
    ramp = Image.linear_gradient("L").resize((SIZE[0] * SCALE, SIZE[1] * SCALE))
    image = Image.composite(
        Image.new("RGB", ramp.size, person.sky[1]), Image.new("RGB", ramp.size, person.sky[0]), ramp
    )
    glow = Image.new("L", SIZE, 0)
    ImageDraw.Draw(glow).ellipse((80, 60, 560, 540), fill=110)
    glow = glow.filter(ImageFilter.GaussianBlur(60)).resize(ramp.size)
    image.paste("#fff6e2", (0, 0), glow)
    return image


def _scaled(box: Box) -> Box:
    return box[0] * SCALE, box[1] * SCALE, box[2] * SCALE, box[3] * SCALE


def _png(image: Image.Image) -> bytes:
    target = BytesIO()
    image.save(target, "PNG")
    return target.getvalue()
