"""``ivr doctor`` at the ports: free, taken by somebody else, or held by the server that runs already."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ivr.config.load import parse
from ivr.server.pages import web
from ivr.server.parts import Examination, Finding


def looked_at(web_port: int, media_port: int, host: str = "127.0.0.1") -> list[Finding]:
    raw = {"web": {"port": web_port}, "media": {"port": media_port, "host": host}}
    names, *ports = web.examine(Examination(parse(raw, "the test's", {}), Path(), None))
    assert names[0] is True and "localhost" in names[1]
    return ports


@pytest.fixture
def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def answering(body: str, status: int = 200) -> Iterator[int]:
    """A web server that says this to everything."""

    class Says(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Says)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_free_ports_are_right(free: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        media = int(other.getsockname()[1])
    assert [right for right, _ in looked_at(free, media)] == [True, True]


def test_port_of_another_program_is_wrong_on_both_sides(free: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        (wrong, told), right = looked_at(free, other.getsockname()[1])
    assert wrong is False and right[0] is True
    assert "is taken by another program: end it" in told and "IVR_ADDRESS of the dialplan" in told


def test_address_that_is_not_this_machine_s(free: int) -> None:
    told = looked_at(free, 9092, host="192.0.2.1")[0]
    assert told[0] is False and "is it an address of this machine?" in told[1]


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"status": "ok"}', '{"parts": 3}'])
def test_program_that_answers_otherwise_is_not_ours(body: str, free: int) -> None:
    with answering(body) as port:
        told = looked_at(port, free)
    assert [right for right, _ in told] == [True, False]


@pytest.mark.parametrize("status", [200, 503])
def test_server_that_runs_is_asked_how_its_parts_are(status: int, free: int) -> None:
    parts = {"asterisk": "not connected", "record": "ok"}
    with answering(json.dumps({"status": "no asterisk", "parts": parts}), status) as port:
        first, asterisk, record = looked_at(port, free)
    assert first[0] is True and "the server is running" in first[1]
    assert asterisk == (False, "the running server says of asterisk: not connected")
    assert record == (True, "the running server says of record: ok")


def test_names_and_key_of_the_pages_are_told(free: int, tmp_path: Path) -> None:
    key = tmp_path / "web.key"
    key.write_text("k" * 43)
    key.chmod(0o644)

    def first_two(**table: object) -> list[Finding]:
        raw = {"web": {"port": free, "key_file": str(key), **table}}
        return list(web.examine(Examination(parse(raw, "the test's", {}), Path(), None)))[:2]

    behind_tls, readable = first_two(secure_cookies=True)
    assert behind_tls[0] is None and "name what agents type" in behind_tls[1]
    assert readable[0] is False and "chmod 600" in readable[1]
    named = first_two(secure_cookies=True, hosts=["desk.example.com"])[0]
    assert named[0] is True and "desk.example.com" in named[1]
