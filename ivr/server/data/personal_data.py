"""A person's data over everything that keeps any: the database, recordings, tests, the journal, what was put aside, the cache."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from ivr.adapters.database import DatabaseAudit, Store
from ivr.adapters.database.privacy.personal import DatabasePersons, Person
from ivr.adapters.own_files import owner_alone
from ivr.adapters.records import Aside, held, take_out
from ivr.adapters.sound import recordings
from ivr.calls.people.audit import Actor, Entry
from ivr.calls.records import Contact
from ivr.config.load import Config
from ivr.core.caller import CALL_ID
from ivr.core.told import Told
from ivr.corpus import from_record
from ivr.corpus.pseudonyms import Pseudonyms, read_key
from ivr.server.data.records import JOURNAL, aside_of
from ivr.server.speech.recordings import Folders

LIST = "erasures"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased."""

    contacts: int = 0
    recordings: int = 0
    tests: int = 0
    journal: int = 0
    aside: int = 0
    unrinsed: str | None = None
    """Why bytes of it may still be in the database's own files."""

    def __str__(self) -> str:
        rest = f". Bytes of it may still be in the database's files ({self.unrinsed}): `ivr person-data --sweep` tries once more"
        return (
            f"{self.contacts} contacts, {self.recordings} recordings, {self.tests} tests, {self.journal} entries of the journal,"
            f" {self.aside} that were put aside{rest if self.unrinsed else ''}"
        )


