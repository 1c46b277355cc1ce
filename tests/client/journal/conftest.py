"""A client with a journal, and helpers that read what it sent and stored."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.client.conftest import CREATE, EDIT, Client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def kie(client: Client, path: Path, httpx_mock: HTTPXMock) -> Any:
    return client.make(journal=path)


def order(client: Client, kie: Any, key: str | None = "order-17", **changes: Any) -> Any:
    return client.do(kie.character_edit.create(**{**EDIT, **changes}, idempotency_key=key))


def echo(body: dict[str, Any]) -> str:
    """Return the request as a record repeats it: its objects are JSON strings inside the JSON."""
    return json.dumps({name: json.dumps(v) if isinstance(v, dict) else v for name, v in body.items()})


def sent(httpx_mock: HTTPXMock) -> list[dict[str, Any]]:
    return [json.loads(request.content) for request in httpx_mock.get_requests(url=CREATE)]


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()
