"""A second way into Asterisk's manager, through ``asterisk-ami``: threaded, and independent of the server's own.

For the doctor, the lab and the tests: what it saw, Asterisk said. Two faults of asterisk-ami 0.1.7 are built around: with a
time-out its reading thread ends when nothing comes for so long, and a message after a stray empty line is not recognised.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

from asterisk.ami import AMIClient, SimpleAction

from ivr.wire.asterisk import ami

SEEN = 20_000
ANSWER_S = 5.0
GREETING = b"Asterisk Call Manager"
GREETING_S = 2.0
"""A manager greets before anything is asked; a TLS port, and most other programs, wait for us to begin."""


class NotDone(Exception):
    """Asterisk did not do what it was asked; the message is its own."""


class NoManager(OSError):
    """Something answers there, and it is no manager that speaks in plain text."""


class _Client(AMIClient):  # type: ignore[misc]
    def fire_recv_pack(self, pack: str) -> None:
        super().fire_recv_pack(pack.lstrip("\r\n"))


def _is_manager(probe: socket.socket) -> None:
    probe.settimeout(GREETING_S)
    said = b""
    try:
        while len(said) < len(GREETING) and (got := probe.recv(256)):
            said += got
    except TimeoutError:
        pass  # what has been said until then is judged
    if not said.startswith(GREETING):
        raise NoManager("no manager's greeting came")


class Witness:
    """One connection, open in a ``with`` block. Its methods block, at most ANSWER_S, and may run in any thread."""

    def __init__(self, host: str, port: int, username: str, secret: str, events: bool = True, seen: int = SEEN) -> None:
        """``seen``: how many events are remembered."""
        self._where = (host, port)
        self._client = _Client(address=host, port=port, timeout=None)
        self._login = {"Username": username, "Secret": secret, "Events": "on" if events else "off"}
        self._lock = threading.Lock()
        self._events: deque[dict[str, str]] = deque(maxlen=seen)

    def __enter__(self) -> Witness:
        """Connect and sign in; raises OSError (NoManager: something else answers there) or NotDone."""
        # asterisk-ami connects in a thread of its own, which nobody hears when it fails
        with socket.create_connection(self._where, ANSWER_S) as probe:
            _is_manager(probe)
        self._client.add_event_listener(self._seen)
        self._client.connect()
        try:
            self.act("Login", **self._login)
        except NotDone:
            self._client.disconnect()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Asterisk then closes the connection, which is what ends the client's reading thread
        self._client.logoff(lambda answer: None)
        self._client.disconnect()

    def _seen(self, event: Any, **_: Any) -> None:
        with self._lock:
            self._events.append({"Event": event.name, **event.keys})

    def events(self, name: str) -> list[dict[str, str]]:
        """Every event of that name so far."""
        with self._lock:
            return [event for event in self._events if event["Event"] == name]

    def act(self, name: str, **fields: str) -> dict[str, str]:
        """One manager action and the fields of its answer; raises NotDone when Asterisk says no, or nothing in time."""
        checked = ami.action(name, fields)
        checked.pop("Action")
        answers: SimpleQueue[Any] = SimpleQueue()
        self._client.send_action(SimpleAction(name, **checked), answers.put)
        try:
            answer = answers.get(timeout=ANSWER_S)
        except Empty:
            raise NotDone(f"{name}: Asterisk did not answer within {ANSWER_S:.0f} s") from None
        if answer.is_error():
            raise NotDone(f"{name}: {answer.keys.get('Message', 'refused')}")
        return dict(answer.keys)

    def does(self, name: str, **fields: str) -> bool:
        """Whether Asterisk does it."""
        try:
            self.act(name, **fields)
        except NotDone:
            return False
        return True

    def listing(
        self, action: str, each: str, *, done: str = "", within_s: float = ANSWER_S, **fields: str
    ) -> list[dict[str, str]]:
        """What an action lists: its events of the name ``each``, up to the one named ``done`` ("…Complete").

        Raises NotDone when Asterisk says no, or the list does not end in time.
        """
        done = done or f"{action}Complete"
        ended, seen = len(self.events(done)), len(self.events(each))
        self.act(action, **fields)
        until = time.monotonic() + within_s
        while len(self.events(done)) == ended:
            if time.monotonic() > until:
                raise NotDone(f"{action}: Asterisk's list did not end within {within_s:.0f} s")
            time.sleep(0.02)
        return self.events(each)[seen:]
