"""The body that the arguments of a submission become."""

import json
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.client.conftest import CREATE, EDIT, EDIT_BODY, PAGE_ANSWER, PAGE_BODY, Client, options_class
from tests.contract.facts import ARGUMENTS, OPTIONAL, body, value_at


@pytest.fixture(autouse=True)
def accepting(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=CREATE, json=PAGE_ANSWER, is_reusable=True)


def sent(httpx_mock: HTTPXMock) -> list[Any]:
    return [json.loads(request.content) for request in httpx_mock.get_requests()]


def test_arguments_of_the_page_example_send_its_body(client: Client, httpx_mock: HTTPXMock) -> None:
    values = {name: value_at(PAGE_BODY, field.path) for name, field in ARGUMENTS.items()}
    given = {name: value for name, value in values.items() if value is not None}
    assert len(given) == 9
    client.do(client.kie.character_edit.create(**given))
    assert sent(httpx_mock) == [PAGE_BODY]


def test_none_arguments_are_left_out(client: Client, httpx_mock: HTTPXMock) -> None:
    client.do(client.kie.character_edit.create(**EDIT, **dict.fromkeys(OPTIONAL)))
    assert sent(httpx_mock) == [EDIT_BODY]


def test_false_and_zero_are_sent(client: Client, httpx_mock: HTTPXMock) -> None:
    falsy = {
        name: value
        for name, field in OPTIONAL.items()
        for value in field.accepts
        if type(value) in (bool, int) and not value
    }
    assert set(map(repr, falsy.values())) == {"False", "0"}
    client.do(client.kie.character_edit.create(**EDIT, **falsy))
    assert json.dumps(sent(httpx_mock)[0]) == json.dumps(body({**EDIT, **falsy}))


def test_enum_members_are_sent_as_their_strings(client: Client, httpx_mock: HTTPXMock) -> None:
    plain = {name: field.options[-1] for name, field in OPTIONAL.items() if field.options}
    members = {}
    for name, value in plain.items():
        choices = options_class(name)
        assert choices
        members[name] = choices(value)
    client.do(client.kie.character_edit.create(**EDIT, **plain))
    client.do(client.kie.character_edit.create(**EDIT, **members))
    assert sent(httpx_mock) == [body({**EDIT, **plain})] * 2
