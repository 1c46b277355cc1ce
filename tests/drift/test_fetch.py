"""Pages are downloaded over https, from the documentation hosts of the spec only, within limits."""

import shutil
from datetime import date
from pathlib import Path

import httpx
import pytest
from pytest_httpx import HTTPXMock

from generator.drift.commands import reconcile_pages
from generator.drift.fetch.download import MAX_BYTES
from tests.drift.command import CASES, Result, call_command, command
from tests.generator.edits import SPEC

PAGE = (CASES / "reference" / "page.md").read_bytes()
URL = "https://docs.kie.ai/market/ideogram/character-edit.md"
RECORDED_URL = "https://docs.kie.ai/cn/market/ideogram/character-edit.md"


def test_docs_address_is_that_of_the_record() -> None:
    assert command("docs-address").out == f"{RECORDED_URL}\n"


def test_docs_address_without_a_record_is_that_of_the_spec(tmp_path: Path) -> None:
    spec = Path(shutil.copytree(SPEC, tmp_path / "spec"))
    shutil.rmtree(spec / "docs-facts")
    assert command("docs-address", "--spec", str(spec)).out == f"{URL}\n"


def test_page_address_is_downloaded_without_credentials(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, content=PAGE)
    assert command("drift", URL).out == "the page and the spec agree\n"
    request = httpx_mock.get_requests()[0]
    assert "Authorization" not in request.headers
    assert request.headers["User-Agent"] == "docs-drift"


def test_redirect_on_the_same_host_is_followed(httpx_mock: HTTPXMock) -> None:
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
def test_redirect_to_another_host_exits_2_without_request(target: str, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=302, headers={"Location": target})
    refused = command("drift", URL)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("(page-url)\n")
    assert len(httpx_mock.get_requests()) == 1


def test_fourth_redirect_is_refused(httpx_mock: HTTPXMock) -> None:
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
        "https://docs.kie.ai:99999/page.md",
        "https://docs.kie.ai:port/page.md",
        "https://[docs.kie.ai/page.md",
        "https://127.0.0.1/page.md",
    ],
)
def test_other_address_exits_2_without_request(url: str, httpx_mock: HTTPXMock) -> None:
    refused = command("facts", url)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("(page-url)\n")
    assert httpx_mock.get_requests() == []


def test_download_over_the_size_limit_is_refused(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, content=b"x" * (MAX_BYTES + 1))
    assert command("facts", URL).err.endswith("(page-size)\n")


@pytest.mark.parametrize("status", [404, 500, 403])
def test_server_error_exits_2_with_its_status(status: int, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=status)
    refused = command("facts", URL)
    assert refused.code == 2
    assert f"the server answered {status}" in refused.err


def test_address_with_control_character_exits_2() -> None:
    refused = command("facts", "https://docs.kie.ai/\x7f.md")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("(page-fetch)\n")


def test_timeout_exits_2_with_one_line(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ReadTimeout("too slow"))
    refused = command("facts", URL)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "the download failed: ReadTimeout" in refused.err


def test_recorded_page_is_requested_with_its_etag(httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    spec = Path(shutil.copytree(SPEC, tmp_path / "spec"))

    def reconcile() -> Result:
        today = date(2026, 1, 31)
        return call_command(lambda: reconcile_pages([URL], spec, lambda _: {}, lambda _: [], today))

    changed = PAGE.replace("渲染速度。".encode(), "渲染的速度。".encode())
    httpx_mock.add_response(url=URL, content=changed, headers={"ETag": '"one"'})
    assert reconcile().code == 0
    httpx_mock.add_response(url=URL, status_code=304, match_headers={"If-None-Match": '"one"'})
    assert command("drift", URL, "--spec", str(spec)).out == "the page and the spec agree\n"
    httpx_mock.add_response(url=URL, status_code=304, match_headers={"If-None-Match": '"one"'})
    again = reconcile()
    assert (again.code, again.out) == (0, "nothing changed\n")
