"""Decodes pictures. Needs Pillow.

No setting of Pillow that any code in the process may have changed decides about a picture: the metadata,
to which most of them apply, is left out, and the client checks the number of pixels and the end of the file.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar

from ..core.locks.fork import renew_after_fork
from .formats import JPEG, PNG, WEBP, jpeg, png, webp
from .sniff import MAX_PIXELS, Header

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")


class UnreadablePictureError(Exception):
    """A picture that cannot be decoded, or is of a kind that cannot be used. The text says why."""


class _Worker:
    """The thread that decodes pictures, one at a time.

    A decoded photo takes about ten times the memory of its file, and the allocator keeps some of it for
    the thread that used it. Four threads that each decoded their own pictures of 12 megapixels used 390 MB.
    """

    def __init__(self) -> None:
        self._renew()
        renew_after_fork(self, _Worker._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._calls: SimpleQueue[Callable[[], None]] | None = None

    def run(self, call: Callable[[], T]) -> T:
        """Call a function in the thread, and return its result."""
        ended = threading.Event()
        outcome: list[T] = []
        failure: list[BaseException] = []

        def work() -> None:
            try:
                outcome.append(call())
            except BaseException as error:
                failure.append(error)
            finally:
                ended.set()

        self._queue().put(work)
        ended.wait()
        if failure:
            raise failure[0]
        return outcome[0]

    def _queue(self) -> "SimpleQueue[Callable[[], None]]":
        with self._lock:
            if self._calls is None:
                self._calls = SimpleQueue()
                threading.Thread(target=_work, args=[self._calls], name="pictures", daemon=True).start()
            return self._calls


def _work(calls: "SimpleQueue[Callable[[], None]]") -> None:
    while True:
        calls.get()()


_WORKER = _Worker()


def with_pillow(call: Callable[[], T]) -> T:
    """Call a function that decodes a picture, while no other picture of the process is decoded."""
    return _WORKER.run(call)


class MaskStatistics(NamedTuple):
    """Shares of a mask's pixels."""

    dark: float
    """Nearer to black than to white."""
    grey: float
    """Neither black nor white."""
    is_two_toned: bool
    """Whether nearly all of it is in one dark and one light tone, whatever the colours."""
    transparent: bool
    """Whether any of it is transparent."""


def decode(file: BinaryIO, header: Header) -> "Image":
    """Decode the picture of a file. Leaves the file at its start.

    Raises:
        UnreadablePictureError: It cannot be decoded, or it is animated.
        ModuleNotFoundError: Pillow is not installed.
    """
    container = header.container
    if container is None or not header.is_picture:
        raise UnreadablePictureError("is not a JPEG, PNG or WebP file")
    if container.frames > 1:
        raise UnreadablePictureError(f"is animated ({container.frames} frames); a still picture is needed")
    if container.ends_early or container.problem:
        raise UnreadablePictureError(f"is truncated or damaged: {container.ends_early or container.problem}")
    try:
        image = _open(file, header.media_type)
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise UnreadablePictureError(f"has {width}x{height} pixels, at most {MAX_PIXELS} are decoded")
        image.load()
    except (UnreadablePictureError, ModuleNotFoundError, MemoryError):
        raise
    except Exception as error:  # the decoders raise many kinds of error for damaged files
        # Not the decoder's text: it depends on settings of the process.
        raise UnreadablePictureError("is truncated or damaged: its pixels cannot be decoded") from error
    finally:
        file.seek(0)
    if container.icc_profile:
        image.info["icc_profile"] = container.icc_profile
    return image


def _open(file: BinaryIO, media_type: str) -> "Image":
    # The classes are used directly, because `Image.open` compares the size with a limit of the process.
    from PIL import ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

    file.seek(0)
    if media_type == PNG:
        if ImageFile.LOAD_TRUNCATED_IMAGES and not png.has_all_pixels(file):
            raise OSError("the pixels are incomplete")
        return PngImagePlugin.PngImageFile(png.pixels_only(file))
    if media_type == JPEG:
        return JpegImagePlugin.JpegImageFile(jpeg.pixels_only(file))
    assert media_type == WEBP, "the three types that have a container"
    return WebPImagePlugin.WebPImageFile(webp.ShortHead(file.read()))


def rotate(image: "Image", orientation: int) -> "Image":
    """Return the picture as its EXIF orientation says that it is shown."""
    from PIL.Image import Transpose

    methods = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(methods[orientation]) if orientation in methods else image


def mask_statistics(mask: "Image") -> MaskStatistics:
    """Measure a mask. Raises `UnreadablePictureError` for one of more than 8 bits a channel."""
    if mask.mode.startswith(("I", "F")):
        raise UnreadablePictureError("has more than 8 bits a channel; save it with 8")
    counts = opaque(mask).convert("L").histogram()
    total = sum(counts)
    return MaskStatistics(
        sum(counts[:128]) / total,
        sum(counts[16:240]) / total,
        _is_two_toned(counts),
        mask.has_transparency_data and _has_transparency(mask),
    )


# A soft edge or the noise of JPEG spreads a tone over this many levels of grey.
_TONE = 32


def _is_two_toned(counts: list[int]) -> bool:
    total = sum(counts)
    tones = [sum(counts[start : start + _TONE]) for start in range(256 - _TONE + 1)]
    first = max(range(len(tones)), key=tones.__getitem__)
    far = [start for start in range(len(tones)) if abs(start - first) >= 3 * _TONE]
    second = max((tones[start] for start in far), default=0)
    return (tones[first] + second) / total >= 0.9


def _has_transparency(mask: "Image") -> bool:
    alpha = mask if mask.mode in ("LA", "RGBA") else mask.convert("RGBA")
    return sum(alpha.getchannel("A").histogram()[:255]) > 0


def opaque(image: "Image") -> "Image":
    """Return the colours of a picture, as if it had no transparency."""
    if image.mode in ("1", "L", "RGB"):
        return image
    if image.mode == "P":
        image = image.convert("RGBA")  # directly to RGB, Pillow warns about some palettes
    return image.convert("RGB")


def inverted(mask: "Image") -> "Image":
    """Return the mask with black and white exchanged and every level preserved."""
    from PIL import ImageOps

    return ImageOps.invert(opaque(mask))
