"""Rules for the repository as a whole."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.documents import PAGES

ROOT = Path(__file__).parent.parent
HEADER = "# Generated from spec/ by `make generate`. Do not edit.\n"
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".jinja", ".json", ".har", ""}


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607 # git as found
    return [ROOT / line for line in listing.splitlines() if (ROOT / line).is_file()]


def targets() -> list[str]:
    return re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [
        line for line in read(".ci/run").splitlines() if line and not line.startswith(("#", "set", "cd"))
    ]
    assert commands == ["make test"]
    assert "make test " in read("README.md")


def test_every_make_target_is_in_help_and_documentation() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == set(targets())
    documents = read("README.md") + read("CONTRIBUTING.md") + read("generator/README.md")
    undocumented = [name for name in targets() if f"make {name}" not in documents]
    assert not undocumented


def test_tools_that_write_generated_code_are_pinned_exactly() -> None:
    groups = tomllib.loads(read("pyproject.toml"))["dependency-groups"]
    pins = {Requirement(line).name: str(Requirement(line).specifier) for line in groups["generator"]}
    for name in ("openapi-python-client", "ruff"):
        assert pins[name] == f"=={distribution(name).version}"


def test_requirements_have_hashes_and_name_no_host() -> None:
    text = read("requirements/dev.txt")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)
    entries = re.split(r"\n(?=\S)", text)
    pinned = [entry for entry in entries if "==" in entry.splitlines()[0]]
    assert len(pinned) > 50
    assert all("--hash=sha256:" in entry for entry in pinned)


def test_tracked_files_name_no_machine_path_or_registry_host() -> None:
    # In pieces, so that this file does not match.
    forbidden = re.compile(
        "|".join(
            ["/ro" + "ot/", "/ho" + "me/[a-z]", "/wo" + "rk/", "pypi" + r"\.org", "registry" + r"\.npmjs"]
        )
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path.suffix in TEXT
        and (match := forbidden.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert not found


def test_every_rendered_file_begins_with_the_header() -> None:
    package = ROOT / "generated" / "kie_ideogram"
    rendered = [path for path in package.rglob("*.py") if "_runtime" not in path.relative_to(package).parts]
    assert len(rendered) > 20
    assert [path.name for path in rendered if not path.read_text(encoding="utf-8").startswith(HEADER)] == []


def test_runtime_in_the_package_is_a_byte_for_byte_copy() -> None:
    source, copy = ROOT / "generator" / "runtime", ROOT / "generated" / "kie_ideogram" / "_runtime"
    files = {path.relative_to(source) for path in source.rglob("*.py")}
    assert files == {path.relative_to(copy) for path in copy.rglob("*.py")}
    # The identity is the one file of the runtime that depends on the spec.
    same = files - {Path("core", "identity.py")}
    assert [path for path in same if (source / path).read_bytes() != (copy / path).read_bytes()] == []


def test_runtime_names_no_operation_model_or_url() -> None:
    facts = re.compile(
        r"createTask|recordInfo|character[-_]edit|[\"']ideogram/|api\.kie\.ai|redpandaai|resultUrls|taskId"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in (ROOT / "generator" / "runtime").rglob("*.py")
        if (match := facts.search(path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_only_one_module_of_the_runtime_reads_a_clock() -> None:
    clock = re.compile(
        r"\b(?:time\.(?:time|time_ns|monotonic|sleep|strftime|perf_counter)\("
        r"|datetime\.(?:now|utcnow)\(|asyncio\.sleep\((?!0\)))"
    )
    runtime = ROOT / "generator" / "runtime"
    readers = {
        path.relative_to(runtime).as_posix()
        for path in runtime.rglob("*.py")
        if clock.search(path.read_text(encoding="utf-8"))
    }
    assert readers == {"core/clock.py"}


def test_only_one_module_imports_openapi_python_client() -> None:
    importers = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "generator").rglob("*.py")
        if re.search(
            r"^\s*(from|import) openapi_python_client", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert importers == ["generator/emit/models.py"]


@pytest.mark.parametrize("page", PAGES)
def test_local_links_lead_to_existing_files_and_headings(page: str) -> None:
    broken = []
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", read(page)):
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes for the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_wheel_requires_only_httpx_and_attrs(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        shipped = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "README.zh-CN.md", "docs/cli.md", "pyproject.toml", "LICENSE"} <= shipped
    with zipfile.ZipFile(wheel) as zipped:
        assert {name.split("/")[0].partition("-")[0] for name in zipped.namelist()} == {"kie_ideogram"}
        assert "kie_ideogram/py.typed" in zipped.namelist()
        (metadata,) = (name for name in zipped.namelist() if name.endswith("/METADATA"))
        required = message_from_bytes(zipped.read(metadata)).get_all("Requires-Dist", [])
        assert {Requirement(line).name for line in required if not Requirement(line).marker} == {
            "httpx",
            "attrs",
        }
        zipped.extractall(tmp_path / "site")  # noqa: S202 # our own wheel
    for name in needed("httpx") | needed("attrs"):
        for file in distribution(name).files or ():
            top = file.parts[0]
            if top != ".." and not (tmp_path / "site" / top).exists():
                (tmp_path / "site" / top).symlink_to(Path(str(distribution(name).locate_file(top))))
    code = (
        f"import sys; sys.path.append({str(tmp_path / 'site')!r})\n"
        "import kie_ideogram, kie_ideogram.callbacks, kie_ideogram.models as models\n"
        "[getattr(models, name) for name in models.__all__]\n"
        "print(kie_ideogram.Kie('key'), kie_ideogram.AsyncKie('key'), kie_ideogram.__version__)"
    )
    # With -I and -S, Python sees neither site-packages nor the environment.
    run = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert run.stderr == ""
    assert run.stdout.startswith("Kie() AsyncKie() ")


def needed(name: str) -> set[str]:
    """Return a distribution and everything that it needs without extras."""
    found = {name}
    for line in distribution(name).requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found |= needed(requirement.name)
    return found
