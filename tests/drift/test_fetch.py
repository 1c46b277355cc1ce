"""Pages are fetched over https, from the spec's own documentation hosts, once, within limits."""

import shutil
from pathlib import Path

import httpx
import pytest
from pytest_httpx import HTTPXMock

from generator import __main__ as line
from generator.drift.fetch.download import MAX_BYTES
from tests.drift.command import command
from tests.generator.edits import SPEC

PAGE = (Path(__file__).parent / "cases" / "reference" / "page.md").read_bytes()
URL = "https://docs.kie.ai/market/ideogram/character-edit.md"


def test_the_address_is_that_of_the_operations_documentation_in_markdown() -> None:
    assert command("docs-address").out == f"{URL}\n"


def test_a_page_is_read_from_its_address(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, content=PAGE)
    assert command("drift", URL).out == "the page and the spec agree\n"
    request = httpx_mock.get_requests()[0]
    assert "Authorization" not in request.headers
    assert request.headers["User-Agent"].startswith("kie-ideogram")


def test_a_redirect_may_stay_on_the_host(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=301, headers={"Location": "/moved.md"})
    httpx_mock.add_response(url="https://docs.kie.ai/moved.md", content=PAGE)
    assert command("facts", URL).code == 0


@pytest.mark.parametrize(
    "target",
    [
        "https://example.com/page.md",
        "http://docs.kie.ai/page.md",
        "https://docs.kie.ai.example.com/",
        "//x.org/",
    ],
)
def test_a_redirect_off_the_host_is_refused(target: str, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=302, headers={"Location": target})
    refused = command("drift", URL)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("(page-url)\n")
    assert len(httpx_mock.get_requests()) == 1


def test_a_chain_of_redirects_ends(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=302, headers={"Location": URL}, is_reusable=True)
    assert "more than 3 redirects" in command("facts", URL).err


@pytest.mark.parametrize(
    "url",
    [
        "http://docs.kie.ai/page.md",
        "ftp://docs.kie.ai/page.md",
        "file:///etc/hosts",
        "https://example.com/page.md",
        "https://user:word@docs.kie.ai/page.md",
        "https://docs.kie.ai:8443/page.md",
        "https://127.0.0.1/page.md",
    ],
)
def test_other_addresses_are_never_asked(url: str, httpx_mock: HTTPXMock) -> None:
    refused = command("facts", url)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("(page-url)\n")
    assert httpx_mock.get_requests() == []


def test_a_page_that_never_ends_is_cut_off(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, content=b"x" * (MAX_BYTES + 1))
    assert command("facts", URL).err.endswith("(page-size)\n")


@pytest.mark.parametrize("status", [404, 500, 403])
def test_an_error_of_the_server_is_told(status: int, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=status)
    refused = command("facts", URL)
    assert refused.code == 2
    assert f"the server answers {status}" in refused.err


def test_a_broken_connection_is_told(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ReadTimeout("too slow"))
    refused = command("facts", URL)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "cannot be fetched: ReadTimeout" in refused.err


def test_a_recorded_page_is_asked_for_conditionally(
    httpx_mock: HTTPXMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "files", lambda source: {})
    monkeypatch.setattr(line, "write_files", lambda files, root: [])
    spec = shutil.copytree(SPEC, tmp_path / "spec")
    changed = PAGE.replace("渲染速度。".encode(), "渲染的速度。".encode())
    httpx_mock.add_response(url=URL, content=changed, headers={"ETag": '"one"'})
    assert command("reconcile", URL, "--spec", str(spec)).code == 0
    httpx_mock.add_response(url=URL, status_code=304, match_headers={"If-None-Match": '"one"'})
    assert command("drift", URL, "--spec", str(spec)).out == "the page and the spec agree\n"
    httpx_mock.add_response(url=URL, status_code=304, match_headers={"If-None-Match": '"one"'})
    again = command("reconcile", URL, "--spec", str(spec))
    assert (again.code, again.out) == (0, "nothing changed\n")
