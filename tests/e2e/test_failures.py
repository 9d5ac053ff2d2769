"""Whatever happens to the server, the caller reaches a person: stopped, killed, hanging, cut off from AMI."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ivr.lab.asterisk.callers import Lab, NotDone
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.ports import free_port
from ivr.lab.shop import shop
from ivr.wire.asterisk.audiosocket import HANGUP_MESSAGE, Identity, encode
from tests.conftest import ROOT, RealParts
from tests.e2e.conftest import a_house, fill, settings, until, wait_for

FALLBACK = "ivr-fallback"


def joined(lab: Lab, queue: str) -> list[dict[str, str]]:
    return [event for event in lab.events("QueueCallerJoin") if event["Queue"] == queue]


def call_in(lab: Lab, *steps: str) -> None:
    lab.call(shop.DNIS, shop.LIN_MEI, "Lin Mei", [*steps, "wait:60"])


class ServerProcess:
    """The server as operators run it: a process of its own."""

    def __init__(self, asterisk: PrivateAsterisk, folder: Path, *words: str, under: Sequence[str] = ()) -> None:
        self.web_port = free_port()
        config = settings(asterisk, folder)
        asyncio.run(fill(config))
        path = folder / "config.toml"
        path.write_text(
            f"[asterisk]\nport = {asterisk.ports.ami}\n[media]\nport = {asterisk.ports.media}\n[web]\nport = {self.web_port}\n"
            f'[database]\nurl = "{config.database.url}"\n[sources]\nshop = "{config.sources["shop"]}"\n'
            f'[dialogue]\nfolder = "{ROOT / "dialplans"}"\n'
            f'[speech_out]\nfolder = "{ROOT / "audio"}"\n[log]\nformat = "json"\nlevel = "debug"\n'
            f'[speech_in]\nmodel_en = "{ROOT / "audio/models/bundled-en"}"\nmodel_zh = "off"\n'
        )
        self.log = folder / "server.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*under, sys.executable, "-m", "ivr", "serve", "--config", str(path), *words],
                stdout=out, stderr=out, cwd=ROOT, env={**os.environ, "IVR_AMI_SECRET": asterisk.secret},
            )  # fmt: skip
        try:
            wait_for(
                lambda: "asterisk connected" in self.log.read_text(),
                20,
                f"the server did not start: {self.log.read_text()}",
            )
        except BaseException:
            self.stop()  # a server that came later would hold the ports of every test after this
            raise

    def wait_until_taken(self) -> None:
        """A call is in the server's hands: the dialplan's guard has been lifted."""
        wait_for(lambda: '"call taken"' in self.log.read_text(), 10, "the line was never taken")

    def child(self) -> int:
        """The process below the watchdog."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        assert len(listed) == 1, listed
        return int(listed[0])

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@pytest.fixture
def server(asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path) -> Iterator[ServerProcess]:
    made = ServerProcess(asterisk, tmp_path, "--no-watchdog")
    try:
        yield made
    finally:
        made.stop()


def test_without_a_server_the_caller_reaches_the_fallback_queue(lab: Lab) -> None:
    call_in(lab, "wait:1")
    wait_for(lambda: joined(lab, FALLBACK), 10, "the caller was lost")
    assert len(lab.events("Hangup")) == 0


def test_killed_in_the_middle_of_a_prompt_the_caller_reaches_the_fallback_queue(
    server: ServerProcess, lab: Lab
) -> None:
    call_in(lab, "hush:60", "wait:1")
    server.wait_until_taken()
    assert not joined(lab, FALLBACK)
    os.kill(server.process.pid, signal.SIGKILL)
    wait_for(lambda: joined(lab, FALLBACK), 10, "the caller was lost")
    assert len(lab.events("Hangup")) == 0


def test_hanging_before_it_takes_the_call_costs_five_seconds(server: ServerProcess, lab: Lab) -> None:
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        # a caller who makes noise all the time: silence alone would end AudioSocket by itself
        call_in(lab, *(f"play:{ROOT / 'audio/calls/late-watch'}" for _ in range(8)))
        wait_for(lambda: joined(lab, FALLBACK), 12, "the caller was lost")
        assert len(lab.events("Hangup")) == 0
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def test_hanging_in_the_middle_of_a_call_the_watchdog_frees_the_caller(
    asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path
) -> None:
    server = ServerProcess(asterisk, tmp_path)
    try:
        call_in(lab, *(f"play:{ROOT / 'audio/calls/late-watch'}" for _ in range(12)))
        server.wait_until_taken()
        first = server.child()
        os.kill(first, signal.SIGSTOP)
        wait_for(lambda: joined(lab, FALLBACK), 15, "the caller was lost")
        assert len(lab.events("Hangup")) == 0
        # and the server comes back by itself
        wait_for(lambda: server.log.read_text().count("asterisk connected") == 2, 30, server.log.read_text())
        assert server.child() != first
        assert "has not moved" in server.log.read_text()
    finally:
        server.stop()


