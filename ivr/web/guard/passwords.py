"""Passwords, made slow to guess; and how the slowness is kept from everybody else."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr.calls.people.accounts import Account
from ivr.core.texts import text
from ivr.core.weak_passwords import is_weak, words_of
from ivr.web.problems import Fault, Problem

LOGIN_CHARS = 128
PASSWORD_CHARS = 1024
NICE = 10
"""How far these threads stand back behind calls. Not 19: one that holds Python's lock for a moment must get on with it."""
BUSY_S = 2
"""After how many seconds whoever found no place should come again."""
P = ParamSpec("P")
T = TypeVar("T")


class Busy(Exception):
    """So many passwords wait to be checked that there is no place for one more."""


class _Lane:
    """One thread of low priority, and a queue with an end: so many in all, and of one source."""

    def __init__(self, name: str, most: int, most_of_one: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name, initializer=_stand_back)
        self._most = most
        self._most_of_one = most_of_one
        self._waiting: Counter[str] = Counter()

    async def run(self, source: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it there; raises Busy."""
        if self._waiting.total() >= self._most or self._waiting[source] >= self._most_of_one:
            raise Busy
        self._waiting[source] += 1
        done = asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*args, **kwargs))
        # not when whoever asked has left, but when the thread is free again
        done.add_done_callback(lambda _: self._left(source))
        return await done

    def _left(self, source: str) -> None:
        self._waiting[source] -= 1
        if not self._waiting[source]:
            del self._waiting[source]

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class Passwords:
    """Argon2id, off the event loop and behind calls: one thread for strangers, one for people whom we know.

    Each check takes 64 MiB for a moment. Whatever strangers do, people whom we know have a thread of their own.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._known = _Lane("argon2-known", 32, 32)
        self._strangers = _Lane("argon2-strangers", 24, 8)
        self._nobody = self._hasher.hash(secrets.token_hex())

    async def hash(self, password: str) -> str:
        """The PHC string to keep for a password. Raises Busy."""
        return await self._known.run("", self._hasher.hash, password)

    async def check(self, account: Account | None, password: str, stranger_from: str | None = None) -> bool:
        """Whether the password is the account's. An unknown account, or one without a password, takes as long.

        ``stranger_from`` is the network of somebody whom we do not know yet. Raises Busy.
        """
        kept = account.password_hash if account else ""
        lane = self._known if stranger_from is None else self._strangers
        right = await lane.run(stranger_from or "", self._verify, kept or self._nobody, password)
        return right and bool(kept)

    def close(self) -> None:
        """Let the threads go."""
        self._known.close()
        self._strangers.close()

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False


def _stand_back() -> None:
    # on Linux a thread has a priority of its own, and those that argon2 starts have that of the one that starts them
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def refuse_weak(
    password: str, pointer: str, of_person: Collection[str], own_words: Callable[[], Collection[str]]
) -> None:
    """Raise the problem of a password that is soon guessed: by names of the person, words of the house, or by anybody."""
    if is_weak(password, {*words_of(*of_person), *of_person, *own_words()}):
        raise Problem(422, faults=[Fault(text("api.people.weak_password"), pointer=pointer)])
