"""What happens in the demo's calls, told line by line."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from string import ascii_uppercase

from ivr.calls.live import LiveCall
from ivr.core.contact.ledger import Entry


class Story:
    """Tells what happens, a line each, with the seconds since the call began."""

    def __init__(self) -> None:
        self._began: dict[object, float] = {}
        self._names: dict[object, str] = {}
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def say(self, text: str = "") -> None:
        print(text, flush=True)

    def tell(self, live: LiveCall, entry: Entry) -> None:
        """One line of a call's story, if the event is worth one."""
        began = self._began.setdefault(live.id, time.monotonic())
        # several callers may be on the line: each story has its letter
        name = self._names.setdefault(live.id, ascii_uppercase[len(self._names) % 26])
        line = _line(live, entry)
        if line:
            who, text = line
            at = f"{name} {time.monotonic() - began:5.1f} s"
            lead = f"  {at}  {who:<9} "
            body = textwrap.fill(text, 112, initial_indent=lead, subsequent_indent=" " * len(lead))
            print(f"\033[2m{body[:11]}\033[0m{body[11:]}" if self._colour else body, flush=True)


def _line(live: LiveCall, entry: Entry) -> tuple[str, str] | None:  # noqa: PLR0911, PLR0912  # one case a kind of event
    facts, caller = entry.facts, live.ledger.caller
    match entry.kind:
        case "rang":
            return "ring", f"{facts['ani'] or 'number withheld'} calls {facts['dnis']}"
        case "looked_up" if caller.customer:
            cases = ", ".join(f"{case.id} “{case.subject}”" for case in caller.open_cases) or "none"
            return "known", f"{caller.customer.name}, {caller.customer.tier}; open cases: {cases}"
        case "looked_up":
            return "unknown", "nobody in the records has this number"
        case "said":
            return "machine", f"“{facts['text']}”"
        case "heard" if facts["text"]:
            return (
                "caller",
                f"“{facts['text']}”  (recognised {facts['decode_ms']:.0f} ms after the last sound was read)",
            )
        case "key":
            return "caller", f"presses {facts['digit']}"
        case "understood":
            ranked = ", ".join(f"{name} {share:.2f}" for name, share in facts["guesses"])
            return "meaning", f"{ranked} → {facts['certainty']}"
        case "known":
            return "known", f"{facts['label']} {facts['value']} ({facts['how']}): not asked again"
        case "decided":
            reasons = " + ".join(f"{label} {value:.2f}" for label, value, _ in facts["reasons"])
            first = f", {facts['agent']} first" if facts["agent"] else ""
            return "route", f"{facts['queue']}{first}, because: {reasons}"
        case "matched":
            reasons = " + ".join(f"{label} {value:.2f}" for label, value, _ in facts["reasons"])
            return "route", f"{facts['agent']} is free and gets it, because: {reasons}"
        case "passed_on":
            brief = f": “{facts['brief']}”" if facts.get("brief") else ""
            return "agent", f"{facts['by'] or 'nobody'} passes it on to {facts['to']}{brief}"
        case "held":
            return "agent", f"{facts['agent']} lets the caller wait"
        case "resumed":
            return "agent", f"{facts['agent']} is back with the caller"
        case "agent_ringing":
            return "desk", f"{facts['agent']}'s phone rings; the card is on the screen"
        case "agent_missed":
            return "desk", f"{facts['agent']} did not answer; the card is withdrawn"
        case "agent_answered":
            return (
                "agent",
                f"{facts['agent']} answers, {live.pop_before_answer_ms or 0:.0f} ms after the card was there",
            )
        case "agent_done":
            return "agent", f"the conversation with {facts['agent']} is over"
        case "hung_up":
            return "end", "the caller hangs up"
        case "problem":
            return "problem", str(facts["what"])
        case _:
            return None
