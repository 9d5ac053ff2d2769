"""Numbers of cards that come in pieces: eight digits and then eight more, a key at a time, half in one note, half in the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import dropwhile

from ivr.core.card_numbers import LONGEST, split_over, without
from ivr.core.contact.entries import Entry
from ivr.core.kept import in_facts

_ROWS = (frozenset({"heard", "key"}), frozenset({"note", "passed_on"}))
"""What one person says, types or writes one after the other: the caller, and the agents."""
IN_PIECES = frozenset[str]().union(*_ROWS)
_TEXTS = ("text", "digit", "brief", "words")


def pieces(entries: Sequence[Entry], kind: str) -> dict[str, Entry]:
    """Of a number that the last entry of its kind completes: the entries with a piece of it, by id, with dots instead."""
    row = next(kinds for kinds in _ROWS if kind in kinds)
    mine = [entry for entry in entries if entry.kind in row][-LONGEST:]
    told = [(entry.id, str(entry.facts[name])) for entry in mine for name in _TEXTS if entry.facts.get(name)]
    digits: dict[str, list[str]] = {}
    for (id, _), some in zip(told, split_over([text for _, text in told]), strict=True):
        if some:
            digits.setdefault(id, []).extend(some)
    if not digits:
        return {}
    # what was understood of it, and said back, has the same piece; single keys are told by their entry only
    long = [one for some in digits.values() for one in some if len(one) > 1]
    later = dropwhile(lambda entry: entry.id not in digits, entries)
    changed = {entry.id: _without(entry, [*digits.get(entry.id, ()), *long]) for entry in later}
    return {entry.id: changed[entry.id] for entry in entries if changed.get(entry.id, entry) != entry}


def _without(entry: Entry, digits: Sequence[str]) -> Entry:
    return replace(entry, facts=in_facts(entry.facts, lambda text: without(text, digits)))
