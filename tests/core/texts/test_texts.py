"""The catalogues of sentences: whole in every language, each sentence used, and a third language is a folder of files."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import cast

import pytest
from hatchling.builders.wheel import WheelBuilder

from ivr.core import texts
from ivr.core.language import Language
from ivr.core.texts import CATALOGUE, TEXT_LANGUAGES, Catalogue, UnknownText, places

ROOT = Path(__file__).parents[3]
FOLDER = Path(str(files(texts)))
TAKERS = ("text", "pattern", "family")


@dataclass(frozen=True)
class Use:
    """One place in the code that takes a sentence."""

    how: str
    key: str
    fields: frozenset[str]
    where: str


def uses() -> Iterator[Use]:
    """Every place in the code that takes a sentence or a table of them."""
    for path in sorted((ROOT / "ivr").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if ("ivr.core.texts import" not in source and "ivr.core import texts" not in source) or FOLDER in path.parents:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and (how := taker(node.func)):
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                key = node.args[0] if node.args else None
                assert isinstance(key, ast.Constant), (
                    f"{where}: the key must stand there, else nobody finds who uses it"
                )
                yield Use(how, str(key.value), frozenset(str(one.arg) for one in node.keywords), where)


def taker(called: ast.expr) -> str | None:
    """Which of the functions that take sentences is called."""
    match called:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="texts"), attr=name):
            return name if name in TAKERS else None
    return None


USES = tuple(uses())


def test_there_are_english_and_chinese_catalogues() -> None:
    assert TEXT_LANGUAGES == ("en", "zh")
    areas = {language: sorted(path.name for path in (FOLDER / language).iterdir()) for language in TEXT_LANGUAGES}
    assert areas["en"] == areas["zh"]


@pytest.mark.parametrize("key", CATALOGUE.keys)
def test_sentence_is_whole_in_every_language(key: str) -> None:
    text = CATALOGUE.pattern(key)
    assert tuple(text) == TEXT_LANGUAGES
    assert all(words.strip() for words in text.values()), "an empty text"
    assert len({places(words) for words in text.values()}) == 1, "other places in another language"
    assert all(name.isidentifier() for words in text.values() for name in places(words))
    assert not any("{{" in words or "}}" in words for words in text.values())


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.where} {use.key}")
def test_code_takes_what_there_is(use: Use) -> None:
    if use.how == "family":
        assert CATALOGUE.family(use.key)
    elif use.how == "pattern":
        assert CATALOGUE.pattern(use.key)
    else:
        assert use.fields == places(CATALOGUE.pattern(use.key)["en"]), use.where


def test_no_sentence_is_unused() -> None:
    taken = {use.key for use in USES if use.how != "family"}
    tables = tuple(f"{use.key}." for use in USES if use.how == "family")
    assert not [key for key in CATALOGUE.keys if key not in taken and not key.startswith(tables)]


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.toml")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_catalogue_is_short_and_in_the_order_of_the_english_one(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 300
    english = (FOLDER / "en" / path.name).read_text(encoding="utf-8").splitlines()
    assert [line.split(" = ")[0] for line in lines] == [line.split(" = ")[0] for line in english]


def test_sentence_is_filled_in_by_language() -> None:
    team = {"en": "Returns", "zh": "退货组"}
    assert texts.text("routing.open_case", case="F7", team=team) == {
        "en": "open case F7 with Returns",
        "zh": "退货组有未结案件 F7",
    }
    assert texts.same("Ana") == {"en": "Ana", "zh": "Ana"}


def test_braces_in_what_is_filled_in_are_no_places() -> None:
    assert texts.text("calls.control.unknown", name="{name}{0.__class__}")["en"] == "There is no “{name}{0.__class__}”."


@pytest.mark.parametrize("fields", [{}, {"case": "F7"}, {"case": "F7", "team": "T", "more": 1}])
def test_wrong_fields_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(UnknownText, match=r"routing\.open_case"):
        texts.text("routing.open_case", **fields)


@pytest.mark.parametrize("take", [texts.text, texts.pattern, texts.family])
def test_unknown_key_is_refused(take: object) -> None:
    with pytest.raises(UnknownText, match=r"nothing\.such"):
        take("nothing.such")


# -- a third language


@pytest.fixture
def third(tmp_path: Path) -> Path:
    """The catalogues, and a German one beside them that begins as a copy of the English one."""
    folder = tmp_path / "texts"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copytree(folder / "en", folder / "de")
    card = folder / "de" / "card.toml"
    card.write_text(card.read_text(encoding="utf-8").replace("{where}: {what}", "{where} – {what}"), encoding="utf-8")
    return folder


def test_third_language_is_a_folder_of_files(third: Path) -> None:
    made, german = Catalogue(third), cast(Language, "de")
    assert made.languages == ("en", "de", "zh")
    # a dialogue's title that nobody has put into German stands there in English
    said = made.text(
        "card.trouble.sentence", where={"en": "Order", "zh": "订单"}, what=made.pattern("card.failure.noise")
    )
    assert said == {"en": "Order: noise on the line", german: "Order – noise on the line", "zh": "订单：线路有杂音"}
    assert made.same("Ana")[german] == "Ana"


def test_sentence_that_a_third_language_lacks_is_refused(third: Path) -> None:
    (third / "de" / "routing.toml").unlink()
    with pytest.raises(UnknownText, match=r"'routing.net' lacks de"):
        Catalogue(third).text("routing.net")


# -- what is installed


def test_catalogues_and_texts_of_pages_are_installed() -> None:
    found = {Path(one.path) for one in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert found >= {*FOLDER.rglob("*.toml"), *(ROOT / "ivr/web/static/texts").rglob("*.js")}
    assert {ROOT / "dialplans/shop.toml", ROOT / "audio/models/bundled-en/am/final.mdl"} <= found, "what a server needs"
