"""Draws the pictures that the demo edits: a portrait, the mask of its head, and another character."""

from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFilter

Box = tuple[float, float, float, float]

SIZE = 640, 800
HEAD: Box = (156, 88, 484, 541)
"""What the mask covers: head, hair and neck."""

FINE = 3  # drawn this much larger, for smooth edges


class Character(NamedTuple):
    """The colours of a person and of what is behind."""

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
    """The picture to edit."""
    return _png(_person(ROBIN))


def mask() -> bytes:
    """Black where to repaint, white elsewhere."""
    image = Image.new("L", (SIZE[0] * FINE, SIZE[1] * FINE), 255)
    ImageDraw.Draw(image).rounded_rectangle(_scaled(HEAD), radius=120 * FINE, fill=0)
    return _png(image.resize(SIZE, Image.Resampling.LANCZOS).point([0] * 128 + [255] * 128))


def reference() -> bytes:
    """The other character, close up."""
    close_up = _person(MARA).crop(HEAD)
    return _png(close_up.resize((close_up.width * 2, close_up.height * 2), Image.Resampling.LANCZOS))


def _person(who: Character) -> Image.Image:
    image = _background(who)
    draw = ImageDraw.Draw(image)

    def oval(box: Box, colour: str) -> None:
        draw.ellipse(_scaled(box), fill=colour)

    def line(box: Box, start: int, end: int, colour: str, width: float) -> None:
        draw.arc(_scaled(box), start, end, fill=colour, width=int(width * FINE))

    oval((180, 110, 460, 470), who.hair)
    draw.rounded_rectangle(_scaled((180, 280, 460, 505)), radius=90 * FINE, fill=who.hair)
    draw.rounded_rectangle(_scaled((70, 560, 570, 1000)), radius=150 * FINE, fill=who.coat)
    draw.rounded_rectangle(_scaled((272, 430, 368, 590)), radius=40 * FINE, fill=who.shade)
    draw.rounded_rectangle(_scaled((232, 540, 408, 618)), radius=38 * FINE, fill=who.scarf)
    draw.rounded_rectangle(_scaled((338, 580, 392, 740)), radius=22 * FINE, fill=who.scarf)
    for left in (198, 412):
        oval((left, 310, left + 32, 368), who.shade)
    oval((210, 165, 430, 485), who.skin)
    draw.chord(_scaled((186, 118, 454, 400)), 186, 354, fill=who.hair)
    line((206, 134, 420, 380), 208, 268, who.gleam, 9)
    for centre, cheek in ((272, 252), (368, 388)):
        oval((centre - 21, 312, centre + 21, 344), "#fffaf2")
        oval((centre - 13, 313, centre + 13, 343), who.eyes)
        oval((centre - 6, 320, centre + 6, 336), "#1d1a1c")
        oval((centre + 1, 317, centre + 7, 323), "#ffffff")
        line((centre - 25, 306, centre + 25, 352), 195, 345, who.hair, 4)
        line((centre - 28, 280, centre + 28, 316), 205, 335, who.hair, 7)
        oval((cheek - 20, 374, cheek + 20, 400), who.blush)
        if who.glasses:
            draw.ellipse(_scaled((centre - 36, 294, centre + 36, 362)), outline="#2a2430", width=5 * FINE)
    if who.glasses:
        line((304, 314, 336, 340), 190, 350, "#2a2430", 5)
    line((304, 352, 336, 392), 20, 160, who.shade, 5)
    draw.chord(_scaled((276, 386, 364, 444)), 12, 168, fill="#a8433f")
    line((276, 386, 364, 444), 8, 172, "#8a3230", 4)
    return image.resize(SIZE, Image.Resampling.LANCZOS)


def _background(who: Character) -> Image.Image:
    """A vertical gradient with a soft sun behind the head."""
    ramp = Image.linear_gradient("L").resize((SIZE[0] * FINE, SIZE[1] * FINE))
    image = Image.composite(
        Image.new("RGB", ramp.size, who.sky[1]), Image.new("RGB", ramp.size, who.sky[0]), ramp
    )
    glow = Image.new("L", SIZE, 0)
    ImageDraw.Draw(glow).ellipse((80, 60, 560, 540), fill=110)
    glow = glow.filter(ImageFilter.GaussianBlur(60)).resize(ramp.size)
    image.paste("#fff6e2", (0, 0), glow)
    return image


def _scaled(box: Box) -> Box:
    return box[0] * FINE, box[1] * FINE, box[2] * FINE, box[3] * FINE


def _png(image: Image.Image) -> bytes:
    target = BytesIO()
    image.save(target, "PNG")
    return target.getvalue()
