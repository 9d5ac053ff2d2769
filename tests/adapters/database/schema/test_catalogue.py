"""What is kept where: every column has an entry, the page is true, and emptying takes out what the catalogue says it does."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Table

from ivr.adapters.database.schema import catalogue
from ivr.adapters.database.schema import tables as t
from ivr.core.contact.emptied import emptied
from tests.conftest import ROOT


@pytest.mark.parametrize("table", [pytest.param(table, id=table.name) for table in t.metadata.sorted_tables])
def test_every_column_has_an_entry(table: Table) -> None:
    listed = list(catalogue.TABLES[table.name].columns())
    assert sorted(listed) == sorted(column.name for column in table.columns), "say in catalogue.py what is kept in it"


def test_catalogue_has_no_table_that_is_not_there() -> None:
    assert set(catalogue.TABLES) == set(t.metadata.tables)


@pytest.mark.parametrize("name", catalogue.TABLES)
def test_what_is_emptied_can_be_empty_and_what_is_a_person_s_is_found(name: str) -> None:
    kept, table = catalogue.TABLES[name], t.metadata.tables[name]
    if kept.erased == "anonymous":
        assert all(table.c[column].nullable for column in kept.who.split())
    if kept.whose == "customers":
        assert kept.person in table.c, "nobody would find a person's rows in it"
    if (kept.who or kept.words) and kept.whose == "customers":
        assert kept.erased != "stays"


def test_page_is_what_the_catalogue_says() -> None:
    page = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
    assert page == catalogue.page(), "write it again: ivr person-data --catalogue > docs/privacy.md"


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ({"text": "my name is Lin", "language": "zh", "confidence": 0.9}, {"text": "", "language": "zh", "confidence": 0.9}),
        ({"guesses": [["late", 0.7]], "evidence": [[["word", "late", 0.2]]]},
         {"guesses": [["late", 0.7]], "evidence": [[["", "", 0.2]]]}),
        ({"agent": "ana", "shadow": True, "reasons": [["Lin called", 0.2, "林"]]},
         {"agent": "ana", "shadow": True, "reasons": [["", 0.2, ""]]}),
        ({"ani": "+4930901820", "dnis": "4000", "channel": "PJSIP/lin-1"}, {"ani": "", "dnis": "", "channel": ""}),
        ({"label": "order", "value": "4711", "checked": True}, {"label": "order", "value": "", "checked": True}),
    ],
)  # fmt: skip
def test_entry_keeps_its_shape_and_what_is_counted(facts: dict[str, Any], left: dict[str, Any]) -> None:
    assert emptied(facts) == left
