"""The help of the commands: lines that fit, plain sentences, and no words of Python."""

import re
from typing import Any

import pytest
import typer

from kie_ideogram.__main__ import package
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.cli.app import make
from kie_ideogram._runtime.cli.messages import with_options
from kie_ideogram.testing import Sandbox
from tests.cli.conftest import Command, edit
from tests.pictures.support import Files

GROUP: Any = typer.main.get_command(make(package()))
COMMANDS = {name: command for name, command in GROUP.commands.items() if not command.hidden}


def options(command: Any) -> list[Any]:
    return [one for one in command.params if not getattr(one, "hidden", False)]


@pytest.mark.parametrize("command", COMMANDS)
def test_usage_has_no_braces(bare: Command, command: str) -> None:
    usage = bare(command, "--help").out.partition("\n\n")[0]
    assert "[OPTIONS]" in usage
    assert not set("{}") & set(usage)


def test_list_of_commands_fits_80_columns(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = bare("--help").out
    assert max(map(len, out.splitlines())) <= 80
    listed = out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == list(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_made_of_sentences(name: str) -> None:
    command = COMMANDS[name]
    texts = [command.help, *(one.help for one in options(command))]
    for text in texts:
        assert re.fullmatch(r"[A-Z].*\.", " ".join(text.split())), text


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_no_words_of_python(name: str) -> None:
    command = COMMANDS[name]
    for text in [command.help, *(one.help for one in options(command))]:
        assert not re.search(r"\w=|\bNone\b|\bTrue\b|\bFalse\b|api_key|'[A-Z]+'", text), text


def test_help_states_the_default_timeout() -> None:
    (timeout,) = [one for one in COMMANDS["wait"].params if one.name == "timeout"]
    assert CONTRACT.workflow.wait.deadline == 900
    assert timeout.help == "Seconds until the command gives up. By default, it waits 15 minutes for a task."


def test_choices_are_accepted_in_any_case(cli: Command, sandbox: Sandbox, files: Files) -> None:
    choices = ["--style", "fiction", "--rendering-speed", "Turbo", "--repaint", "BLACK"]
    done = cli(*edit(files, *choices, "--dry-run"))
    assert done.code == 0
    assert '"style": "FICTION"' in done.out
    assert '"rendering_speed": "TURBO"' in done.out
    wrong = cli(*edit(files, "--style", "realistc", "--dry-run"))
    text = " ".join(wrong.err.split())
    message = "'realistc' is not one of AUTO, REALISTIC, FICTION; did you mean 'REALISTIC'?"
    assert (wrong.code, message in text) == (2, True)


NAMES = {"overwrite": "--overwrite", "save_to": "--save-to", "repaint": "--repaint", "image": "--image"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pass overwrite=True", "pass --overwrite"),
        ("not said (repaint=), so", "not said (--repaint), so"),
        ("for repaint='white', and", "for --repaint 'white', and"),
        ("save_to is not a folder", "--save-to is not a folder"),
        ("/data/save_to/x and my-save_to", "/data/save_to/x and my-save_to"),
        ("but image is 60x40", "but image is 60x40"),
    ],
)
def test_message_names_options_instead_of_arguments(text: str, shown: str) -> None:
    assert with_options(text, NAMES) == shown
