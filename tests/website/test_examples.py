"""The examples of the guides, the cookbook, the Chinese pages and the reference of the models."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings  # type: ignore[import-untyped] # Django has no types
from django.core.files.uploadedfile import SimpleUploadedFile  # type: ignore[import-untyped] # as above
from django.test import RequestFactory  # type: ignore[import-untyped] # as above
from opentelemetry import trace

from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.contract.model import Model
from kie_ideogram.testing import Sandbox
from tests.cli.conftest import PROCESS
from tests.documents import ROOT, blocks, drawings, runner, text
from website import models

LOST = [{"call": "createTask", "lose": True}]

# Page and section → failures to play, the number of charges, and what is printed.
RECIPES: dict[tuple[str, str], tuple[list[dict[str, Any]], int, str]] = {
    ("services", "An order service with FastAPI"): ([], 1, r"202 ([\w-]+)\n202 \1"),
    ("services", "A worker with Celery"): ([], 1, r"\['out/[\w-]+-1\.png'\]"),
    ("services", "Your own HTTP client and proxy"): ([], 0, r"1000(\.0)?"),
    ("scripts", "A notebook"): ([], 1, r""),
    ("scripts", "Many prompts for one picture"): ([], 3, r"(out/[\w-]+-1\.png\n?){3}"),
    ("scripts", "Show the progress"): ([], 1, r"(?s)check .*upload .*task success.*"),
    ("scripts", "Compare prices"): ([], 0, r"TURBO 48\nBALANCED 72\nQUALITY 96"),
    ("operation", "After an unknown outcome"): (LOST, 2, r"order-17 0\.09 USD\n1"),
    ("operation", "Start where the last process stopped"): ([], 0, r"0 unknown 0 lost"),
    ("operation", "A budget for a day"): ([], 2, r"the budget does not allow: Surprise\n36(\.0)?"),
    ("operation", "Traces with OpenTelemetry"): ([], 1, r".+"),
}

# Page → number of charges and what is printed.
PAGES: dict[str, tuple[int, str]] = {
    "docs/guide/models.md": (2, r"1 1\n18(\.0)?"),
    "docs/guide/start.md": (2, r"(?s)18(\.0)? credits\n.*\n([\w-]+)\n\2"),
    "docs/guide/waiting.md": (5, r"(?s).*success.*"),
    "docs/guide/limits.md": (0, r"1000(\.0)?\nshop 0 0\nstudio 0 0"),
    "docs/zh/start.md": (2, r"(?s)18(\.0)? 积分\n.*\n([\w-]+)\n\2"),
    "docs/zh/pictures.md": (0, r"mask readable notes\.txt.*"),
    "docs/zh/production.md": (1, r""),
    "docs/zh/errors.md": (1, r"\[PosixPath.*"),
}

ELSEWHERE = {
    "docs/batches.md",
    "docs/guide/machines.md",
    "docs/mcp.md",
    "docs/pictures.md",
    "docs/production.md",
    "docs/errors.md",
    "docs/receivers.md",
    "docs/testing.md",
    "docs/zh/mcp.md",
}
"""Pages whose examples other tests run."""


def section(page: str, title: str) -> str:
    """Return a section of a page of the cookbook."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text(page), re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def code(page: str, title: str, language: str = "python") -> list[str]:
    """Return the blocks of a section in one language."""
    return re.findall(rf"```{language}\n(.*?)```", section(page, title), re.DOTALL)


@pytest.fixture(autouse=True)
def tracing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let an example set OpenTelemetry's provider, which a process may do once; then restore it."""
    before = (trace._TRACER_PROVIDER, trace._TRACER_PROVIDER_SET_ONCE._done)
    trace._TRACER_PROVIDER, trace._TRACER_PROVIDER_SET_ONCE._done = None, False
    yield
    trace._TRACER_PROVIDER, trace._TRACER_PROVIDER_SET_ONCE._done = before


