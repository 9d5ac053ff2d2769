"""Dialogues published while the server runs: a change is seen, a bad one is refused, and a call ends on what it began with."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from ivr.adapters.speech_out.voice import PromptVoice
from ivr.calls.caller.edition import Edition
from ivr.calls.caller.ports import VoiceFailed
from ivr.calls.caller.session import CallSession
from ivr.config.load import Config
from ivr.core.caller import CallId
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue import World
from ivr.core.language import Language
from ivr.server.speech import publishing
from ivr.server.speech.publishing import Publisher, read_flow
from ivr.wire.flow.toml import FlowError
from tests.calls.fakes import FakeLine, parts
from tests.conftest import PATIENCE_S, ROOT
from tests.core.little_house import BOTH, NOW, STRANGER
from tests.waiting import until
from tests.wire.flow.test_toml import DIALOGUE, INTENTS

SHOP = '\n[lookups.status]\nsource = "{}"\nsql = "select 1"\n'


@dataclass
class Voice:
    """Says everything but what it cannot."""

    said: list[tuple[str, Language]] = field(default_factory=list)
    cannot: str = "\0"

    async def ahead(self, text: str, language: Language, recorded: str | None = None) -> bytes:
        if self.cannot in text:
            raise VoiceFailed(f"cannot say {text!r}")
        self.said.append((text, language))
        return text.encode()


class Telling(Publisher):
    """Tells of every new edition."""

    __slots__ = ("told",)

    async def publish(self) -> bool:
        new = await Publisher.publish(self)
        if new:
            self.told.put_nowait(self.current.edition)
        return new


@dataclass
class House:
    """A folder of dialogues with its publisher, which has published the first edition."""

    folder: Path
    voice: Voice
    publisher: Publisher
    published: asyncio.Queue[Edition] = field(default_factory=asyncio.Queue)

    def write(self, old: str, new: str, name: str = "house.toml") -> None:
        """Change a file as an editor does: a new one takes the place of the old one."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        beside = self.folder / f".{name}.new"
        beside.write_text(text.replace(old, new), encoding="utf-8")
        beside.replace(self.folder / name)

    def greeting(self) -> str:
        """What a caller who comes now is greeted with."""
        return self.publisher.current.flow.prompts["hello"].variants["en"][0]

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for a fact, not for ever."""
        await until(true)

    async def next_edition(self) -> Edition:
        return await asyncio.wait_for(self.published.get(), PATIENCE_S)


@pytest.fixture
async def house(tmp_path: Path) -> House:
    folder = tmp_path / "dialplans"
    folder.mkdir()
    (folder / "house.toml").write_text(DIALOGUE, encoding="utf-8")
    (folder / "intents.toml").write_text(INTENTS, encoding="utf-8")
    voice = Voice()
    config = Config.model_validate({"understanding": {"encoder": "off"}})
    publisher = Telling(config, folder, cast(PromptVoice, voice), frozenset({"house", "shop"}))
    made = House(folder, voice, publisher)
    publisher.told = made.published
    await made.publisher.first()
    return made


@asynccontextmanager
async def watched(house: House) -> AsyncIterator[None]:
    """The folder is being watched."""
    watching = asyncio.ensure_future(house.publisher.watch())
    try:
        # a change from before the watching began is none: change something until it is seen to be watched
        number = 0
        while house.published.empty():
            number += 1
            (house.folder / "note.toml").write_text(f"# {number}\n", encoding="utf-8")
            await asyncio.wait((watching,), timeout=0.5)
            assert not watching.done()
        await settle(house)
        yield
        assert not watching.done(), "it watches for ever"
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def settle(house: House) -> None:
    """Until the folder's last change is the current edition."""
    await house.until(lambda: house.publisher.current.flow.version == read_flow(house.folder).version)
    while not house.published.empty():
        house.published.get_nowait()


# -- publishing


async def test_first_edition_is_read_learnt_and_rendered(house: House) -> None:
    assert house.greeting() == "Hello {salutation}."
    assert ("您好。", "zh") in house.voice.said
    assert not any("{" in text for text, _ in house.voice.said), "what has fields is said when they are known"
    assert house.publisher.refused == []


async def test_a_change_is_published_and_told(house: House) -> None:
    before = house.publisher.current.edition
    house.write("Hello {salutation}.", "Good day.")
    assert await house.publisher.publish()
    edition = house.published.get_nowait()
    assert house.publisher.current.edition is edition and edition.flow.version != before.flow.version
    assert edition.understander is not before.understander, "and the classifier is trained anew"
    assert house.greeting() == "Good day." and ("Good day.", "en") in house.voice.said, "rendered before anybody calls"
    assert before.flow.prompts["hello"].variants["en"] == ("Hello {salutation}.",)


async def test_nothing_new_is_nothing_published(house: House) -> None:
    assert not await house.publisher.publish()
    assert house.published.empty() and house.publisher.refused == []


