"""What the report says, which brings its own texts: the same in both languages, none empty, none unused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ivr.replay.report.page import STATIC
from tests.browser import chromium
from tests.conftest import RealParts

ONLY_CHINESE = "figures"
"""What figures are called in English comes with the figures themselves."""


def words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for one in value.values():
            yield from words(one)


async def test_report_says_the_same_in_both_languages(real_parts: RealParts) -> None:
    async with chromium(real_parts) as browser:
        page = await browser.new_page()
        await page.add_script_tag(content=(STATIC / "texts.js").read_text("utf-8"))
        english, chinese = await page.evaluate("[TEXTS.en, TEXTS.zh]")
    assert list(english) == list(chinese)
    assert list(english["kinds"]) == list(chinese["kinds"])
    assert all(said.strip() for said in (*words(english), *words(chinese)))
    scripts = "".join((STATIC / name).read_text("utf-8") for name in ("report.js", "call.js"))
    assert not [key for key in english if not re.search(rf"\b{key}\b", scripts)]
    assert not [key for key in re.findall(r"\bt\(\"([a-z_]+)\"\)", scripts) if key not in english]
    assert english[ONLY_CHINESE] == {}
