"""The distributions of a release: reproducible, of tracked files only, with a bill of materials."""

import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from generator.diagnostics import InputError
from generator.release.artifacts.__main__ import compared
from generator.release.artifacts.distributions import build
from generator.release.artifacts.last_release import breaking, failing_examples, last_release
from generator.release.artifacts.materials import Component, bill, components

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "shop"
version = "1.2"
[tool.hatch.build.targets.wheel]
packages = ["generated/shop"]
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one release of a package, and a file that git does not track."""
    root = tmp_path / "shop"
    (root / "generated" / "shop").mkdir(parents=True)
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "generated" / "shop" / "__init__.py").write_text("def pay(amount):\n    pass\n")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "first")
    (root / "generated" / "shop" / "secret.py").write_text("KEY = 1\n")
    return root


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True)  # noqa: S607 # git from PATH


def test_distributions_contain_tracked_files_only(repository: Path, tmp_path: Path) -> None:
    wheel, sdist = build(repository, tmp_path / "dist")
    with zipfile.ZipFile(wheel) as archive:
        assert [name for name in archive.namelist() if name.startswith("shop/")] == ["shop/__init__.py"]
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert "generated/shop/__init__.py" in names
    assert "generated/shop/secret.py" not in names


def test_build_that_is_not_reproducible_is_refused(repository: Path, tmp_path: Path) -> None:
    hook = "import uuid\nfrom hatchling.builders.hooks.plugin.interface import BuildHookInterface\n\n\n"
    hook += "class Hook(BuildHookInterface):\n    def initialize(self, version, data):\n"
    hook += "        open('generated/shop/a.py', 'w').write(str(uuid.uuid4()))\n"
    (repository / "hatch_build.py").write_text(hook)
    (repository / "pyproject.toml").write_text(f"{PROJECT}[tool.hatch.build.hooks.custom]\n")
    git(repository, "add", "hatch_build.py", "pyproject.toml")
    git(repository, "commit", "--quiet", "--message", "a build that differs")
    with pytest.raises(InputError, match=r"shop-1\.2.* differ"):
        build(repository, tmp_path / "dist")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def pay(amount):\n    pass\n", 0),
        ("def pay(amount, currency='USD'):\n    pass\n", 0),
        ("def pay(amount, currency):\n    pass\n", 1),
        ("def settle(amount):\n    pass\n", 1),
    ],
)
def test_removed_names_and_new_required_arguments_are_breaking(
    text: str, found: int, repository: Path
) -> None:
    assert last_release(repository) is None
    git(repository, "tag", "v1")
    assert last_release(repository) == "v1"
    (repository / "generated" / "shop" / "__init__.py").write_text(text)
    assert len(breaking(repository, "shop", "v1")) == found


def test_before_the_first_release_there_is_nothing_to_compare(repository: Path) -> None:
    assert list(compared(repository, "shop")) == [
        "There is no release yet, so there is no API to compare and no earlier example to run."
    ]


EXAMPLE = "import shop\n\nif __name__ == '__main__':\n    shop.pay(3)\n"
MISUSE = "import shop\n\nshop.pay('3')  # wrong\nshop.pay(4)\n"
PAY = "def pay(amount: int) -> None:\n    print(amount)\n"


@pytest.fixture
def released(repository: Path) -> Path:
    """A repository whose release has examples. The working copy has others, which do not count."""
    (repository / "tests" / "typing").mkdir(parents=True)
    (repository / "examples").mkdir()
    (repository / "examples" / "buy.py").write_text(EXAMPLE)
    (repository / "tests" / "typing" / "misuse.py").write_text(MISUSE)
    (repository / "generated" / "shop" / "__init__.py").write_text(PAY)
    (repository / "generated" / "shop" / "py.typed").touch()
    git(repository, "add", "examples", "tests", "generated/shop/__init__.py", "generated/shop/py.typed")
    git(repository, "commit", "--quiet", "--message", "examples")
    git(repository, "tag", "v1")
    (repository / "examples" / "buy.py").write_text("raise SystemExit('not the released example')\n")
    return repository


def test_examples_of_the_last_release_pass_with_an_added_function(released: Path) -> None:
    package = released / "generated" / "shop" / "__init__.py"
    package.write_text(f"{PAY}\n\ndef refund(amount: int) -> None:\n    pass\n")
    assert list(compared(released, "shop")) == [
        "Compared with v1: 0 breaking changes of the Python API",
        "2 files of examples of v1, with the new package: 0 failures",
    ]


def test_examples_of_the_last_release_fail_with_a_changed_type(released: Path) -> None:
    package = released / "generated" / "shop" / "__init__.py"
    package.write_text("def pay(amount: str) -> None:\n    print(amount + '.00')\n")
    count, failures = failing_examples(released, "v1")
    assert count == 2
    types, typed_line, run = failures
    assert types.startswith('examples/buy.py:4: error: Argument 1 to "pay"')
    assert typed_line.startswith("tests/typing/misuse.py:4: error:")
    assert run.startswith("examples/buy.py: TypeError: ")


def test_unknown_revision_is_reported(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        build(repository, tmp_path / "dist", "nowhere")


def test_bill_lists_each_pinned_distribution_with_its_licence(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(
        "httpx==0.1 \\\n    --hash=sha256:00\n    # via b\nnot-installed-here==2 ; os_name == 'nt' \\\n"
    )
    (one,) = components(path)
    assert (one.name, one.licence) == ("httpx", "BSD-3-Clause")
    document = bill("shop", "1.2", [Component("a", "1", "MIT")])
    assert document["components"][0]["purl"] == "pkg:pypi/a@1"
    assert document["metadata"]["component"]["version"] == "1.2"
