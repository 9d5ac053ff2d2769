"""A second way into Asterisk's manager, through ``asterisk-ami``: threaded, and independent of the server's own.

For the doctor, the lab and the tests: what it saw, Asterisk said. Two faults of asterisk-ami 0.1.7 are built around: with a
time-out its reading thread ends when nothing comes for so long, and a message after a stray empty line is not recognised.
"""

from __future__ import annotations

import threading
from collections import deque
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

from asterisk.ami import AMIClient, SimpleAction

from ivr.wire import ami

SEEN = 20_000
ANSWER_S = 5.0


class NotDone(Exception):
    """Asterisk did not do what it was asked; the message is its own."""


class _Client(AMIClient):  # type: ignore[misc]
    def fire_recv_pack(self, pack: str) -> None:
        super().fire_recv_pack(pack.lstrip("\r\n"))


class Witness:
    """One connection, open in a ``with`` block. Its methods block, at most ANSWER_S, and may run in any thread."""

    def __init__(self, host: str, port: int, username: str, secret: str, events: bool = True) -> None:
        self._client = _Client(address=host, port=port, timeout=None)
        self._login = {"Username": username, "Secret": secret, "Events": "on" if events else "off"}
        self._lock = threading.Lock()
        self._events: deque[dict[str, str]] = deque(maxlen=SEEN)

    def __enter__(self) -> Witness:
        """Connect and sign in; raises OSError or NotDone."""
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
