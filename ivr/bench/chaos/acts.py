"""What is done to the house, each as a block: the fault begins with it and ends with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from ivr.bench.chaos.house import House
from ivr.bench.chaos.wires import Health

Doing = Callable[[House], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of fault; it lasts a time drawn between ``lasts_s``."""

    name: str
    does: Doing
    lasts_s: tuple[float, float]
    gone: bool = False
    """No server is there for Asterisk meanwhile: nobody's card can come."""
    needs: str = ""
    """What it takes: postgresql, disk, clock."""


# -- the server


@asynccontextmanager
async def _killed(house: House) -> AsyncIterator[None]:
    house.server.kill()
    yield


@asynccontextmanager
async def _all_killed(house: House) -> AsyncIterator[None]:
    await asyncio.to_thread(house.server.kill_all)
    yield
    house.server.start()


@asynccontextmanager
async def _stands_still(house: House) -> AsyncIterator[None]:
    child = house.server.child()
    with contextlib.suppress(ProcessLookupError):
        if child:
            os.kill(child, signal.SIGSTOP)
    yield
    with contextlib.suppress(ProcessLookupError):
        if child:
            os.kill(child, signal.SIGCONT)  # unless the watchdog has ended it: then it has another by now


@asynccontextmanager
async def _restarted(house: House) -> AsyncIterator[None]:
    house.ends_s.append(await house.server.end())
    house.server.start()
    yield


@asynccontextmanager
async def _voice_killed(house: House) -> AsyncIterator[None]:
    if voice := house.server.voice():
        os.kill(voice, signal.SIGKILL)
    yield


def _clock(seconds: int) -> Doing:
    @asynccontextmanager
    async def wrong(house: House) -> AsyncIterator[None]:
        house.clock.set(seconds)
        yield
        house.clock.set(0)

    return wrong


# -- what it is connected to


@asynccontextmanager
async def _ami_cut(house: House) -> AsyncIterator[None]:
    house.ami.cut()
    yield
    house.ami.mend()


@asynccontextmanager
async def _sound_cut(house: House) -> AsyncIterator[None]:
    house.sound.cut()
    yield
    house.sound.mend()


def _crm(health: Health) -> Doing:
    @asynccontextmanager
    async def ill(house: House) -> AsyncIterator[None]:
        house.customers.health = health
        yield
        house.customers.health = "well"

    return ill


def _reload(module: str) -> Doing:
    @asynccontextmanager
    async def reloads(house: House) -> AsyncIterator[None]:
        fields = {"Module": module} if module else {}
        await asyncio.to_thread(house.phones.does, "Reload", **fields)
        yield

    return reloads


# -- the database and the disk


def _postgres(begin: Callable[[House], object], end: Callable[[House], object]) -> Doing:
    @asynccontextmanager
    async def away(house: House) -> AsyncIterator[None]:
        await asyncio.to_thread(begin, house)
        yield
        await asyncio.to_thread(end, house)

    return away


def _sql(*statements: str) -> Callable[[House], None]:
    def run(house: House) -> None:
        assert house.postgres
        for one in statements:
            house.postgres.run(one)

    return run


def _stopped(house: House) -> None:
    assert house.postgres
    house.postgres.stop()


def _database_killed(house: House) -> None:
    assert house.postgres
    house.postgres.kill()


def _started(house: House) -> None:
    assert house.postgres
    house.postgres.start()


def _to_all(name: signal.Signals) -> Callable[[House], None]:
    def send(house: House) -> None:
        assert house.postgres
        house.postgres.signal_all(name)

    return send


@asynccontextmanager
async def _disk_full(house: House) -> AsyncIterator[None]:
    await asyncio.to_thread(house.disk.fill)
    yield
    house.disk.free()
    if house.postgres and not house.postgres.running:  # it ends where its log has no room; its operator starts it again
        await asyncio.to_thread(house.postgres.start)


_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'house'"
_NEVER, _SHORT, _LONG = (0.0, 0.0), (1.0, 6.0), (2.0, 12.0)
ACTS = (
    Act("server killed (-9)", _killed, _NEVER, gone=True),
    Act("server and watchdog killed", _all_killed, _SHORT, gone=True),
    Act("server stands still", _stands_still, (1.0, 9.0), gone=True),
    Act("server restarted (SIGTERM)", _restarted, _NEVER, gone=True),
    Act("clock an hour ahead, and back", _clock(3_600), _LONG, needs="clock"),
    Act("clock an hour behind, and back", _clock(-3_600), _LONG, needs="clock"),
    Act("clock two days ahead, and back", _clock(2 * 86_400), _LONG, needs="clock"),
    Act("AMI cut", _ami_cut, _SHORT, gone=True),
    Act("AudioSocket cut", _sound_cut, _SHORT),
    Act("speech process killed", _voice_killed, _NEVER),
    Act("CRM dead", _crm("dead"), _LONG),
    Act("CRM slow", _crm("slow"), _LONG),
    Act("CRM sends garbage", _crm("garbage"), _LONG),
    Act("Asterisk reloaded", _reload(""), _NEVER),
    Act("queues reloaded", _reload("app_queue"), _NEVER),
    Act("manager reloaded", _reload("manager"), _NEVER),
    Act("disk full", _disk_full, _LONG, needs="disk"),
    Act("database stopped", _postgres(_stopped, _started), _LONG, needs="postgresql"),
    Act("database killed (-9)", _postgres(_database_killed, _started), _SHORT, needs="postgresql"),
    Act("database stands still", _postgres(_to_all(signal.SIGSTOP), _to_all(signal.SIGCONT)), _LONG, needs="postgresql"),
    Act("database restarted", _postgres(_stopped, _started), _NEVER, needs="postgresql"),
    Act("database read-only", _postgres(
        _sql("ALTER DATABASE house SET default_transaction_read_only = on", _OUT),
        _sql("ALTER DATABASE house RESET default_transaction_read_only", _OUT),
    ), _LONG, needs="postgresql"),
    Act("no connection left", _postgres(
        _sql("ALTER DATABASE house CONNECTION LIMIT 0", _OUT), _sql("ALTER DATABASE house CONNECTION LIMIT -1"),
    ), _LONG, needs="postgresql"),
)  # fmt: skip
NOT_DONE = (
    "the clock of the whole machine: the server's alone is set, Asterisk's and the database's stay",
    "a speech server elsewhere: tests/adapters/speech_in/test_remote.py breaks one in every way",
)
"""What is on the list of faults and cannot be done here, with the reason."""


def possible(house: House) -> tuple[list[Act], list[str]]:
    """What can be done to this house, and why the rest is left out."""
    has = {
        "postgresql": house.postgres is not None,
        "disk": house.disk.small,
        "clock": not house.clock.why_not,
        "": True,
    }
    why = {
        "postgresql": "the database is SQLite: --database postgresql",
        "clock": house.clock.why_not,
        "disk": "no disk of its own: mounting a tmpfs needs root",
    }
    left_out = [f"{act.name}: {why[act.needs]}" for act in ACTS if not has[act.needs]]
    return [act for act in ACTS if has[act.needs]], [*left_out, *NOT_DONE]