class PersonalData:
    """One house's; ``root`` is the folder of config.toml. Its methods raise OSError."""

    def __init__(self, config: Config, root: Path, store: Store) -> None:
        self._persons = DatabasePersons(store, config.database.country)
        self._audit = DatabaseAudit(store)
        self._country = config.database.country
        self._folders = Folders.of(config, root)
        self._records = config.records.folder
        self._cache = root / config.speech_out.folder / "cache"

    def _digest(self) -> Callable[[str], str]:
        return Pseudonyms(read_key(self._folders.recordings)).digest

    async def find(self, number: str, customer: str | None) -> Person:
        """Who that is (see ``DatabasePersons.find``)."""
        return await self._persons.find(number, customer, datetime.now(UTC))

    async def export(self, person: Person) -> dict[str, Any]:
        """Everything that is kept of them, as JSON has it."""
        calls = [id for id, _ in person.contacts]
        tests = [from_record.call_name(began, id) for id, began in person.contacts]
        now = datetime.now(UTC)
        waiting = [*self._in_journal(person, now), *(one.contact for one in self._aside(person, now))]
        return {
            "numbers": sorted(person.numbers),
            "customer": person.customer,
            "made_at": now.isoformat(),
            "tables": await self._persons.export(person),
            "recordings": [str(path) for id in calls if (path := self._folders.recordings / f"{id}.wav").is_file()],
            "tests": [str(path) for name in tests if (path := self._folders.corpus / f"{name}.toml").is_file()],
            "not_in_the_database": [
                {"contact": one.record, "entries": [[e.at, e.kind, dict(e.facts)] for e in one.entries]} for one in waiting
            ],
        }  # fmt: skip

    async def erase(self, person: Person, by: Actor) -> Erased:
        """Erase them everywhere, and put it into both lists, so that an older copy of the database is told again.

        Raises Told while they are on the line.
        """
        if person.live:
            raise Told(
                f"a call of this person goes on ({person.live[0]}): nothing was erased, ask again when it is over"
            )
        erasure, at = str(uuid4()), datetime.now(UTC)
        digests = list(map(self._digest(), person.names))
        # first the list: what is killed in the middle of it is done by the next start
        self._write_down(erasure, at, digests)
        return await self._erase(person, erasure, digests, by, at)

    async def erase_recordings(self, person: Person, by: Actor) -> str:
        """Only the sound of their calls, and the tests made of them: who takes back the yes to a recording asks for no more."""
        began = self._began(person, datetime.now(UTC))
        await self._audit.write(Entry(by, "recording.forgotten", None, {"calls": sorted(began)}))
        sounds, tests = self._forget_sound(began)
        return f"{sounds} recordings and {tests} tests of {len(began)} contacts"

    async def erase_preferences(self, person: Person, by: Actor) -> int:
        """Only how they like to be spoken to, as they can by voice; how many rows that were."""
        return await self._persons.erase_preferences(person, by)

    async def again(self, by: Actor) -> int:
        """Erase once more who was erased after this copy of the database was made; how many erasures it had to be told."""
        known, told = await self._persons.erasures(), 0
        listed = list(self._written_down())
        for erasure in known.keys() - {one for one, _, _ in listed}:  # the list beside the database was lost
            self._write_down(erasure, *known[erasure])
        for erasure, at, digests in listed:
            if erasure not in known:
                found = await self._persons.matching(self._digest(), digests, at)
                await self._erase(found or Person(frozenset(), None), erasure, digests, by, at)
                told += 1
        return told

    async def _erase(self, person: Person, erasure: str, digests: Sequence[str], by: Actor, at: datetime) -> Erased:
        """Files first: as long as the database does not know of the erasure, whoever is interrupted does it once more."""
        began, aside = self._began(person, at), self._aside(person, at)
        sounds, tests = self._forget_sound(began)
        journal = self._records / JOURNAL
        ids = {UUID(id) for id in began if re.fullmatch(CALL_ID, id)}
        frames = take_out(journal, ids) if ids and journal.exists() else 0
        for one in aside:
            one.file.unlink()
        if began or person.customer:
            # one with their name may be among those that were made in calls, and which cannot be told: each is made again when
            # it is said; those that are the same for everybody are in a folder of their own, and stay
            for sound in self._cache.glob("*/*.wav"):
                sound.unlink(missing_ok=True)
        await self._persons.erase(person, erasure, digests, by, at)
        return Erased(len(person.contacts), sounds, tests, frames, len(aside), await self._persons.rinse())

    def _began(self, person: Person, until: datetime) -> dict[str, datetime]:
        """Their contacts, also those that are not in the database, and when they began."""
        outside = [*self._in_journal(person, until), *(one.contact for one in self._aside(person, until))]
        return dict(person.contacts) | {one.record["id"]: one.record["began_at"] for one in outside}

    def _forget_sound(self, began: Mapping[str, datetime]) -> tuple[int, int]:
        """How many recordings and tests that were."""
        names = [from_record.call_name(moment, id) for id, moment in began.items()]
        return recordings.forget(self._folders.recordings, began), from_record.forget(self._folders.corpus, names)

    def _in_journal(self, person: Person, until: datetime) -> list[Contact]:
        return [one for one in held(self._records / JOURNAL) if self._is_of(person, one, until)]

    def _aside(self, person: Person, until: datetime) -> list[Aside]:
        return [one for one in aside_of(self._records) if self._is_of(person, one.contact, until)]

    def _is_of(self, person: Person, contact: Contact, until: datetime) -> bool:
        record = contact.record
        theirs = record["id"] in dict(person.contacts) or person.is_of(record, self._country)
        return theirs and bool(record["began_at"] <= until)

    # -- the list of erasures beside the database, which a copy of the database does not bring back

    def _write_down(self, erasure: str, at: datetime, digests: Sequence[str]) -> None:
        self._records.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = json.dumps({"id": erasure, "at": at.isoformat(), "digests": list(digests)}) + "\n"
        with open(self._records / LIST, "a", encoding="utf-8", opener=owner_alone) as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _written_down(self) -> Iterator[tuple[str, datetime, list[str]]]:
        path = self._records / LIST
        if not path.exists():
            return
        # a sign that is none of UTF-8 stands in a line that is no erasure, and is told by that
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            try:
                one = json.loads(line)
                yield str(one["id"]), datetime.fromisoformat(one["at"]), list(one["digests"])
            except (ValueError, KeyError, TypeError) as error:
                raise Told(
                    f"{path}:{number}: is no erasure: the file is damaged, and nobody but this program writes it; put back a"
                    " copy of it, or delete that line"
                ) from error
