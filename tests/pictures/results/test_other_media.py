"""Videos and sounds: known by their content, and complete or not."""

import struct
import wave
from io import BytesIO

import pytest
from PIL import Image

from kie_ideogram._runtime.contract.model import Media
from kie_ideogram._runtime.media.formats.container import Container
from kie_ideogram._runtime.media.media_types import accepts, canonical, noun
from kie_ideogram._runtime.media.sniff import extension, read_header
from kie_ideogram._runtime.tasks.results.store import inspect
from kie_ideogram._runtime.testing.fake_service.clips import CLIPS, make_clip, result_type


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def large_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content


def tone(seconds: float = 0.1) -> bytes:
    target = BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(int(16000 * seconds)))
    return target.getvalue()


def ogg_page(content: bytes) -> bytes:
    return b"OggS" + bytes(22) + bytes([1, len(content)]) + content


START, INDEX, MEDIA = box(b"ftyp", b"isom\0\0\0\0isom"), box(b"moov", bytes(20)), box(b"mdat", bytes(50))
# 128 kbit/s at 44.1 kHz: 417 bytes. 64 kbit/s at 22.05 kHz, of MPEG 2: 208 bytes.
FRAME, SHORT_FRAME = b"\xff\xfb\x90\x64" + bytes(413), b"\xff\xf3\x80\x64" + bytes(204)
TAG = b"ID3\3\0\0" + bytes([0, 0, 1, 2]) + bytes(130)  # a size of 7-bit bytes: 1 * 128 + 2
EBML = b"\x1a\x45\xdf\xa3\x8f\x42\x82\x84webm" + bytes(8)
SEGMENT = b"\x18\x53\x80\x67\x94" + bytes(20)

WHOLE = {
    "mp4": (START + INDEX + MEDIA, "video/mp4"),
    "mp4 with the index at the end": (START + MEDIA + INDEX, "video/mp4"),
    "mp4 with a large box": (START + INDEX + large_box(b"mdat", bytes(50)), "video/mp4"),
    "mp4 in fragments": (START + INDEX + box(b"moof", bytes(9)) + MEDIA, "video/mp4"),
    "quicktime": (box(b"ftyp", b"qt  \0\0\0\0") + MEDIA + INDEX, "video/quicktime"),
    "m4a": (box(b"ftyp", b"M4A \0\0\0\0") + INDEX + MEDIA, "audio/mp4"),
    "wav": (tone(), "audio/wav"),
    "mp3": (FRAME * 3, "audio/mpeg"),
    "mp3 with a tag": (TAG + FRAME * 3, "audio/mpeg"),
    "mp3 of mpeg 2": (SHORT_FRAME * 3, "audio/mpeg"),
    "ogg": (ogg_page(b"one") + ogg_page(b"three"), "audio/ogg"),
    "webm": (EBML + SEGMENT, "video/webm"),
    "matroska": (EBML.replace(b"webm", b"mkv\0") + SEGMENT, "video/x-matroska"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_is_known_and_complete(name: str) -> None:
    content, media_type = WHOLE[name]
    header = read_header(BytesIO(content))
    assert (header.media_type, header.container) == (media_type, Container())
    assert not header.is_picture


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_without_its_last_bytes_is_truncated(name: str) -> None:
    content, media_type = WHOLE[name]
    for missing in (1, 5, 11):
        arrived = inspect(BytesIO(content[:-missing]), Media((media_type,), 10_000))
        assert arrived.incomplete.startswith(f"the {noun(media_type)} is truncated: it "), missing
        assert arrived.media_type == media_type


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (START + MEDIA, "it ends before its index, the 'moov' box"),
        (START + INDEX, "it ends before its media, the 'mdat' box"),
        (START + INDEX + MEDIA[:-7], "it ends 7 bytes before the end of its 'mdat' box"),
        (tone()[:40], "it ends before its samples"),
        (tone()[:-600], "it has 1000 of its 1600 bytes of samples"),
        (TAG, "it ends before its first frame"),
        (FRAME + FRAME[:400], "it ends 17 bytes before the end of a frame"),
        (SHORT_FRAME[:200], "it ends 8 bytes before the end of a frame"),
        (ogg_page(b"one")[:20], "it ends within a page"),
        (EBML + SEGMENT[:-3], "it ends 3 bytes before the end of an element"),
    ],
)
def test_what_is_missing_is_named(content: bytes, reason: str) -> None:
    container = read_header(BytesIO(content)).container
    assert container
    assert container.ends_early == reason


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(START + INDEX + struct.pack(">I4s", 0, b"mdat") + bytes(5), id="mp4 to the end"),
        pytest.param(tone().replace(b"data\x40\x06\0\0", b"data\xff\xff\xff\xff"), id="wav from a pipe"),
        pytest.param(FRAME + b"TAG" + bytes(125), id="mp3 with a tag at the end"),
        pytest.param(EBML + b"\x18\x53\x80\x67\xff" + bytes(20), id="webm of a live stream"),
    ],
)
def test_a_file_of_unstated_size_is_complete(content: bytes) -> None:
    assert read_header(BytesIO(content)).container == Container()


