"""The lab's callers: calls placed into the private Asterisk, and a look at what it has seen."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.adapters.asterisk.witness import NotDone, Witness

__all__ = ["Lab", "NotDone"]


class Lab(Witness):
    """Places calls and remembers events; use it in a ``with`` block."""

    def __init__(self, port: int, secret: str) -> None:
        super().__init__("127.0.0.1", port, "lab", secret)

    def __enter__(self) -> Lab:
        super().__enter__()
        return self

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

    def phone(self, extension: str, ring_s: str, talk_s: str = "6", hums: bool = False) -> None:
        """How a pretended phone behaves from now on: seconds until it answers (or "never"), seconds it talks.

        One that ``hums`` sends sound all the while, as every real phone does; else nothing at all is sent.
        """
        self.act("Setvar", Variable=f"LAB_RING_{extension}", Value=ring_s)
        self.act("Setvar", Variable=f"LAB_TALK_{extension}", Value=talk_s)
        self.act("Setvar", Variable=f"LAB_HUM_{extension}", Value="yes" if hums else "no")
