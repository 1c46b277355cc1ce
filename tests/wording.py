"""Find phrases that the project avoids in text for people: `python -m tests.wording`.

The phrases are rows of `tests/wording.yaml`. The check reads Markdown and HTML, docstrings, comments and
string literals of Python, templates, comments and described values of YAML, TOML comments, and the Makefile.
It prints one finding per line and exits 1 if there is one.

An exception is a comment with `MARKER` and the reason, on the line of the phrase or on the last line of its
text. An exception that no phrase needs is a finding.
"""

import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parent.parent
RULES = Path(__file__).with_suffix(".yaml")
MARKER = "wording: " + "allowed because"  # in two parts, so that this line is not an exception itself

EXCLUDED = (
    "CHANGELOG.md",  # history
    "generated/*",  # written from generator/ and spec/, which are checked
    "spec/recordings/*",  # replies of the service
    "spec/docs-facts/*",  # text of the service's documentation pages
    "tests/spec/*",  # a copy of an earlier spec/; drift cases depend on its line numbers
    "*/cases/*",  # input and expected output of tests
    "*.png",
)
DESCRIBED = {"description", "summary", "reason", "meaning", "source", "title", "name", "run"}
"""YAML keys whose values are text for people, and scripts, whose comments are."""

CONTEXT = 40
"""Characters around a phrase in which its `unless` is looked for."""

_CODE = re.compile(r"``[^`\n]+``|`[^`\n]{1,80}`")
_FIELD = re.compile(r"\{[^{}\n]*\}")
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TAG = re.compile(r"<(?!!--)[^<>]*>")
_ESCAPE = re.compile(r"\\.")
_QUOTES = re.compile(r"^[a-zA-Z]*(?:\"{3}|'{3}|[\"'])|(?:\"{3}|'{3}|[\"'])$")
_EXCEPTION = re.compile(MARKER + r"(?P<reason>[^\n]*)")
_TOML_COMMENT = re.compile(r"""(?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*')*(?P<comment>\#.*)""")
_SHELL_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)


class Rule(NamedTuple):
    """A phrase to avoid and what to write instead."""

    find: re.Pattern[str]
    instead: str
    unless: re.Pattern[str] | None
    bad: tuple[str, ...]
    good: tuple[str, ...]


class Piece(NamedTuple):
    """Text on one line of a file; line and column count from 1."""

    line: int
    column: int
    text: str


Block = list[Piece]
"""Pieces that are read as one text, so that a phrase may continue on the next line."""


class Finding(NamedTuple):
    """A phrase at a place, or an exception that is not needed."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: wording: {self.message}"


@cache
def rules() -> tuple[Rule, ...]:
    """Read the phrases to avoid."""
    rows = yaml.load(RULES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tuple(
        Rule(
            _pattern(row["find"]),
            row["instead"],
            _pattern(row["unless"]) if "unless" in row else None,
            tuple(row["bad"]),
            tuple(row.get("good", ())),
        )
        for row in rows
    )


def _pattern(text: str) -> re.Pattern[str]:
    """Compile a phrase. A space in it is any white space; it matches whole words in any case."""
    spaced = text.replace(" ", r"\s+")
    return re.compile(rf"(?<![\w-])(?:{spaced})(?![\w-])", re.IGNORECASE)


def files(root: Path = ROOT) -> list[str]:
    """List the files to check: those that git tracks or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    paths = [path for path in listing.splitlines() if (root / path).is_file()]
    return [path for path in paths if not any(fnmatch(path, pattern) for pattern in EXCLUDED)]


