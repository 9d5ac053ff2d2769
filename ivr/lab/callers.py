"""The lab's callers: calls placed into the private Asterisk, and a look at what it has seen, by a second AMI client.

``asterisk-ami`` is threaded and knows nothing of the server, which makes it a good independent witness.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from asterisk.ami import AMIClient, SimpleAction

from ivr.wire import ami

SEEN = 20_000


class CallFailed(Exception):
    """A call could not be placed; the message is Asterisk's."""


class Lab:
    """Places calls and remembers events; use it in a ``with`` block. Its methods block and may run in any thread."""

    def __init__(self, port: int, secret: str) -> None:
        self._client = AMIClient(address="127.0.0.1", port=port, timeout=5)
        self._secret = secret
        self._lock = threading.Lock()
        self._events: deque[dict[str, str]] = deque(maxlen=SEEN)

    def __enter__(self) -> Lab:
        answer = self._client.login("lab", self._secret).response
        if answer is None or answer.is_error():
            raise CallFailed(f"Asterisk refused the lab's manager user: {answer}")
        self._client.add_event_listener(self._seen)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.logoff()
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
        answer = self._client.send_action(SimpleAction(name, **checked)).response
        if answer is None or answer.is_error():
            said = answer.keys.get("Message", "") if answer is not None else "no answer"
            raise CallFailed(f"{name}: {said}")
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
