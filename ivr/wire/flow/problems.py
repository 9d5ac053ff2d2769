"""What is wrong with the operators' files, put together: one sentence for one cause, however many places it is met in."""

from __future__ import annotations

MOST_PLACES = 5
"""Further places of the same mistake that are named."""


class Problems:
    """Mistakes in the order in which they were found."""

    def __init__(self) -> None:
        self._places: dict[str, list[tuple[str, str]]] = {}

    def __bool__(self) -> bool:
        return bool(self._places)

    def add(self, where: str, path: str, what: str) -> None:
        """One mistake: "house.toml:12", "nodes.greet.next", and the sentence."""
        self._places.setdefault(what, []).append((where, path))

    def sentences(self) -> list[str]:
        """One for each cause: a name that is misspelt where it is given is missing wherever it is used."""
        return [_sentence(what, places) for what, places in self._places.items()]


def _sentence(what: str, places: list[tuple[str, str]]) -> str:
    first, *others = places
    told = ": ".join(part for part in (*first, what) if part)
    if not others:
        return told
    named = ", ".join(f"{where} ({path})" if where else path for where, path in others[:MOST_PLACES])
    more = f" and in {len(others) - MOST_PLACES} more places" if len(others) > MOST_PLACES else ""
    return f"{told}; the same in {named}{more}"