def check(path: str, text: str) -> list[Finding]:
    """Find the phrases in one file. A file without text for people has no findings."""
    reader = _reader(path)
    if reader is None:
        return []
    exceptions: dict[int, int] = {}
    findings = []
    for number, words in enumerate(text.splitlines(), 1):
        if match := _EXCEPTION.search(words):
            exceptions[number] = match.start() + 1
            if not match["reason"].strip(" -.>#}"):
                message = "the exception does not state a reason"
                findings.append(Finding(path, number, exceptions[number], message))
    used = set()
    for block in reader(text):
        for line, column, message in _search(block):
            allowed = {line, block[-1].line} & exceptions.keys()
            used |= allowed
            if not allowed:
                findings.append(Finding(path, line, column, message))
    for number in exceptions.keys() - used:
        message = "no phrase on this line needs the exception; delete it"
        findings.append(Finding(path, number, exceptions[number], message))
    return sorted(set(findings))


def _search(block: Block) -> Iterator[tuple[int, int, str]]:
    """Yield the place and the message of each phrase in a text."""
    text = "\n".join(piece.text for piece in block)
    readable = _CODE.sub(lambda match: "`" + "\0" * (len(match[0]) - 2) + "`", text)
    if not _any_phrase().search(readable):
        return
    starts = [0]
    for piece in block:
        starts.append(starts[-1] + len(piece.text) + 1)
    for rule in rules():
        for match in rule.find.finditer(readable):
            if not _is_good(rule, readable, match):
                index = next(at for at, (_, end) in enumerate(pairwise(starts)) if match.start() < end)
                phrase = " ".join(match[0].split())
                column = block[index].column + match.start() - starts[index]
                yield block[index].line, column, f"{phrase!r}: {rule.instead}"


@cache
def _any_phrase() -> re.Pattern[str]:
    return re.compile("|".join(rule.find.pattern for rule in rules()), re.IGNORECASE)


def _is_good(rule: Rule, text: str, match: re.Match[str]) -> bool:
    """Return whether the words around a phrase make it good English."""
    if rule.unless is None:
        return False
    start = max(match.start() - CONTEXT, 0)
    around = rule.unless.finditer(text, start, match.end() + CONTEXT)
    return any(good.start() < match.end() and match.start() < good.end() for good in around)


# ---- Readers: from the text of a file to its blocks -----------------------------------------


def _reader(path: str) -> Callable[[str], Iterable[Block]] | None:
    name = path.rpartition("/")[2]
    return _BY_NAME.get(name) or _BY_SUFFIX.get(name.rpartition(".")[2])


def _pieces(text: str, line: int = 1, column: int = 1) -> Block:
    """Split a text that begins at a place into its lines."""
    first, *rest = text.split("\n")
    return [Piece(line, column, first), *(Piece(line + at, 1, words) for at, words in enumerate(rest, 1))]


