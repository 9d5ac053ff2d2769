"""The sample callers: who rings, and what they say or press."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ivr.lab.shop import shop

CALLS = Path("audio/calls")
AFTERWARDS = "wait:60"
"""Callers stay on the line for the agent, who hangs up first."""


@dataclass(frozen=True, slots=True)
class Script:
    """One caller. A word of ``says`` is a recording in audio/calls; "key:1" presses a key."""

    number: str
    name: str
    says: tuple[str, ...]
    about: str

    def steps(self) -> list[str]:
        """The lab's script: wait until the machine has spoken, then answer, for each thing said."""
        steps = []
        for said in self.says:
            steps += ["hush:700", said if said.startswith("key:") else f"play:{(CALLS / said).resolve()}"]
        return [*steps, AFTERWARDS]


SCRIPTS = {
    "lin": Script(shop.LIN_MEI, "Lin Mei", ("late-watch",), "her watch was due yesterday; known, gold, open case"),
    "anna": Script(shop.ANNA_SCHMIDT, "Anna Schmidt", ("return-item", "order-4802"), "wants to return something"),
    "tom": Script(shop.TOM_BAKER, "Tom Baker", ("watch-stopped",), "called five hours ago about the same"),
    "wang": Script(shop.WANG_FANG, "王芳", ("key:4",), "speaks Chinese, uses the keypad only"),
    "parcel": Script(
        shop.ANNA_SCHMIDT,
        "Anna Schmidt",
        ("where-order", "no", "order-4802", "thats-all"),
        "where is her order? settled by the machine",
    ),
    "book": Script(
        "+49151000200", "", ("appointment", "tomorrow", "at-eleven", "yes", "thats-all"), "books an appointment, alone"
    ),
    "moving": Script(
        "+49151000201",
        "",
        ("moving", "post-code", "no", "key:2", "tomorrow", "yes", "thats-all"),
        "moves house; a wrong region is put right",
    ),
    "balance": Script(shop.LIN_MEI, "Lin Mei", ("balance", "key:4071#", "thats-all"), "her balance, behind a PIN"),
    "stranger": Script(shop.UNKNOWN, "", ("charged-twice",), "nobody we know"),
    "withheld": Script("", "", ("person-please",), "number withheld, wants a person"),
}