@pytest.mark.parametrize("brand", [b"heic", b"avif", b"mif1"])
def test_a_picture_in_boxes_is_not_a_video(brand: bytes) -> None:
    assert not read_header(BytesIO(box(b"ftyp", brand + bytes(4)) + MEDIA)).media_type.startswith("video")


@pytest.mark.parametrize(
    ("media_type", "suffix"),
    [
        ("video/mp4", ".mp4"),
        ("video/quicktime", ".mov"),
        ("audio/mpeg", ".mp3"),
        ("audio/wav", ".wav"),
        ("audio/mp4", ".m4a"),
        ("audio/ogg", ".ogg"),
    ],
)
def test_a_type_has_its_usual_extension(media_type: str, suffix: str) -> None:
    assert extension(media_type) == suffix


@pytest.mark.parametrize(
    ("types", "media_type", "accepted"),
    [
        (["video/mp4"], "video/mp4", True),
        (["video/mp4"], "video/webm", False),
        (["video/*"], "video/webm", True),
        (["video/*"], "audio/mpeg", False),
        (["*/*"], "application/zip", True),
        (["audio/x-wav"], "audio/wav", True),
        (["audio/mp3"], "audio/mpeg", True),
        (["*/*"], "", False),
    ],
)
def test_types_have_ranges_and_other_names(types: list[str], media_type: str, accepted: bool) -> None:
    assert accepts(types, media_type) is accepted


def test_an_error_page_is_not_a_video() -> None:
    arrived = inspect(BytesIO(b"<html><body>gone</body></html>"), Media(("video/mp4",), 1000))
    assert arrived.incomplete.startswith("expected video/mp4, got text/html")


def test_any_file_may_be_text() -> None:
    assert inspect(BytesIO(b"1\n00:00:01,000 --> 00:00:02,000\n"), Media(("*/*",), 1000)).incomplete == ""


@pytest.mark.parametrize("media_type", CLIPS)
def test_the_sandbox_makes_whole_files_that_differ_by_seed(media_type: str) -> None:
    content = make_clip(media_type, "one")
    header = read_header(BytesIO(content))
    assert (header.media_type, header.container) == (media_type, Container())
    assert make_clip(media_type, "one") == content != make_clip(media_type, "two")


def test_the_video_of_the_sandbox_has_a_picture_where_its_index_says() -> None:
    content = make_clip("video/mp4", "one")
    (offset,) = struct.unpack_from(">I", content, content.index(b"stco") + 12)
    (length,) = struct.unpack_from(">I", content, content.index(b"stsz") + 8)
    assert content[offset - 4 : offset] == b"mdat"
    with Image.open(BytesIO(content[offset : offset + length])) as picture:
        assert (picture.format, picture.size) == ("JPEG", (64, 64))


def test_the_sound_of_the_sandbox_lasts_a_second() -> None:
    with wave.open(BytesIO(make_clip("audio/wav", "one"))) as sound:
        assert sound.getnframes() == sound.getframerate()


@pytest.mark.parametrize(
    ("types", "made"),
    [
        (("image/png", "image/jpeg"), "image/png"),
        (("image/webp",), "image/png"),
        (("video/*",), "video/mp4"),
        (("audio/x-wav",), "audio/wav"),
        (("audio/mp3",), "audio/mpeg"),
        (("video/webm", "video/mp4"), "video/mp4"),
        (("application/zip",), "application/zip"),
    ],
)
def test_the_sandbox_makes_the_kind_of_the_model(types: tuple[str, ...], made: str) -> None:
    assert canonical(result_type(Media(types, 1000))) == made
