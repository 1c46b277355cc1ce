"""`docs/cli.md` and the help of the commands."""

from kie_ideogram._runtime.cli.exit_codes import EXITS, code_of
from kie_ideogram._runtime.core import errors
from tests.cli.reference import PAGE, written


def test_reference_matches_the_commands() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(), "run: make generate"


def test_each_error_has_one_documented_exit_code() -> None:
    codes = [entry.code for entry in EXITS]
    assert len(codes) == len(set(codes))
    ends = {kind.__name__: kind for kind in errors.PackageError.__subclasses__()}
    assert {name for name, kind in ends.items() if code_of(kind.__new__(kind)) == 1} == {"ConfigurationError"}