def _blank(pattern: re.Pattern[str], text: str, filler: str = "\0") -> str:
    """Replace each match by a filler of the same size. By default, no phrase continues over it."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", filler, match[0]), text)


def _comments(pieces: Iterable[Piece]) -> Iterator[Block]:
    """Join the comments of consecutive lines that begin in the same column."""
    block: Block = []
    for line, column, text in pieces:
        words = text.lstrip("#")
        piece = Piece(line, column, " " * (len(text) - len(words)) + words)
        if block and (line, column) != (block[-1].line + 1, block[-1].column):
            yield block
            block = []
        block.append(piece)
    if block:
        yield block


def _read_prose(text: str) -> Iterator[Block]:
    """Read Markdown, HTML and templates by paragraph."""
    block: Block = []
    for piece in _pieces(_blank(_TAG, _blank(_TEMPLATE, text)) + "\n"):
        if piece.text.strip():
            block.append(piece)
        elif block:
            yield block
            block = []


def _read_script(text: str) -> Iterator[Block]:
    """Read a Makefile or a shell script: comments, and each other line as one text."""
    pieces = [
        Piece(line, len(text) - len(text.lstrip()) + 1, text.lstrip()) for line, _, text in _pieces(text)
    ]
    yield from _comments(piece for piece in pieces if piece.text.startswith("#"))
    yield from ([piece] for piece in pieces if not piece.text.startswith("#"))


def _read_toml(text: str) -> Iterator[Block]:
    lines = ((line, _TOML_COMMENT.match(words)) for line, _, words in _pieces(text))
    return _comments(
        Piece(line, match.start("comment") + 1, match["comment"]) for line, match in lines if match
    )


def _read_yaml(text: str) -> Iterator[Block]:
    """Read comments, the values of described keys, and the comments of `run` scripts."""
    code = text
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        if isinstance(token, yaml.ScalarToken):
            start, end = token.start_mark.index, token.end_mark.index
            code = code[:start] + re.sub(r"[^\n]", "\0", code[start:end]) + code[end:]
    comments = _shell_comments(_pieces(code))
    for key, node in _described(yaml.compose(text, Loader=yaml.CSafeLoader)):
        start, end = node.start_mark, node.end_mark
        block = _pieces(text[start.index : end.index].rstrip(), start.line + 1, start.column + 1)
        if key == "run":
            comments += _shell_comments(block)
        else:
            yield block
    yield from _comments(sorted(comments))


def _shell_comments(block: Block) -> Block:
    found = ((piece, _SHELL_COMMENT.search(piece.text)) for piece in block)
    return [Piece(piece.line, piece.column + match.start(), match[0]) for piece, match in found if match]


def _described(node: yaml.Node | None, key: str = "") -> Iterator[tuple[str, yaml.Node]]:
    """Yield the scalars that are text for people or scripts, with their keys."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _described(value, name.value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _described(item, key)
    # In spec/coverage-holes.yaml, a key is several words and its value is a reason.
    elif node is not None and (key in DESCRIBED or " " in key):
        yield key, node


def _read_python(text: str) -> Iterator[Block]:
    """Read comments and string literals. Adjacent literals are one text."""
    comments: list[Piece] = []
    strings: Block = []
    for kind, (line, column), words in _tokens(text):
        if kind == tokenize.COMMENT:
            comments.append(Piece(line, column + 1, words))
        elif kind == tokenize.STRING:
            readable = _blank(_FIELD, _blank(_ESCAPE, _blank(_QUOTES, words, " "), " "))
            strings += _pieces(readable, line, column + 1)
        elif strings and kind != tokenize.NL:
            # A literal of one word is a name or a value, not text for people.
            if any(" " in piece.text.strip() for piece in strings):
                yield strings
            strings = []
    yield from _comments(comments)


def _tokens(text: str) -> Iterator[tuple[int, tuple[int, int], str]]:
    """Yield the kind, the place and the text of each token. An f-string is one, as before Python 3.12."""
    lines, starts = text.splitlines(keepends=True), list[tuple[int, int]]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        name = tokenize.tok_name[token.type]
        if name == "FSTRING_START":
            starts.append(token.start)
        elif name == "FSTRING_END":
            first, column = starts.pop()
            if not starts:
                last, end = token.end
                rows = [*lines[first - 1 : last - 1], lines[last - 1][:end]]
                yield tokenize.STRING, (first, column), "".join(rows)[column:]
        elif not starts:
            yield token.type, token.start, token.string


_BY_NAME = {"Makefile": _read_script, "run": _read_script, ".gitattributes": _read_script}
_BY_SUFFIX: dict[str, Callable[[str], Iterable[Block]]] = {
    "md": _read_prose,
    "html": _read_prose,
    "jinja": _read_prose,
    "py": _read_python,
    "yaml": _read_yaml,
    "yml": _read_yaml,
    "toml": _read_toml,
}


def main(root: Path = ROOT) -> int:
    """Print every finding of the repository. Return 1 if there is one."""
    texts = {path: (root / path).read_text(encoding="utf-8") for path in files(root)}
    findings = [found for path, text in texts.items() for found in check(path, text)]
    for found in findings:
        print(found)  # noqa: T201 # the findings are the output of the command
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
