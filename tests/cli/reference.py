"""Writes the reference in `docs/cli.md` from the commands: `python -m tests.cli.reference`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from kie_ideogram.__main__ import package
from kie_ideogram._runtime.cli.app import make
from kie_ideogram._runtime.cli.exit_codes import EXITS

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
MARK = "<!-- Below: written by `python -m tests.cli.reference`. -->\n"


def reference() -> str:
    """The commands with their options, then the exit codes."""
    group: Any = typer.main.get_command(make(package()))
    parts = [_command(name, command) for name, command in commands(group) if not command.hidden]
    codes = "".join(f"| {entry.code} | {entry.meaning} |\n" for entry in EXITS)
    return "\n".join([*parts, f"## Exit codes\n\n| Code | Meaning |\n| --- | --- |\n{codes}"])


def commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each command with its name, those of groups after the name of their group."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command


def _command(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    usage = " ".join(
        [
            "kie-ideogram",
            name,
            *(p.make_metavar(command.make_context(name, [], resilient_parsing=True)) for p in arguments),
            "[OPTIONS]",
        ]
    )
    rows = "".join(f"| {_names(option)} | {_text(option)} |\n" for option in options)
    text = " ".join(command.help.split())
    return f"## `{name}`\n\n```sh\n{usage}\n```\n\n{text}\n\n| Option | |\n| --- | --- |\n{rows}"


def _names(option: Any) -> str:
    return " ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))


def _text(option: Any) -> str:
    # Of typer's own choice, or of a function that parses one.
    choices = getattr(option.type, "choices", None) or getattr(
        getattr(option.type, "func", None), "words", None
    )
    sentences = [" ".join((option.help or "").replace("|", "\\|").split())]
    sentences += [f"One of {', '.join(f'`{choice}`' for choice in choices)}."] if choices else []
    sentences += ["Required."] if option.required else []
    if option.show_default and option.default not in (None, False, "") and not option.required:
        sentences.append(f"The default is `{option.default}`.")
    sentences += [f"Environment variable: `{option.envvar}`."] if option.envvar else []
    return " ".join(sentences)


def written() -> str:
    """The page as it should be: its own words, then the reference."""
    return PAGE.read_text(encoding="utf-8").partition(MARK)[0] + MARK + "\n" + reference()


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