@pytest.mark.parametrize(("page", "title"), RECIPES, ids=str)
def test_recipe_runs_as_written(
    page: str,
    title: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scenario, charges, printed = RECIPES[page, title]
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        sandbox.play(scenario)
        for block in code(f"docs/cookbook/{page}.md", title):
            run(block)
        assert len(sandbox.charges) == charges
    assert re.fullmatch(printed, capsys.readouterr().out.strip())


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_as_written(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    charges, printed = PAGES[page]
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        for block in blocks(page):
            run(block)
        assert len(sandbox.charges) == charges
    assert re.fullmatch(printed, capsys.readouterr().out.strip())


def test_each_page_with_python_is_run_by_a_test() -> None:
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")}
    with_python = {page for page in pages if blocks(page)}
    cookbook = {page for page in with_python if page.startswith("docs/cookbook/")}
    assert with_python - cookbook - set(PAGES) == ELSEWHERE
    titles = {
        (Path(page).stem, title)
        for page in cookbook
        for title in re.findall(r"^## (.+)$", text(page), re.MULTILINE)
        if code(page, title)
    }
    own = {("services", "A view in Django"), ("scripts", "One JSON document for another program")}
    assert titles == {*RECIPES, *own, *(("tests", title) for title in TESTS)}
    assert len(titles) >= 12


@pytest.mark.parametrize("model", CONTRACT.models.values(), ids=lambda model: model.name)
def test_example_of_a_model_runs_as_written(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        run(models.example(model))
        assert len(sandbox.charges) == 1
    assert re.match(r"out/", capsys.readouterr().out)


def test_django_view_charges_an_order_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not settings.configured:
        settings.configure()
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        (block,) = code("docs/cookbook/services.md", "A view in Django")
        names = run(block)
        for _ in range(2):
            content = {"image": (tmp_path / "portrait.png"), "mask": (tmp_path / "mask.png")}
            files = {name: SimpleUploadedFile(path.name, path.read_bytes()) for name, path in content.items()}
            request = RequestFactory().post("/orders/17", {"prompt": "A calm smile", **files})
            assert names["order"](request, "17").status_code == 202
        names["kie"].close()
        assert len(sandbox.charges) == 1


def shell(script: str, sandbox: Sandbox, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as it is on the page. Its command runs on a fast clock."""
    (folder / "bin").mkdir()
    command = folder / "bin" / "kie-ideogram"
    command.write_text(f'#!/bin/sh\nexec {shlex.join(PROCESS)} "$@"\n')
    command.chmod(0o700)
    environment = {
        "PATH": os.pathsep.join([str(command.parent), os.environ["PATH"]]),
        "HOME": str(folder),
        "KIE_API_KEY": sandbox.keys[0],
        "KIE_BASE_URL": sandbox.url,
        "KIE_UPLOAD_BASE_URL": sandbox.url,
        "KIE_JOURNAL": str(folder / "journal.db"),
    }
    return subprocess.run(
        ["/bin/sh", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("scenario", "exit_code", "printed"), [([], 0, "done"), (LOST, 5, "order-17  sent")], ids=["ok", "lost"]
)
def test_shell_script_exits_with_the_code_of_the_command(
    scenario: list[dict[str, Any]],
    exit_code: int,
    printed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (script,) = code("docs/cookbook/scripts.md", "A shell script", "sh")
    with runner(tmp_path, monkeypatch) as (sandbox, _):
        sandbox.play(scenario)
        done = shell(script, sandbox, tmp_path)
    assert (done.returncode, printed in done.stdout) == (exit_code, True), done.stderr


def test_recipe_reads_the_document_of_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    title = "One JSON document for another program"
    (script,) = code("docs/cookbook/scripts.md", title, "sh")
    with runner(tmp_path, monkeypatch) as (sandbox, run):
        done = shell(script, sandbox, tmp_path)
        assert done.returncode == 0, done.stderr
        (block,) = code("docs/cookbook/scripts.md", title)
        run(block)
    assert capsys.readouterr().out == "18 A calm smile\n"


def test_recipe_of_doctor_finds_the_installation_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (script,) = code("docs/cookbook/operation.md", "A check before a deployment", "sh")
    with runner(tmp_path, monkeypatch) as (sandbox, _):
        done = shell(script, sandbox, tmp_path)
    assert done.returncode == 0, done.stdout
    assert all(finding["ok"] for finding in json.loads(done.stdout) if finding["status"] != "optional")


TESTS = {
    "A test with the sandbox": ["kie", "kie_sandbox", "tmp_path"],
    "Replay a recording": ["kie_recordings"],
    "A failure on purpose": ["kie", "kie_sandbox", "kie_scenario"],
}
"""Section of the cookbook with a test → the fixtures that it takes."""


@pytest.mark.parametrize("title", TESTS)
def test_recipe_for_tests_passes(
    title: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = code("docs/cookbook/tests.md", title)
    with runner(tmp_path, monkeypatch) as (_, run):
        names = run(block)
    (test,) = (value for name, value in names.items() if name.startswith("test_"))
    test(**{name: request.getfixturevalue(name) for name in TESTS[title]})


CONTRACT_TEST = "A contract test of your code in CI"


def contract_workflow() -> dict[str, Any]:
    """The workflow that the cookbook recommends to users."""
    (block,) = code("docs/cookbook/tests.md", CONTRACT_TEST, "yaml")
    workflow: dict[str, Any] = yaml.safe_load(block)
    return workflow


def test_workflow_of_the_cookbook_is_read_only_and_pinned() -> None:
    workflow = contract_workflow()
    assert workflow["permissions"] == {"contents": "read"}
    used = [step["uses"] for step in workflow["jobs"]["contract"]["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used)


def test_steps_of_the_cookbook_workflow_pass(tmp_path: Path) -> None:
    """Run the steps in a project with the tests of the page. Other packages are those of this environment."""
    steps = contract_workflow()["jobs"]["contract"]["steps"]
    install, run = (step["run"] for step in steps if "run" in step)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "vendor")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "vendor").iterdir()
    digest = sha256(wheel.read_bytes()).hexdigest()
    (tmp_path / "requirements.txt").write_text(
        f"kie-ideogram[testing]=={CONTRACT.version} --hash=sha256:{digest}\n"
    )
    (tmp_path / "tests" / "contract").mkdir(parents=True)
    for number, title in enumerate(TESTS):
        (block,) = code("docs/cookbook/tests.md", title)
        (tmp_path / "tests" / "contract" / f"test_{number}.py").write_text(block)
    for name, content in drawings().items():
        (tmp_path / name).write_bytes(content)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("KIE_", "PYTEST"))
    }
    environment["PYTHONPATH"] = str(tmp_path / "installed")
    offline = ["--no-index", "--no-deps", "--target", "installed"]
    output = []
    for step, more in ((install, offline), (run, ["-p", "no:cacheprovider"])):
        program, *words = shlex.split(step)
        assert program == "python"
        done = subprocess.run(
            [sys.executable, *words, *more],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        output.append(done.stdout)
    assert f"{len(TESTS)} passed" in output[-1]
    assert (tmp_path / "installed" / "kie_ideogram").is_dir()
