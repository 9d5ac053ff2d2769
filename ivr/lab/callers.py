"""The lab's callers: calls placed into the private Asterisk, and a look at what it has seen, by a second AMI client.

``asterisk-ami`` is threaded and knows nothing of the server, which makes it a good independent witness.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

from asterisk.ami import AMIClient, SimpleAction

from ivr.wire import ami

SEEN = 20_000
ANSWER_S = 5.0


class CallFailed(Exception):
    """A call could not be placed; the message is Asterisk's."""


class Lab:
    """Places calls and remembers events; use it in a ``with`` block. Its methods block and may run in any thread."""

    def __init__(self, port: int, secret: str) -> None:
        # without a time-out of the client's own: with one, its reading thread ends when nothing comes for so long
        self._client = AMIClient(address="127.0.0.1", port=port, timeout=None)
        self._secret = secret
        self._lock = threading.Lock()
        self._events: deque[dict[str, str]] = deque(maxlen=SEEN)

    def __enter__(self) -> Lab:
        self._client.add_event_listener(self._seen)
        self._client.connect()
        self.act("Login", Username="lab", Secret=self._secret)
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

    def act(self, name: str, **fields: str) -> Any:
        """One manager action; raises CallFailed when Asterisk says no or nothing."""
        checked = ami.action(name, fields)
        checked.pop("Action")
        answers: SimpleQueue[Any] = SimpleQueue()
        self._client.send_action(SimpleAction(name, **checked), answers.put)
        try:
            answer = answers.get(timeout=ANSWER_S)
        except Empty:
            raise CallFailed(f"{name}: Asterisk did not answer within {ANSWER_S:.0f} s") from None
        if answer.is_error():
            raise CallFailed(f"{name}: {answer.keys.get('Message', 'refused')}")
        return answer

    def call(self, dnis: str, number: str, name: str, script: Sequence[str]) -> None:
        """Ring in from a number and follow a script (see the lab's dialplan): "hush:700", "play:/file", "key:1", "wait:2"."""
        self.act(
            "Originate",
            Channel=f"Local/{dnis}@ivr-in",
            Context="ivr-lab-caller",
            Exten="run",
            Priority="1",
            Async="true",
            CallerID=f'"{name}" <{number}>' if number else "",
            Variable="LAB_SCRIPT=" + "|".join(script),
        )

    def phone(self, extension: str, ring_s: str, talk_s: str = "6") -> None:
        """How a pretended phone behaves from now on: seconds until it answers (or "never"), seconds it talks."""
        self.act("Setvar", Variable=f"LAB_RING_{extension}", Value=ring_s)
        self.act("Setvar", Variable=f"LAB_TALK_{extension}", Value=talk_s)
