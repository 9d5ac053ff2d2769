"""Strangers at the pages' port, in a process of their own: thousands of half-open connections, and wrong passwords without end.

They come from many addresses of 127.0.0.0/8, so that no limit by address is what holds them off. ``strangers`` starts it: it says
"here" once all connections have been made, and what became of it all, as JSON, when its input ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import sys
from collections import Counter

import aiohttp

from ivr.lab.desk_client import sign_in

BURST, PAUSE_S = 50, 0.05
"""Half-open connections are made so many at a time: a thousand a second."""
SIGN_INS_AT_ONCE = 20
GIVE_UP_S = 30.0


def _from(dice: random.Random, net: int) -> str:
    """One of the 65,000 addresses of a network of loopback."""
    return f"127.{net}.{dice.randrange(256)}.{dice.randrange(1, 255)}"


class Flood:
    """Both kinds, until it is told to stop."""

    def __init__(self, port: int, half_open: int) -> None:
        self._port = port
        self._most = half_open
        self._dice = random.Random(port)  # noqa: S311
        self._open: set[asyncio.StreamWriter] = set()
        self.all_here = asyncio.Event()
        self.counted: Counter[str] = Counter()

    async def half_open(self) -> None:
        """Open connections that never bring a request, and as many new ones as the server ends."""
        async with asyncio.TaskGroup() as group:
            while True:
                for _ in range(min(BURST, self._most - len(self._open))):
                    group.create_task(self._one())
                if self.counted["half-open"] >= self._most:
                    self.all_here.set()
                await asyncio.sleep(PAUSE_S)

    async def _one(self) -> None:
        self.counted["half-open"] += 1
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self._port, local_addr=(_from(self._dice, 1), 0)
            )
            self._open.add(writer)
            try:
                writer.write(b"GET / HTTP/1.1\r\n")
                await reader.read()
                self.counted["ended by the server"] += 1
            finally:
                self._open.discard(writer)
                writer.transport.abort()

    async def sign_ins(self) -> None:
        """Try one wrong password after the other, for names that there are and others."""
        while True:
            name = f"chaos{self._dice.randrange(40)}"
            source = aiohttp.TCPConnector(local_addr=(_from(self._dice, 2), 0))
            try:
                async with aiohttp.ClientSession(
                    connector=source,
                    cookie_jar=aiohttp.CookieJar(unsafe=True),
                    timeout=aiohttp.ClientTimeout(GIVE_UP_S),
                ) as http:
                    await sign_in(http, f"http://127.0.0.1:{self._port}", name, "wrong")
                    self.counted["LET IN"] += 1
            except PermissionError as refused:
                self.counted[f"sign-ins {str(refused).rpartition(' ')[2]}"] += 1
            except (OSError, TimeoutError, aiohttp.ClientError) as error:
                self.counted[f"sign-ins {type(error).__name__}"] += 1
                await asyncio.sleep(PAUSE_S)


async def _run(port: int, half_open: int) -> None:
    flood = Flood(port, half_open)
    work = [flood.half_open(), *(flood.sign_ins() for _ in range(SIGN_INS_AT_ONCE))]
    doing = [asyncio.ensure_future(one) for one in work]
    await flood.all_here.wait()
    print("here", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for one in doing:
        one.cancel()
    await asyncio.gather(*doing, return_exceptions=True)
    print(json.dumps(flood.counted), flush=True)


if __name__ == "__main__":
    os.nice(19)  # strangers have machines of their own; here they share ours, and are not what is measured
    _most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (_most, _most))
    asyncio.run(_run(int(sys.argv[1]), int(sys.argv[2])))
