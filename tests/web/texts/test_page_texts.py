"""What pages say: whole in every language, each text used, none hidden by another, and a third language is a file per area."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page

from ivr.core.texts import TEXT_LANGUAGES
from ivr.web.pages import STATIC, Pages
from tests.browser import chromium
from tests.conftest import RealParts

TEXTS = STATIC / "texts"
AREAS = ("shared", "calls", "desk", "floor", "admin")
PAGES = {
    "desk/desk.js": ("shared", "calls", "desk"),
    "floor/floor.js": ("shared", "calls", "floor"),
    "admin/admin.js": ("shared", "admin"),
    "admin/account.js": ("shared", "admin"),
}
"""The areas that each page puts together."""
KEY = re.compile(r"\bt\??\.(?P<text>[a-z_]+)\b|\bother\.(?P<other>switch_[a-z_]+)|\.name\(\s*\"(?P<group>[a-z_]+)\"")
"""Where a page takes a text: ``t.waiting``, the next language's ``other.switch_to_this``, ``reader.name("tier", …)``."""
READ = """async (languages) => Object.fromEntries(await Promise.all(languages.map(async (language) => {
  const told = (value) => {
    if (typeof value === "function") {
      const places = /^\\(?([^)=]*?)\\)?\\s*=>/u.exec(String(value))[1].split(",").map((one) => one.trim()).filter(Boolean);
      return { places, said: String(value(...places.map(() => 2))) };
    }
    return typeof value === "string" ? value : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, told(one)]));
  };
  const areas = ["shared", "calls", "desk", "floor", "admin"].map(async (area) =>
    [area, told((await import(`/static/texts/${language}/${area}.js`)).default)]);
  return [language, Object.fromEntries(await Promise.all(areas))];
})))"""
"""All texts as data: a function as the names of its places and what it says of 2."""
ONLY_CHINESE = {"call_back_lasts"}
"""How dialling ended comes in Asterisk's and our own English words, and is shown so in English."""


@pytest.fixture
async def page(real_parts: RealParts, tmp_path: Path) -> AsyncIterator[Page]:
    """An empty page of a server that gives the files of the pages, with a third language beside the others."""
    folder = tmp_path / "static"
    shutil.copytree(STATIC, folder)
    shutil.copytree(folder / "texts" / "en", folder / "texts" / "de")
    shared = folder / "texts" / "de" / "shared.js"
    shared.write_text(shared.read_text("utf-8").replace('cancel: "Cancel"', 'cancel: "Abbrechen"'), encoding="utf-8")
    pages, app = Pages(folder), web.Application()

    async def file(request: web.Request) -> web.StreamResponse:
        return pages.file(request)

    async def empty(_: web.Request) -> web.StreamResponse:
        text = '<!doctype html><html lang="de" data-languages="en de zh"><title>Empty</title></html>'
        return web.Response(text=text, content_type="text/html")

    app.add_routes([web.get("/static/{path:.+}", file), web.get("/", empty)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    browser: Browser
    async with chromium(real_parts) as browser:
        made = await browser.new_page()
        await made.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        yield made
    await runner.cleanup()


def shape(value: Any) -> Any:
    """What must be the same in every language: the keys, and the names of the places."""
    if isinstance(value, str):
        return "text"
    if "said" in value:
        return value["places"]
    return {key: shape(one) for key, one in value.items()}


def words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif "said" in value:
        yield value["said"]
    else:
        for one in value.values():
            yield from words(one)


async def test_texts_are_whole_and_alike_in_every_language(page: Page) -> None:
    found = await page.evaluate(READ, list(TEXT_LANGUAGES))
    english = found["en"]
    for language, areas in found.items():
        for area in AREAS:
            same = {key: value for key, value in areas[area].items() if key not in ONLY_CHINESE}
            assert shape(same) == shape({k: v for k, v in english[area].items() if k not in ONLY_CHINESE}), (
                language,
                area,
            )
            assert list(areas[area]) == list(english[area]), f"{language}/{area}: in another order than in English"
            for said in words(areas[area]):
                assert said.strip(), f"{language}/{area}: an empty text"
                assert not re.search("undefined|NaN|null", said), said
    for areas_of_page in PAGES.values():
        keys = [key for area in areas_of_page for key in english[area]]
        assert len(keys) == len(set(keys)), [key for key in keys if keys.count(key) > 1]
    used = taken()
    for entry, areas_of_page in PAGES.items():
        assert used[entry] <= {key for area in areas_of_page for key in english[area]}, (
            f"{entry} takes what nobody says"
        )
    for area in AREAS:
        by = set().union(*(used[entry] for entry, areas_of_page in PAGES.items() if area in areas_of_page))
        assert not set(english[area]) - by, f"{area}: nobody says it"


def taken() -> dict[str, set[str]]:
    """The texts that each page takes, with everything that it imports."""
    return {
        entry: {m[m.lastgroup or ""] for path in reached(STATIC / entry) for m in KEY.finditer(path.read_text("utf-8"))}
        for entry in PAGES
    }


def reached(path: Path) -> set[Path]:
    found, coming = set[Path](), [path]
    while coming:
        one = coming.pop().resolve()
        if one not in found:
            found.add(one)
            coming += [one.parent / m[1] for m in re.finditer(r'from "(\.[^"]+)"', one.read_text("utf-8"))]
    return found


async def test_third_language_is_a_file_for_each_area(page: Page) -> None:
    read = """async () => {
      const { load, Reader } = await import("/static/shared/i18n.js");
      const reader = new Reader(document.documentElement.lang, await load("shared", "calls", "floor"));
      const { language, t, next, other } = reader;
      return [language, t.cancel, next, other.switch_to_this, reader.of({ en: "Orders", zh: "订单" })];
    }"""
    said = await page.evaluate(read)
    assert said == ["de", "Abbrechen", "zh", "切换为中文", "Orders"]


async def test_text_that_two_areas_have_is_refused(page: Page) -> None:
    twice = """async () => {
      const { load } = await import("/static/shared/i18n.js");
      return load("shared", "desk", "floor").then(() => "", (error) => error.message);
    }"""
    assert "said twice: noted, move, within" in await page.evaluate(twice)


def test_pages_have_the_languages_that_the_server_has() -> None:
    assert sorted(folder.name for folder in TEXTS.iterdir()) == sorted(TEXT_LANGUAGES)
    for language in TEXT_LANGUAGES:
        files = sorted((TEXTS / language).iterdir())
        assert [path.stem for path in files] == sorted(AREAS)
        assert all(len(path.read_text("utf-8").splitlines()) <= 300 for path in files)


@pytest.mark.parametrize("path", sorted(TEXTS.rglob("*.js")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_key_stands_once_in_its_file(path: Path) -> None:
    keys = re.findall(r"^  ([a-z_]+):", path.read_text("utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys)), [key for key in keys if keys.count(key) > 1]


def test_page_without_script_says_it_in_every_language() -> None:
    values = {"lang": "zh", "csrf": "", "login": "<b>", "elsewhere": ""}
    said = {"wrong": dict.fromkeys(TEXT_LANGUAGES, "<i>"), "sign_on": dict.fromkeys(TEXT_LANGUAGES, "")}
    text = Pages().page("sign_in/sign_in.html", values, said=said).text or ""
    assert '<span lang="en" hidden>Password</span><span lang="zh">密码</span>' in text
    assert "<title>Sign in · 登录</title>" in text
    assert '<button type="button" data-language="zh" lang="zh">中文</button>' in text
    assert "<b>" not in text and "<i>" not in text
