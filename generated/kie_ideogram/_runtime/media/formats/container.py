"""What the container of a picture states, without decoding its pixels."""

import struct
from typing import NamedTuple

# Bytes. Metadata beyond this is not read.
MAX_METADATA = 1 << 24


class Container(NamedTuple):
    """The stated size, rotation and number of pictures, and whether the file is complete."""

    size: tuple[int, int] | None = None
    """Width and height as stored, before the EXIF rotation."""
    orientation: int = 1
    """The EXIF orientation, 1 to 8."""
    frames: int = 1
    """The number of frames of an animation."""
    pictures: int = 1
    """The number of pictures. A phone's JPEG may contain a preview or an HDR gain map."""
    ends_early: str = ""
    """What is missing at the end of the file; empty if the file is complete."""
    problem: str = ""
    """Why the file cannot be decoded; empty if its container is valid."""
    icc_profile: bytes = b""

    @property
    def shown_size(self) -> tuple[int, int] | None:
        """Width and height as shown, after the EXIF rotation."""
        if self.size is None or self.orientation < 5:
            return self.size
        return self.size[1], self.size[0]


def exif_orientation(tiff: bytes) -> int:
    """Return the orientation in EXIF data, 1 to 8; 1 if there is none or it cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
            if tag == 0x0112 and kind in (3, 4):
                (value,) = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", tiff, entry + 8)
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1
