"""A small server of the Vosk project's websocket protocol for the tests: real Vosk, and faults at will."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import vosk
from aiohttp import WSMsgType, web

Fault = Callable[[int, web.WebSocketResponse], Any]
"""Called with the number of the message of sound before it is answered; may give another answer than Vosk's, or a future."""


@dataclass
class VoskServer:
    """One server; ``fault`` may be changed at any time."""

    model: Any
    port: int = 0
    fault: Fault | None = None
    at_the_end: tuple[str, ...] | None = None
    """What it answers to the end of an utterance, instead of what Vosk would."""
    tls: ssl.SSLContext | None = None
    configs: list[dict[str, Any]] = field(default_factory=list)
    sound: int = 0
    """Bytes of sound that came."""
    open: set[web.WebSocketResponse] = field(default_factory=set)
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen, on the same port as before where there was one."""
        app = web.Application()
        app.router.add_get("/", self._talk)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True, ssl_context=self.tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """As if it were killed: connections are cut off."""
        assert self._runner
        for socket in list(self.open):
            if transport := socket._req and socket._req.transport:
                transport.abort()
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        return f"{'wss' if self.tls else 'ws'}://127.0.0.1:{self.port}"

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoclose=True)
        await socket.prepare(request)
        self.open.add(socket)
        recogniser: Any = None
        config: dict[str, Any] = {}
        count = 0
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and "config" in message.data:
                    config = json.loads(message.data)["config"]
                    self.configs.append(config)
                    continue
                recogniser = recogniser or self._recogniser(config)
                count += 1
                self.sound += len(message.data) if message.type is WSMsgType.BINARY else 0
                if message.data == '{"eof" : 1}' and self.at_the_end is not None:
                    for one in self.at_the_end:
                        await socket.send_str(one)
                    break
                answer = self.fault(count, socket) if self.fault else None
                if asyncio.isfuture(answer):
                    answer = await answer
                await socket.send_str(answer if answer is not None else _answer(recogniser, message.data))
                if message.data == '{"eof" : 1}':
                    break
        except (ConnectionError, RuntimeError):
            pass  # cut off while answering
        finally:
            self.open.discard(socket)
        return socket

    def _recogniser(self, config: dict[str, Any]) -> Any:
        rate = float(config.get("sample_rate", 8000))
        words = (json.dumps(config["phrase_list"]),) if "phrase_list" in config else ()
        made = vosk.KaldiRecognizer(self.model, rate, *words)
        made.SetWords(bool(config.get("words", True)))
        made.SetMaxAlternatives(int(config.get("max_alternatives", 0)))
        return made


def _answer(recogniser: Any, message: bytes | str) -> str:
    if message == '{"eof" : 1}':
        return str(recogniser.FinalResult())
    return str(recogniser.Result() if recogniser.AcceptWaveform(message) else recogniser.PartialResult())


@asynccontextmanager
async def serving(
    model: Any, fault: Fault | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[VoskServer]:
    """A server while the block lasts."""
    server = VoskServer(model, fault=fault, tls=tls)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