BAD: dict[str, tuple[Callable[[House], object], str]] = {
    "a mistake": (
        lambda h: h.write('next = "reason"', 'next = "raison"'),
        "house.toml:19: nodes.greet.next: there is no node 'raison'",
    ),
    "not TOML": (lambda h: h.write("[answers]", "[answers"), "house.toml:5: not TOML: the name of a table is not closed"),
    "a tower": (lambda h: (h.folder / "tower.toml").write_text("x = " + "[" * 9000), "tower.toml:1: not TOML: "),
    "a condition without end": (lambda h: h.write('when = "known"', f'when = "{"not " * 9000}known"'), "house.toml:"),
    "not UTF-8": (lambda h: (h.folder / "latin.toml").write_bytes(b"# caf\xe9\n"), "latin.toml:1: is no UTF-8 text"),
    "nothing at all": (lambda h: [path.unlink() for path in h.folder.iterdir()], "/"),
    "no such source": (
        lambda h: (h.folder / "more.toml").write_text(SHOP.format("shpo")),
        "config.toml: [sources] has no 'shpo', which a look-up asks; did you mean 'shop'?",
    ),
    "a sentence that cannot be said": (lambda h: h.write("Is it {title}?", "unsayable"), "cannot say 'unsayable'"),
    "a folder where a file should be": (lambda h: (h.folder / "dir.toml").mkdir(), "dir.toml: is a folder, and a file is needed"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "problem"), BAD.values(), ids=BAD.keys())
async def test_a_bad_one_is_refused_and_the_old_one_stays(
    house: House, spoil: Callable[[House], object], problem: str
) -> None:
    house.voice.cannot = "unsayable"
    before = house.publisher.current.edition
    spoil(house)
    with capture_logs() as logs:
        assert not await house.publisher.publish()
    assert house.publisher.refused and house.publisher.refused[0].startswith(problem), house.publisher.refused
    assert house.publisher.current.edition is before and house.published.empty()
    told = [entry for entry in logs if entry["event"] == "dialogue refused, the old one stays"]
    assert [entry["problem"] for entry in told] == house.publisher.refused
    assert {entry["version"] for entry in told} == {before.flow.version}


async def test_what_nobody_thought_of_is_refused_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(config: Config, flow: Any) -> Any:
        raise ZeroDivisionError("singular")

    house.write("Hello {salutation}.", "Good day.")
    with monkeypatch.context() as patched:
        patched.setattr(publishing, "learn", broken)
        assert not await house.publisher.publish()
    assert house.publisher.refused == [
        "the dialogue cannot be read, by a fault of the server and not of the files: its log says which"
    ]
    assert await house.publisher.publish() and house.publisher.refused == []


async def test_what_is_put_right_again_is_no_new_edition(house: House) -> None:
    house.write('next = "reason"', 'next = "raison"')
    assert not await house.publisher.publish() and house.publisher.refused
    house.write('next = "raison"', 'next = "reason"')
    assert not await house.publisher.publish() and house.publisher.refused == []


@pytest.mark.parametrize(("source", "problems"), [("house", 0), ("shop", 0), ("shpo", 1)])
async def test_look_up_of_a_source_that_there_is_not_is_refused_at_the_start_too(
    house: House, source: str, problems: int
) -> None:
    (house.folder / "more.toml").write_text(SHOP.format(source))
    if not problems:
        await house.publisher.first()
        return
    with pytest.raises(FlowError) as refused:
        await house.publisher.first()
    assert refused.value.problems == [
        "config.toml: [sources] has no 'shpo', which a look-up asks; did you mean 'shop'?"
    ]


async def test_what_cannot_be_said_at_the_start_costs_its_own_prompt(house: House) -> None:
    house.voice.cannot, house.voice.said = "您好", []
    with capture_logs() as logs:
        await house.publisher.first()
    assert house.publisher.unsaid == ["cannot say '您好。'"] and house.voice.said
    assert [entry["problem"] for entry in logs if entry["log_level"] == "error"] == house.publisher.unsaid
    assert house.publisher.problem() == "prompts that cannot be said: 1" and house.greeting() == "Hello {salutation}."


async def test_a_change_that_can_be_said_ends_it(house: House) -> None:
    house.voice.cannot = "您好"
    await house.publisher.first()
    house.voice.cannot = "\0"
    house.write("Hello {salutation}.", "Good day.")
    assert await house.publisher.publish() and house.publisher.problem() is None


def test_what_editors_leave_in_a_folder_is_no_dialogue(tmp_path: Path) -> None:
    (tmp_path / "house.toml").write_text(DIALOGUE + INTENTS, encoding="utf-8")
    version = read_flow(tmp_path).version
    (tmp_path / ".#house.toml").symlink_to("nobody@nowhere.1234")
    (tmp_path / "._house.toml").write_bytes(b"\x00\x05\x16\x07\xff")
    (tmp_path / "house.toml~").write_text("half a")
    (tmp_path / ".house.toml.swp").write_bytes(b"\xff")
    (tmp_path / "notes.txt").write_text("[nodes")
    assert read_flow(tmp_path).version == version


# -- watching


