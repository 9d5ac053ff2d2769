"""Everybody around the server under load, in a process of their own: desks, floors, pages that stop reading, a CRM.

The bench starts it (``Crowd``) and talks with it in lines of JSON: a request names what is to be opened, the answer says that it
is. The clients do what pages do and no more: read what comes, acknowledge cards, keep one call opened.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from ivr.lab.desk_client import DeskClient, sign_in

AT_ONCE = 8
"""Sign-ins at a time: checking a password is made to be slow."""
TIDY_S = 1.0
SMALL_BUFFER = 4096
DEFLATE = 15
"""What browsers offer: messages to real pages are compressed, which costs the server time and memory."""


@dataclass(slots=True)
class Followed:
    """What a supervisor's page would know: the calls that there are, and the one that is open in it."""

    socket: aiohttp.ClientWebSocketResponse
    calls: dict[str, None] = field(default_factory=dict)
    opened: str | None = None
    stories: int = 0
    rows: int = 0

    async def read(self) -> None:
        """Follow the floor, with the newest call open, and another when that one is over."""
        async for message in self.socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            said = json.loads(message.data)
            match said["type"]:
                case "hello":
                    self.calls = {call["id"]: None for call in said["calls"]}
                case "rows" if said["kind"] == "calls":
                    self.rows += 1
                    self.calls |= {call["id"]: None for call in said["changed"]}
                    for call in said["gone"]:
                        self.calls.pop(call, None)
                case "story":
                    self.stories += 1
            if self.calls and self.opened not in self.calls:
                self.opened = next(reversed(self.calls))
                await self.socket.send_json({"type": "watch", "call": self.opened})


class People:
    """All who have a page open."""

    def __init__(self, address: str, password: str) -> None:
        self._address = address
        self._password = password
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._over = asyncio.Event()
        self._sitting: set[asyncio.Task[None]] = set()
        self.desks: dict[str, DeskClient] = {}
        self.floors: dict[str, Followed] = {}
        self.stuck: list[socket.socket] = []

    async def open_desks(self, logins: Sequence[str]) -> int:
        """Agents at their desks."""
        return await self._sit(self._desk, logins)

    async def open_floors(self, logins: Sequence[str]) -> int:
        """Supervisors who look at the floor, each with a call open."""
        return await self._sit(self._floor, logins)

    async def open_stuck(self, logins: Sequence[str]) -> int:
        """Pages that sign in, open their socket, and then never read."""
        for login in logins:
            self.stuck.append(await unread(self._address, login, self._password))
        return len(self.stuck)

    def cards(self) -> list[float]:
        """Ring to card in ms: Asterisk's own time of the ring to the arrival here."""
        return [popped.ring_to_pop_ms for desk in self.desks.values() for popped in desk.cards.values()]

    async def leave(self) -> None:
        self._over.set()
        await asyncio.gather(*self._sitting, return_exceptions=True)
        for one in self.stuck:
            one.close()

    async def _sit(self, come: Callable[[str, asyncio.Event], Coroutine[Any, Any, None]], logins: Sequence[str]) -> int:
        """Open pages, each in a task of its own; how many, once all of them are open."""
        here = {login: asyncio.Event() for login in logins}
        tasks = [asyncio.create_task(come(login, sits)) for login, sits in here.items()]
        self._sitting.update(tasks)
        for login, task in zip(here, tasks, strict=True):
            sat = asyncio.create_task(_has(here[login]))
            await asyncio.wait((sat, task), return_when=asyncio.FIRST_COMPLETED)
            if not sat.done():
                sat.cancel()
                task.result()  # one that could not come says why
        return len(here)

    async def _desk(self, login: str, sits: asyncio.Event) -> None:
        async with contextlib.AsyncExitStack() as stack:
            async with self._turn:
                client = await stack.enter_async_context(
                    DeskClient.signed_in(self._address, login, self._password, DEFLATE)
                )
            self.desks[login] = client
            sits.set()
            while not self._over.is_set():
                # news is kept for tests; kept here for hours, it would cost this process pauses that nobody has
                client.messages.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(TIDY_S):
                        await self._over.wait()

    async def _floor(self, login: str, sits: asyncio.Event) -> None:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            async with self._turn:
                await sign_in(http, self._address, login, self._password)
            async with http.ws_connect(f"{self._address}/ws/floor", origin=self._address, compress=DEFLATE) as socket:
                floor = self.floors[login] = Followed(socket)
                reading = asyncio.ensure_future(floor.read())
                sits.set()
                await self._over.wait()
                reading.cancel()


async def _has(happened: asyncio.Event) -> None:
    await happened.wait()


async def unread(address: str, login: str, password: str) -> socket.socket:
    """A desk whose page has opened its WebSocket and reads nothing of it: not even the answer to its opening."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        await sign_in(http, address, login, password)
        cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in jar)
    host, _, port = address.removeprefix("http://").partition(":")
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    wire.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(wire, (host, int(port)))
    asks = (
        f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {address}\r\nCookie: {cookies}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {secrets.token_hex(8)}AAAAAA==\r\n\r\n"
    )
    await loop.sock_sendall(wire, asks.encode())
    return wire


@contextlib.asynccontextmanager
async def crm(answers_after_s: float | None) -> AsyncIterator[tuple[int, list[str]]]:
    """A CRM that takes every question and answers after so long, or never; its port, and what it was asked."""
    asked: list[str] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                asked.append(head.split(b"\r\n", 1)[0].decode())
                if answers_after_s is None:
                    continue  # asked again by nobody: the one who asked has given up and gone
                await asyncio.sleep(answers_after_s)
                body = json.dumps({"id": "C1001", "name": "Lin Mei"}).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                )
                writer.write(body)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()


async def _serve() -> None:
    """Do what the bench asks for, line by line, until it closes the line."""
    people: People | None = None
    asked: list[str] = []
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with contextlib.AsyncExitStack() as stack:
        while line := await lines.readline():
            match json.loads(line):
                case {"do": "crm", "after_s": after_s}:
                    answer, asked = await stack.enter_async_context(crm(after_s))
                case {"do": "come", "address": address, "password": password}:
                    people, answer = People(address, password), 0
                case {"do": "desks", "logins": logins} if people:
                    answer = await people.open_desks(logins)
                case {"do": "floors", "logins": logins} if people:
                    answer = await people.open_floors(logins)
                case {"do": "stuck", "logins": logins} if people:
                    answer = await people.open_stuck(logins)
                case {"do": "report"} if people:
                    floors = people.floors.values()
                    print(json.dumps({
                        "cards_ms": people.cards(), "asked": len(asked), "stories": sum(one.stories for one in floors),
                        "closed": sum(one.socket.closed for one in people.desks.values()),
                    }), flush=True)  # fmt: skip
                    continue
                case other:
                    raise ValueError(f"not understood: {other}")
            print(json.dumps(answer), flush=True)
        if people:
            await people.leave()


class Crowd:
    """The bench's end of the line to that process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    @contextlib.asynccontextmanager
    async def started(cls) -> AsyncIterator[Crowd]:
        """A crowd for as long as the block runs."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ivr.bench.crowd", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )  # fmt: skip
        try:
            yield cls(process)
        finally:
            assert process.stdin
            process.stdin.close()
            try:
                async with asyncio.timeout(20):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    async def ask(self, what: str, **more: Any) -> Any:
        """Have something done; what came of it. Raises RuntimeError when the process has ended."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"do": what, **more}).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process with the pages has ended at {what!r}")
        return json.loads(line)


if __name__ == "__main__":
    asyncio.run(_serve())
