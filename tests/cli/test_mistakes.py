"""Mistakes on the command line, and the sentence that each is told with; 2 is for words, 1 for what they lead to."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.command_line import Done, ivr
from tests.conftest import ROOT

NEW = ("person", "ana", "--name", "Ana", "--queues", "orders", "--interface")
WORDS: dict[str, tuple[tuple[str, ...], str]] = {
    "command": (("chek",), "ivr: error: argument COMMAND: 'chek' is none of serve, init, demo, check, graph, doctor, talk, say, import, person, people, report, records, customer, person-data, replay, what-if, corpus, voices, manifest, intents, asr; did you mean 'check'?"),
    "option": (("check", "--strickt"), "ivr check: error: there is no option --strickt; did you mean '--strict'?"),
    "option of a group's command": (("asr", "eval", "x", "--langage=zh"), "ivr asr eval: error: there is no option --langage; did you mean '--language'?"),
    "one word too many": (("people", "ana"), "ivr people: error: there is one word too many: ana"),
    "choice": (("say", "hello", "--language", "de"), "ivr say: error: argument --language: 'de' is none of en, zh"),
    "kind of import": (("import", "custumers", "x.csv"), "ivr import: error: argument kind: 'custumers' is none of customers, orders, cases, contacts; did you mean 'customers'?"),
    "nothing to say": (("say", " "), "ivr say: error: argument text: there is nothing to say: write a sentence between quotes"),
    "days below none": (("report", "--days", "-3"), "ivr report: error: argument --days: '-3' is no count: write a whole number, 1 or more"),
    "days in words": (("corpus", "from-calls", "x", "--days", "two"), "ivr corpus from-calls: error: argument --days: 'two' is no count: write a whole number, 1 or more"),
    "days that are none": (("what-if", "--days", "0"), "ivr what-if: error: argument --days: '0' are no days: write a number above 0, as in 1 or 0.5"),
    "processes": (("replay", "x", "--processes", "x"), "ivr replay: error: argument --processes: 'x' is no count: write a whole number, 1 or more"),
    "share": (("intents", "eval", "--train", "x", "--test", "x", "--noise", "2"), "ivr intents eval: error: argument --noise: '2' is no share: write a number from 0 to 1"),
    "number": (("asr", "bench", "--cores", "x"), "ivr asr bench: error: argument --cores: 'x' is no whole number"),
    "no value": (("talk", "--number"), "ivr talk: error: argument --number: a value must stand behind it"),
    "no command": (("corpus",), "ivr corpus: error: COMMAND is missing"),
}  # fmt: skip
FILES: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "settings that are not there": (("people", "--config", "nowhere.toml"), ["ivr: nowhere.toml: there is no such file; `ivr init FOLDER` makes a house, with all of its settings"]),
    "settings that are a folder": (("people", "--config", "empty"), ["ivr: empty: is a folder, and a file is needed"]),
    "settings to be checked": (("check", "--config", "nowhere.toml"), ["ivr: nowhere.toml: there is no such file; `ivr init FOLDER` makes a house, with all of its settings", "ivr: 1 error: 1 in nowhere.toml."]),
    "file to import": (("import", "customers", "nowhere.csv"), ["ivr: nowhere.csv: there is no such file or folder"]),
    "file to import that is another": (("import", "customers", "config.toml"), ["ivr: config.toml:1: the first line must name the columns, with commas between them: id,name,numbers,language,tier,region,salutation,salutation_zh,email,note"]),
    "folder to import": (("import", "customers", "empty"), ["ivr: empty: is a folder, and a file is needed"]),
    "corpus that is not there": (("replay", "nowhere"), ["ivr: nowhere: there is no such folder; a corpus is a folder with sound files and TOML files"]),
    "corpus without calls": (("replay", "dialogue"), ["ivr: dialogue: there is no recorded call in it: a call is a sound file, a TOML file with [[said]], or both; house.toml is none: dialogue/house.toml:1: queues: there is no such key; did you mean 'queue'? Known here are intent, queue, settled, slots, language, at, number, shown_name, dnis, origin, consent, tags, echo_db, timing, said and 4 more"]),
    "empty corpus": (("corpus", "list", "empty"), ["ivr: empty: there is no call: no sound file (.wav, .flac, .ogg, .opus, .mp3, .aiff, .au), no TOML file"]),
    "script": (("corpus", "make", "nowhere.toml", "x"), ["ivr: nowhere.toml: there is no such file or folder"]),
    "layout": (("corpus", "import", "fluentt", "x", "y"), ["ivr: there is no layout 'fluentt'; did you mean 'fluent'? Known are manifest, folders, texts, kaldi, common-voice, fluent, slurp, harper-valley"]),
    "dialogues to draw": (("graph", "--folder", "nowhere"), ["ivr: nowhere: there is no such folder: write yours, or begin with those that `ivr init FOLDER` makes; [dialogue] folder in config.toml says where it is"]),
    "empty dialogues": (("graph", "--folder", "empty"), ["ivr: empty: there is no dialogue in it, no file *.toml: write yours, or begin with those that `ivr init FOLDER` makes; [dialogue] folder in config.toml says where it is"]),
    "table for the voice actor": (("manifest", "--csv", "nowhere/x.csv"), ["ivr: nowhere/x.csv: there is no such file or folder"]),
    "texts to learn": (("intents", "eval", "--train", "nowhere.csv", "--test", "nowhere.csv"), ["ivr: nowhere.csv: there is no such file or folder"]),
    "other dialogues": (("what-if", "--dialogues", "nowhere"), ["ivr: nowhere: there is no such folder: write yours, or begin with those that `ivr init FOLDER` makes; [dialogue] folder in config.toml says where it is"]),
    "other settings": (("what-if", "--set", "routing.skill_weight=high"), ["ivr: config.toml with --set: [routing] skill_weight: 'high' is no number: write one without quotes, as in 0.5"]),
    "settings that change no call": (("what-if", "--set", "web.port=9999"), ["ivr: --set web.port=9999: no call goes another way for it; tables that matter are dialogue, routing, understanding, speech_in, sources, offers, callbacks"]),
    "phone without its kind": ((*NEW, "1001"), ["ivr: --interface: '1001' does not say what kind of phone it is; write it as PJSIP/1001"]),
    "queue": (("person", "ana", "--name", "Ana", "--queues", "order", "--interface", "PJSIP/1001"), ["ivr: --queues: there is no queue 'order'; known are orders, returns, billing, repairs, sales, ivr-fallback"]),
    "password without a terminal": ((*NEW, "PJSIP/1001"), ["ivr: Password for ana: there is no terminal to ask at: write it to standard input with --password-stdin, or set IVR_PASSWORD"]),
    "PIN without a terminal": (("customer", "+4930901820", "--pin"), ["ivr: PIN for +4930901820: there is no terminal to ask at: write it to standard input with --pin-stdin, or set IVR_PIN"]),
    "somebody unknown": (("customer", "+49301"), ["ivr: +49301: nobody is known under this number: is it whole, with its country, as in +4930901820?"]),
}  # fmt: skip


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings, a corpus that is none, and nothing else."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(
        f'[dialogue]\nfolder = "{ROOT / "dialplans"}"\n[understanding]\nencoder = "off"\n'
    )
    (tmp_path / "empty").mkdir()
    (tmp_path / "dialogue").mkdir()
    (tmp_path / "dialogue/house.toml").write_text('queues = "x"\n')
    return tmp_path


@pytest.mark.parametrize(("words", "sentence"), WORDS.values(), ids=WORDS.keys())
def test_words_that_are_wrong(words: tuple[str, ...], sentence: str) -> None:
    done = ivr(*words)
    assert (done.stderr.splitlines()[-1], done.returncode) == (sentence, 2)
    assert done.stderr.startswith(f"usage: {sentence.partition(': error')[0]} ")


@pytest.mark.parametrize(("words", "sentences"), FILES.values(), ids=FILES.keys())
def test_files_that_are_wrong(words: tuple[str, ...], sentences: list[str]) -> None:
    done = ivr(*words)
    assert (done.stderr.splitlines(), done.returncode) == (sentences, 1)


def test_password_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def typed(text: str, *words: str) -> Done:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        return ivr(*words)

    short = typed("short\n", *NEW, "PJSIP/1001", "--password-stdin")
    assert short.returncode == 1 and "the password must have" in short.stderr
    done = typed("a long password\n", *NEW, "PJSIP/1001", "--password-stdin")
    assert done.returncode == 0 and done.stdout.startswith("ana ")
    changed = typed("another long password\n", "person", "ana", "--password-stdin")
    assert (changed.returncode, changed.stderr) == (0, "")


def test_database_that_is_none(house: Path) -> None:
    (house / "x.db").write_text("no database" * 100)
    (house / "config.toml").write_text('[database]\nurl = "sqlite:///x.db"\n')
    done = ivr("people")
    assert done.returncode == 1 and done.stderr == (
        f"ivr: database sqlite:///{house}/x.db: that file is no SQLite database: name another, or one that is not there yet\n"
    )
