"""``[directory]`` of config.toml: what calls ask, what the doctor says of it, and the example of the manual."""

from __future__ import annotations

import asyncio
import re
import threading
import tomllib
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.database import DatabaseDirectory, Store
from ivr.calls.integrations.customer_directory import OutsideDirectory
from ivr.config.load import Config, parse
from ivr.core.caller import AgentId
from ivr.core.card import Pop
from ivr.server.data.customers import NOBODY, examine, open_directory, pop_of
from ivr.server.parts import Examination, Parts
from ivr.server.process.tasks import Tasks
from tests.calls.fakes import tasks
from tests.conftest import PATIENCE_S, ROOT
from tests.thrift import sqlite
from tests.wire.test_card_json import RICH

MANUAL = ROOT / "docs" / "operations.md"


def settings(**directory: Any) -> Config:
    return parse({"directory": directory}, "my.toml", {})


@contextmanager
def answering(status: int, body: bytes = b"") -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """A CRM of its own thread, which says one thing; its address, and what it was asked with which token."""
    asked: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing of it."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/c?n={{number}}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def examined(config: Config) -> Examination:
    return Examination(config, Path(), None)


# -- what calls ask


async def test_each_kind_is_what_it_says(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("id,name,numbers\nC1,Lin,030 901820\n")
    store = Store(sqlite(tmp_path / "ivr.db"))
    async with tasks() as nursery, AsyncExitStack() as stack:
        own, figures = open_directory(settings(), store, nursery.spawn, Parts(Tasks(), stack))
        assert isinstance(own, DatabaseDirectory) and figures() is None
        http = settings(kind="http", url="https://crm.example.com/{number}")
        outside, figures = open_directory(http, store, nursery.spawn, Parts(Tasks(), stack), {})
        now = figures()
        assert isinstance(outside, OutsideDirectory) and now and now.breaker == "closed"
        csv, figures = open_directory(settings(kind="csv", file=str(file)), store, nursery.spawn, Parts(Tasks(), stack))
        async with asyncio.timeout(PATIENCE_S):
            while not (found := await csv.find("+4930901820")):  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.02)
        assert found.customer and found.customer.name == "Lin"
        now = figures()
        assert now and (now.breaker, now.results) == (None, {"taken_in": 1, "refused": 0})
    await store.close()


def test_where_a_customer_stands_elsewhere() -> None:
    desk = {"pop_url": "https://crm.example.com/{customer.id}", "pop_open": True}
    assert pop_of(parse({"desk": desk}, "my.toml", {}))(RICH, AgentId("ana")) == Pop("https://crm.example.com/C1", True)
    assert pop_of(Config())(RICH, AgentId("ana")) is None


# -- the doctor


def test_own_database_needs_no_word() -> None:
    assert list(examine(examined(settings()))) == []


@pytest.mark.parametrize(
    ("status", "body", "right", "says"),
    [
        (404, b"", True, "the CRM answers"),
        (200, b"[]", True, "the CRM answers"),
        (401, b"", False, "the CRM has not answered: HTTP 401"),
        (200, b"<html>", False, "the CRM has not answered: does not answer with JSON"),
        (200, b"{}", False, "answers for a number that nobody can have: id: is missing"),
    ],
)
def test_crm_is_asked_for_nobody(status: int, body: bytes, right: bool, says: str) -> None:
    with answering(status, body) as (url, asked):
        (found,) = examine(examined(settings(kind="http", url=url)), {"IVR_DIRECTORY_TOKEN": "tok"})
    assert found and found[0] is right and says in found[1]
    assert asked == [(f"/c?n=%2B{NOBODY[1:]}", "Bearer tok")]


def test_crm_that_is_not_there() -> None:
    (found,) = examine(examined(settings(kind="http", url="http://127.0.0.1:1/{number}")), {})
    assert found and not found[0] and "cannot be reached" in found[1]


@pytest.mark.parametrize(
    ("text", "right", "says"),
    [
        ("id,name\nC1,Lin\n", True, "1 customers"),
        ("id,name\n", False, "no customers"),
        ("id,name\nC1,\n", False, "c.csv:2: name: "),
        (None, False, "c.csv: there is no such file"),
    ],
)
def test_file_is_read(tmp_path: Path, text: str | None, right: bool, says: str) -> None:
    file = tmp_path / "c.csv"
    if text is not None:
        file.write_text(text)
    (found,) = examine(examined(settings(kind="csv", file=str(file))))
    assert found and found[0] is right and says in found[1]


# -- the manual


def test_examples_of_the_manual_are_right() -> None:
    examples = [
        tomllib.loads(text)
        for text in re.findall(r"```toml\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
        if "[directory]" in text or "pop_url" in text
    ]
    assert {one["directory"]["kind"] for one in examples if "directory" in one} == {"http", "csv"}
    assert any("desk" in one for one in examples)
    for one in examples:
        parse(one, "operations.md", {})
