"""Guesses what a model makes from its name, since pages do not state the types of results."""

from typing import Any

from ruamel.yaml.comments import CommentedMap

from generator.contract.names import words
from generator.drift.apply.yaml_edit import flow_list

# The kind of result that a part of a model's name says. The last such part counts: `speech-to-video`.
_KINDS = {
    **dict.fromkeys(("video", "videos", "avatar", "lipsync"), "video"),
    **dict.fromkeys(("audio", "speech", "dialogue", "music", "sound", "tts", "voice", "sfx"), "audio"),
    **dict.fromkeys(("image", "images", "picture", "photo", "background"), "image"),
}
_TYPES = {"video": ["video/mp4", "video/*"], "audio": ["audio/mpeg", "audio/*"]}


def guess_result_media(model: str, document: dict[str, Any]) -> CommentedMap | None:
    """Return the `x-media` of a model; None if its results seem to be those of the document."""
    kinds = [_KINDS[word] for word in words(model) if word in _KINDS]
    if not kinds or kinds[-1] not in _TYPES:
        return None
    largest = document["x-media"]["max-bytes"]
    return CommentedMap({"types": flow_list(_TYPES[kinds[-1]]), "max-bytes": largest})