async def test_changes_of_the_folder_are_published_while_it_is_watched(house: House) -> None:
    async with watched(house):
        house.write("Hello {salutation}.", "Good day.")
        await house.next_edition()
        assert house.greeting() == "Good day."
        old = house.publisher.current.edition
        with capture_logs() as logs:
            house.write('next = "reason"', 'next = "raison"')
            await house.until(lambda: house.publisher.refused)
        assert house.publisher.current.edition is old and logs[0]["event"] == "dialogue refused, the old one stays"
        house.write('next = "raison"', 'next = "reason"')
        house.write("Good day.", "Good evening.")
        await house.next_edition()
        assert house.greeting() == "Good evening." and house.publisher.refused == []


async def test_files_that_come_together_are_one_edition(house: House) -> None:
    async with watched(house):
        # the first of the three alone would be refused
        house.write('next = "reason"', 'next = "later"')
        (house.folder / "a.toml").write_text('[nodes.later]\nsay = [{ prompt = "soon" }]\nnext = "reason"\n')
        (house.folder / "b.toml").write_text(
            '[prompts]\nsoon = { en = ["Soon."], zh = ["快了。"] }\n', encoding="utf-8"
        )
        edition = await house.next_edition()
        assert "later" in edition.flow.nodes and house.published.empty()


@pytest.mark.parametrize("how", ["removed", "renamed"])
async def test_folder_that_is_replaced_as_a_whole_is_watched_again(house: House, how: str) -> None:
    async with watched(house):
        new = house.folder.with_name("new")
        shutil.copytree(house.folder, new)
        if how == "removed":
            shutil.rmtree(house.folder)
        else:
            house.folder.rename(house.folder.with_name("old"))
        new.rename(house.folder)
        house.write("Hello {salutation}.", "Good day.")
        await house.until(lambda: house.greeting() == "Good day.")
        await settle(house)
        house.write("Good day.", "Good evening.")
        await house.next_edition()
        assert house.greeting() == "Good evening."


async def test_folder_that_is_gone_for_a_while_costs_nobody_anything(house: House) -> None:
    async with watched(house):
        away = house.folder.with_name("away")
        house.folder.rename(away)
        watching = asyncio.ensure_future(house.publisher.watch())
        before = house.publisher.current.edition
        assert not await house.publisher.publish() and house.publisher.current.edition is before
        assert not watching.done()
        away.rename(house.folder)
        house.write("Hello {salutation}.", "Good day.")
        await house.until(lambda: house.greeting() == "Good day.")
        watching.cancel()


# -- calls


async def test_call_under_way_ends_on_the_edition_it_began_with(house: House) -> None:
    def call() -> tuple[CallSession, FakeLine, Ledger]:
        edition = house.publisher.current.edition
        line, ledger = FakeLine(), Ledger(CallId(uuid4()), STRANGER, NOW, "en")
        session = CallSession(parts(), World(edition.flow, STRANGER, BOTH), ledger, line)
        line.attach(session)
        return session, line, ledger

    first, line, ledger = call()
    running = asyncio.ensure_future(first.run(lambda over: None))
    await house.until(lambda: line.said)
    house.write("Hello {salutation}.", "Good day.")
    assert await house.publisher.publish()
    line.caller_presses("**")
    await house.until(lambda: len([e for e in ledger.entries if e.kind == "said"]) >= 3)
    assert {e.facts["text"] for e in ledger.entries if e.kind == "said"} & {"Good day."} == set()
    second, other, their = call()
    also = asyncio.ensure_future(second.run(lambda over: None))
    await house.until(lambda: other.said)
    assert next(e.facts["text"] for e in their.entries if e.kind == "said") == "Good day."
    for session in (first, second):
        session.on_line_gone()
    await asyncio.wait_for(asyncio.gather(running, also), PATIENCE_S)


PUBLISHES = """
import asyncio, gc, sys
from pathlib import Path
from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.config.load import load
from ivr.server.speech.publishing import Publisher
loaded, load_encoder = [], SentenceEncoder.__init__
def loading(self, *words, **more):
    loaded.append(1)
    load_encoder(self, *words, **more)
SentenceEncoder.__init__ = loading
class Voice:
    async def ahead(self, *_, **__): return b""
async def main(folder, config):
    publisher = Publisher(load(config), folder, Voice(), frozenset({"shop", "house"}))
    await publisher.first()
    for n in range(4):
        with next(folder.glob("*.toml")).open("a") as file:
            file.write(f"# {n}\\n")
        assert await publisher.publish(), publisher.refused
    gc.collect()
    print(len(loaded), sum(isinstance(one, Understanding) for one in gc.get_objects()))
asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
"""


def test_what_was_published_before_is_not_kept(tmp_path: Path) -> None:
    """In a process of its own: here, tests share what they learn."""
    shutil.copytree(ROOT / "dialplans", tmp_path / "dialplans", ignore=shutil.ignore_patterns("asterisk"))
    done = subprocess.run(
        [sys.executable, "-c", PUBLISHES, str(tmp_path / "dialplans"), str(ROOT / "config.toml")],
        capture_output=True, text=True, timeout=PATIENCE_S * 2, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    encoders, editions = map(int, done.stdout.splitlines()[-1].split())
    assert encoders <= 1 and editions == 1