def test_asked_to_stop_it_hands_its_callers_over(server: ServerProcess, lab: Lab) -> None:
    call_in(lab, "wait:60")
    server.wait_until_taken()
    server.process.terminate()
    assert server.process.wait(15) == 0
    wait_for(lambda: joined(lab, FALLBACK), 10, "the caller was lost")
    log = server.log.read_text()
    assert "Traceback" not in log, log
    assert shop.LIN_MEI not in log, "a caller's number does not belong in the log"


class CutWire:
    """A TCP relay between the server and AMI that can be cut and mended."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.open = True
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.open:
            writer.close()
            return
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers |= {writer, other_writer}

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            try:
                while chunk := await source.read(65536):
                    sink.write(chunk)
                    await sink.drain()
            except ConnectionError:
                pass  # one side has gone: the other is closed below, which is all there is to do
            finally:
                sink.close()

        await asyncio.gather(pump(reader, other_writer), pump(other_reader, writer))

    def cut(self) -> None:
        self.open = False
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def stop(self) -> None:
        self.cut()
        self._server.close()


async def test_without_ami_the_conversation_goes_on_and_then_the_dialplan_queues(
    asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts
) -> None:
    wire = CutWire(asterisk.ports.ami)
    port = await wire.start()
    try:
        async with a_house(asterisk, lab, tmp_path, real_parts, changes={"asterisk": {"port": port}}) as house:
            house.say("late-watch")
            await house.happened("said", count=2)
            await until(lambda: not house.call.guarded, 5, "the guard was not lifted")
            wire.cut()
            await until(lambda: not house.server.link.connected, 5, "the loss was not noticed")
            heard = await house.happened("heard", 30)
            assert "watch" in heard.facts["text"], "the conversation went on without AMI"
            await house.happened("decided", 5)
            await until(lambda: joined(lab, FALLBACK), 20, "the caller was lost")
            wire.open = True
            await until(lambda: house.server.link.connected, 20, "it did not come back")
            # what was missed is found out: the caller hangs up while nobody listens, and is not kept for ever
            wire.cut()
            await until(lambda: not house.server.link.connected, 5, "the loss was not noticed")
            await asyncio.to_thread(lab.act, "Hangup", Channel="/^.*$/")
            wire.open = True
            await house.happened("closed", 40)
            assert not house.server.calls
    finally:
        await wire.stop()


async def test_unknown_and_used_ids_are_refused(
    asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts
) -> None:
    async with a_house(asterisk, lab, tmp_path, real_parts) as house:

        async def knock(call: UUID) -> bytes:
            """What the server sends to somebody who claims to be this call, until it ends the connection."""
            reader, writer = await asyncio.open_connection("127.0.0.1", asterisk.ports.media)
            writer.write(encode(Identity(call)))
            try:
                return await asyncio.wait_for(reader.read(), 5)
            except ConnectionResetError:
                return b""
            finally:
                writer.close()

        assert (await knock(uuid4())).endswith(HANGUP_MESSAGE), "let go, so that the dialplan goes on"
        house.say("late-watch")
        await house.happened("joined")
        assert await knock(house.call.id) == b"", "cut off at once"
        assert house.call.line is not None, "the rightful caller keeps the line"


def test_agents_in_their_wrap_up_are_taken_back_by_the_dialplan_when_the_server_is_dead(
    server: ServerProcess, lab: Lab
) -> None:
    # as the server leaves an agent who writes up: paused for it, and that written down in Asterisk's own database
    phone = "Local/1001@ivr-lab-phones/n"
    lab.act("QueueAdd", Queue=FALLBACK, Interface=phone)
    lab.act("QueuePause", Interface=phone, Paused="true", Reason="wrap_up")
    lab.act("DBPut", Family="ivr_paused", Key="ana", Val=phone)
    lab.phone("1001", "never")
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    before = len(lab.events("AgentCalled"))
    call_in(lab, "wait:1")
    wait_for(lambda: len(lab.events("AgentCalled")) > before, 10, "the agent stayed paused and the caller waits")
    with pytest.raises(NotDone, match=r"(?i)not found"):
        lab.act("DBGet", Family="ivr_paused", Key="ana")


def test_caller_finds_nothing_left_of_what_another_has_just_taken_back(lab: Lab) -> None:
    """All callers of a server that dies come into the net at once, and its list of paused agents is one for all."""
    lab.act("DBPut", Family="ivr_paused", Key="taken", Val="")
    call_in(lab, "wait:1")
    wait_for(lambda: joined(lab, FALLBACK), 10, "the caller was hung up")
    assert len(lab.events("Hangup")) == 0


def test_two_callers_of_the_net_ring_two_agents_at_once(lab: Lab) -> None:
    """Nobody waits behind the first caller until their agent has answered."""
    for phone in ("1001", "1002"):
        lab.phone(phone, "never")
        lab.act("QueueAdd", Queue=FALLBACK, Interface=f"Local/{phone}@ivr-lab-phones/n")
    before = len(lab.events("AgentCalled"))
    for _ in range(2):
        call_in(lab, "wait:1")
    wait_for(
        lambda: len(lab.events("AgentCalled")) >= before + 2, 8, "the second caller waits for the first one's answer"
    )
    rung = {event["Interface"] for event in lab.events("AgentCalled")[before:]}
    assert len(rung) == 2
