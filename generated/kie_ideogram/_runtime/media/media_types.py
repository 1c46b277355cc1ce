"""Media types: their kinds, their other names, and ranges of them such as `video/*`."""

from collections.abc import Iterable

# Unregistered names that are in use, and the names that this package gives to files.
_ALIASES = {
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/x-flac": "audio/flac",
    "image/jpg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "image/x-icon": "image/vnd.microsoft.icon",
    "video/matroska": "video/x-matroska",
}

_NOUNS = {"image": "picture", "video": "video", "audio": "sound"}

ANY = "*/*"


def canonical(media_type: str) -> str:
    """Return the name under which this package knows a type."""
    return _ALIASES.get(media_type, media_type)


def accepts(types: Iterable[str], media_type: str) -> bool:
    """Whether a type is one of `types`, which may contain ranges."""
    kind = media_type.partition("/")[0]
    return any(
        canonical(name) == canonical(media_type) or name in (ANY, f"{kind}/*") for name in types if media_type
    )


def noun(media_type: str) -> str:
    """Return what a file of a type is called: a picture, a video, a sound or a file."""
    return _NOUNS.get(media_type.partition("/")[0], "file")


def nouns(media_types: Iterable[str]) -> str:
    """Return what files of some types are called together: pictures, videos, sounds or results."""
    found = {noun(media_type) for media_type in media_types}
    return f"{found.pop()}s" if len(found) == 1 else "results"
