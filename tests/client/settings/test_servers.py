"""The servers of a client: arguments, variables, and no server that is left unchanged by mistake."""

import re
from functools import partial
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from kie_ideogram import errors
from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.contract.model import Server
from kie_ideogram._runtime.http.servers import server_urls
from tests.client.conftest import API, EDIT, UPLOAD, Client

SANDBOX = "http://127.0.0.1:8000"
BALANCE = {"code": 200, "msg": "success", "data": 7}
STORED = {
    "success": True,
    "code": 200,
    "msg": "",
    "data": {"downloadUrl": "https://x.example/1.png", "fileName": "a", "filePath": "a"},
}


@pytest.mark.parametrize(
    ("variables", "arguments"),
    [
        ({"KIE_BASE_URL": SANDBOX, "KIE_UPLOAD_BASE_URL": SANDBOX}, {}),
        ({"KIE_BASE_URL": SANDBOX}, {"upload_base_url": SANDBOX}),
        (
            {"KIE_BASE_URL": API, "KIE_UPLOAD_BASE_URL": UPLOAD},
            dict.fromkeys(("base_url", "upload_base_url"), SANDBOX),
        ),
    ],
)
def test_argument_replaces_variable_and_variable_the_default(
    client: Client,
    httpx_mock: HTTPXMock,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    arguments: dict[str, Any],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    kie = client.make(**arguments)
    httpx_mock.add_response(json=BALANCE)
    client.do(kie.credits.get())
    httpx_mock.add_response(json=STORED)
    client.do(kie.files.upload(b"x", file_name="a.bin"))
    assert [request.url.host for request in httpx_mock.get_requests()] == ["127.0.0.1", "127.0.0.1"]


@pytest.mark.parametrize(
    ("variables", "arguments", "message"),
    [
        (
            {},
            {"base_url": SANDBOX},
            f"upload_base_url: base_url is {SANDBOX}, .* {UPLOAD}, .* set KIE_UPLOAD_BASE_URL",
        ),
        ({"KIE_BASE_URL": SANDBOX}, {}, f"upload_base_url: KIE_BASE_URL is {SANDBOX}, "),
        (
            {},
            {"upload_base_url": SANDBOX},
            f"base_url: upload_base_url is {SANDBOX}, .* {API}, .* set KIE_BASE_URL",
        ),
        ({"KIE_UPLOAD_BASE_URL": "nowhere"}, {}, "KIE_UPLOAD_BASE_URL: 'nowhere' needs http"),
    ],
)
def test_server_that_is_left_unchanged_is_refused(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    arguments: dict[str, Any],
    message: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(errors.ConfigurationError, match=f"^{message}"):
        client.make(**arguments)


@pytest.mark.parametrize("added", ["?", "#", "/?", "?a=1", " ", "/ "])
def test_base_url_to_which_no_path_can_be_appended_is_refused(client: Client, added: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"^base_url: "):
        client.make(base_url=SANDBOX + added, upload_base_url=SANDBOX)


@pytest.mark.parametrize("arguments", [{}, {"base_url": API}, {"base_url": "https://API.kie.ai/"}])
def test_declared_server_needs_no_other_argument(
    monkeypatch: pytest.MonkeyPatch, arguments: dict[str, str]
) -> None:
    monkeypatch.setenv("KIE_UPLOAD_BASE_URL", "")  # as a script leaves it that sets nothing
    assert [re.sub("API", "api", url) for url in server_urls(CONTRACT.servers, arguments).values()] == [
        API,
        UPLOAD,
    ]


@pytest.mark.parametrize(
    ("given", "urls"),
    [
        ({}, ["https://a.example", "https://b.example"]),
        ({"base_url": SANDBOX}, [SANDBOX, SANDBOX]),
        ({"base_url": SANDBOX, "b_base_url": "https://c.example"}, [SANDBOX, "https://c.example"]),
    ],
)
def test_declared_follower_takes_the_changed_url(given: dict[str, str], urls: list[str]) -> None:
    servers = (
        Server("a", "https://a.example", "base_url", "A_BASE_URL"),
        Server("b", "https://b.example", "b_base_url", "A_B_BASE_URL", follows="a"),
    )
    assert list(server_urls(servers, given).values()) == urls


UNREACHABLE = httpx.ConnectError("refused")
LAST_ERRORS: dict[str, tuple[Any, str | None, str]] = {
    "no connection": (UNREACHABLE, "http://wrong.test", "; check {argument}, which replaces {declared}"),
    "page of a website": ("<html>", "http://127.0.0.1:1", "; check {argument}, which replaces {declared}"),
    "page of a proxy": (502, "http://127.0.0.1:1", "; check {argument}, which replaces {declared}"),
    "no connection to the declared server": (UNREACHABLE, None, "; check the network and the proxy"),
    "page of the declared server": ("<html>", None, ""),
}


@pytest.mark.filterwarnings("ignore:.*plain http")
@pytest.mark.parametrize("case", LAST_ERRORS)
@pytest.mark.parametrize("call", ["credits", "upload", "create"])
def test_last_error_names_what_can_be_changed(
    client: Client, httpx_mock: HTTPXMock, case: str, call: str
) -> None:
    reply, url, hint = LAST_ERRORS[case]
    kie = client.make(**(dict.fromkeys(("base_url", "upload_base_url"), url) if url else {}))
    if isinstance(reply, Exception):
        httpx_mock.add_exception(reply, is_reusable=True)
    elif isinstance(reply, int):
        httpx_mock.add_response(status_code=reply, text="Bad gateway", is_reusable=True)
    else:
        httpx_mock.add_response(text=reply, is_reusable=True)
    calls = {
        "credits": kie.credits.get,
        "upload": partial(kie.files.upload, b"x", file_name="a.bin"),
        "create": partial(kie.character_edit.create, **EDIT),
    }
    with pytest.raises(errors.KieError) as caught:
        client.do(calls[call]())
    upload = call == "upload"
    argument, declared = ("upload_base_url", UPLOAD) if upload else ("base_url", API)
    expected = hint.format(argument=argument, declared=declared)
    text = str(caught.value)
    assert expected in text
    assert ("which replaces" in text or "the network" in text) is bool(hint)


def test_refusal_of_a_replaced_server_names_no_argument(client: Client, httpx_mock: HTTPXMock) -> None:
    kie = client.make(base_url=SANDBOX, upload_base_url=SANDBOX)
    httpx_mock.add_response(json={"code": 401, "msg": "no"})
    with pytest.raises(errors.ApiError) as caught:
        client.do(kie.credits.get())
    assert "base_url" not in str(caught.value)
