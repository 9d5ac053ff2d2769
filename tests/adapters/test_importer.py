"""CSV files: every mistake with its row, and all of a file or nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select

from ivr.adapters.database import DatabaseDirectory, ImportFailed, Store, import_file
from ivr.adapters.database import tables as t
from ivr.adapters.database.importer import MOST_ERRORS, Kind

ON_SQLITE = pytest.mark.parametrize("url", ["SQLite"], indirect=True)
"""What is found out before a database is asked needs no second one."""
CUSTOMERS = """id,name,numbers,language,tier,region,salutation,salutation_zh,email,note
C1,Lin Mei 林美,+8613800138000;030 901820,zh,gold,Berlin,Ms Lin,林女士,lin@example.com,evenings
C2,Tom Baker,,,,,,,,
"""
ORDERS = """id,customer_id,product,status,ordered_at,due_at,amount
4711,C1,"Watch, steel",late,2026-11-10T09:00:00+01:00,2026-11-20T00:00:00Z,189.00 EUR
4802,C2,Strap,shipped,2026-11-19T10:00:00+00:00,,
"""
CASES = """id,customer_id,subject,status,opened_at,intent,queue,order_id
K-1,C1,"Where is ""it""?",open,2026-11-19T10:00:00Z,late,orders,4711
"""
CONTACTS = """customer_id,channel,began_at,summary,intent,agent_id,solved
C1,chat,2026-11-19T10:00:00Z,hello,,,
C1,phone,2026-11-18T10:00:00Z,late,late,,true
"""


async def put(store: Store, kind: Kind, text: str) -> int:
    return await import_file(store, kind, f"{kind}.csv", text, "DE")


async def rows(store: Store) -> dict[str, int]:
    """How many rows there are of everything."""
    tables = (t.customers, t.numbers, t.orders, t.cases, t.contacts)
    async with store.begin() as connection:
        return {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in tables
        }


async def refused(store: Store, kind: Kind, text: str) -> list[str]:
    """What is said of a file that is refused, of which nothing is left behind."""
    before = await rows(store)
    with pytest.raises(ImportFailed) as failed:
        await put(store, kind, text)
    assert await rows(store) == before
    assert str(failed.value) == "\n".join(failed.value.problems)
    return failed.value.problems


async def everything(store: Store) -> None:
    for kind, text, count in (
        ("customers", CUSTOMERS, 2),
        ("orders", ORDERS, 2),
        ("cases", CASES, 1),
        ("contacts", CONTACTS, 2),
    ):
        assert await put(store, kind, text) == count  # type: ignore[arg-type]


# -- what is right


async def test_everything_arrives(store: Store) -> None:
    await everything(store)
    assert await rows(store) == {"customers": 2, "customer_numbers": 2, "orders": 2, "cases": 1, "contacts": 2}
    found = await DatabaseDirectory(store, "DE").find("0049 30 901820")
    assert found and found.customer
    customer = found.customer
    assert (customer.name, customer.language, customer.tier, customer.salutation_zh) == (
        "Lin Mei 林美",
        "zh",
        "gold",
        "林女士",
    )
    (order,) = found.orders
    assert (order.product, order.amount) == ("Watch, steel", "189.00 EUR")
    assert order.ordered_at == datetime(2026, 11, 10, 9, tzinfo=timezone(timedelta(hours=1)))
    assert order.due_at == datetime(2026, 11, 20, tzinfo=UTC)
    assert found.cases[0].subject == 'Where is "it"?'
    assert [(c.channel, c.solved) for c in found.contacts] == [("chat", None), ("phone", True)]


async def test_the_same_file_again_changes_nothing(store: Store) -> None:
    await everything(store)
    before = await rows(store)
    await everything(store)
    assert await rows(store) == before


async def test_row_with_a_known_id_is_replaced(store: Store) -> None:
    await everything(store)
    changed = CUSTOMERS.replace("Tom Baker,,,,", "Tom B.,+4930901821,en,vip,").replace(
        "+8613800138000;030 901820", "+8613800138000"
    )
    await put(store, "customers", changed)
    directory = DatabaseDirectory(store, "DE")
    found = await directory.find("+4930901821")
    assert found and found.customer and (found.customer.name, found.customer.tier) == ("Tom B.", "vip")
    assert await directory.find("+4930901820") is None, "a number that is not in the file any more is gone"
    known = await directory.find("+8613800138000")
    assert known and len(known.orders) == 1, "the history stays"


async def test_number_may_move_from_one_customer_to_another_within_a_file(store: Store) -> None:
    await put(store, "customers", "id,name,numbers\nC1,A,+4930901820\nC2,B,+4930901821\n")
    await put(store, "customers", "id,name,numbers\nC1,A,\nC2,B,+4930901821;+4930901820\n")
    found = await DatabaseDirectory(store, "DE").find("+4930901820")
    assert found and found.customer and found.customer.id == "C2"


FORMS = {
    "byte order mark": "\ufeff" + CUSTOMERS,
    "CRLF": CUSTOMERS.replace("\n", "\r\n"),
    "quoted": CUSTOMERS.replace("Tom Baker", '"Tom Baker"'),
    "no line break at the end": CUSTOMERS.rstrip("\n"),
    "empty lines": CUSTOMERS.replace("\nC2", "\n\n\nC2") + "\n\n",
    "columns in another order, optional ones left out": "name,id\nLin Mei 林美,C1\nTom Baker,C2\n",
    "spaces around": CUSTOMERS.replace("Tom Baker", "  Tom Baker "),
}


@ON_SQLITE
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
async def test_form_of_the_file_does_not_matter(text: str, store: Store) -> None:
    assert await put(store, "customers", text) == 2
    async with store.begin() as connection:
        names = (await connection.execute(select(t.customers.c.name).order_by(t.customers.c.id))).scalars().all()
    assert names == ["Lin Mei 林美", "Tom Baker"]


async def test_file_without_rows_is_no_mistake(store: Store) -> None:
    assert await put(store, "customers", "id,name\n") == 0


# -- what is wrong

MISTAKES: dict[str, tuple[Kind, str, str, str]] = {
    "unknown column": ("customers", "region,", "regoin,", "customers.csv:1: unknown column 'regoin'; known are id, name,"),
    "missing column": ("customers", "id,name", "id,email2", "customers.csv:1: unknown column 'email2'"),
    "empty id": ("customers", "\nC2,", "\n,", "customers.csv:3: id: String should have at least 1 character, not ''"),
    "odd id": ("customers", "\nC2,", "\nC 2,", "customers.csv:3: id: String should match pattern"),
    "empty name": ("customers", "Tom Baker", "", "customers.csv:3: name: String should have at least 1 character"),
    "long name": ("customers", "Tom Baker", "T" * 300, "customers.csv:3: name: String should have at most 200 characters"),
    "control character": ("customers", "Tom Baker", "Tom\x07Baker", "customers.csv:3: name: Value error, control characters"),
    "line break in a name": ("customers", "Tom Baker", '"Tom\nBaker"', "customers.csv:4: name: Value error, control characters"),
    "unknown tier": ("customers", ",gold,", ",platinum,", "customers.csv:2: tier: Input should be 'standard', 'silver', 'gold'"),
    "unknown language": ("customers", ",zh,", ",de,", "customers.csv:2: language: Input should be 'en' or 'zh', not 'de'"),
    "fewer values": ("customers", "C2,Tom Baker,,,,,,,,", "C2,Tom Baker", "customers.csv:3: fewer values than the header"),
    "more values": ("customers", "C2,Tom Baker,", "C2,Tom Baker,,", "customers.csv:3: more values than the header"),
    "same id twice": ("customers", "\nC2,", "\nC1,", "customers.csv:3: id: C1 stands in line 2 already"),
    "no telephone number": (
        "customers", "Tom Baker,", "Tom Baker,withheld", "customers.csv:3: numbers: no telephone number in 'withheld'",
    ),
    "number of somebody else in the same file": (
        "customers", "Tom Baker,", "Tom Baker,(030) 901820", "customers.csv:3: numbers: +4930901820 belongs to",
    ),
    "unknown customer": ("orders", "4802,C2", "4802,C9", "orders.csv:3: customer_id: there is no customer 'C9'"),
    "time without a zone": (
        "orders", "2026-11-10T09:00:00+01:00", "2026-11-10T09:00:00", "orders.csv:2: ordered_at: Input should have timezone info",
    ),
    "no time": ("orders", "2026-11-20T00:00:00Z", "tomorrow", "orders.csv:2: due_at: Input should be a valid datetime"),
    "unknown status": ("orders", ",shipped,", ",lost,", "orders.csv:3: status: Input should be 'processing', 'shipped'"),
    "unknown agent": ("contacts", ",late,,true", ",late,nobody,true", "contacts.csv:3: agent_id: there is no agent 'nobody'"),
    "not yes nor no": ("contacts", ",,true", ",,perhaps", "contacts.csv:3: solved: Input should be a valid boolean"),
    "unknown channel": ("contacts", "C1,chat", "C1,fax", "contacts.csv:2: channel: Input should be 'phone', 'chat'"),
    "quote that is never closed": ("cases", '"Where is ""it""?"', '"Where is it?', "cases.csv:"),
    "quote in the middle": ("cases", '"Where is ""it""?"', '"Where" is it?', "cases.csv:2: not CSV: "),
}  # fmt: skip
TEXTS: dict[Kind, str] = {"customers": CUSTOMERS, "orders": ORDERS, "cases": CASES, "contacts": CONTACTS}


@ON_SQLITE
@pytest.mark.parametrize(("kind", "right", "wrong", "sentence"), MISTAKES.values(), ids=MISTAKES.keys())
async def test_mistake(kind: Kind, right: str, wrong: str, sentence: str, store: Store) -> None:
    if kind != "customers":
        await put(store, "customers", CUSTOMERS)
    assert right in TEXTS[kind]
    problems = await refused(store, kind, TEXTS[kind].replace(right, wrong, 1))
    assert problems[0].startswith(sentence)


async def test_number_that_belongs_to_somebody_else_already(store: Store) -> None:
    await put(store, "customers", CUSTOMERS)
    problems = await refused(store, "customers", "id,name,numbers\nC3,Eve,+49 30 901820\n")
    assert problems == ["customers.csv:2: numbers: +4930901820 belongs to customer 'C1' already"]


async def test_every_mistake_is_told_at_once(store: Store) -> None:
    problems = await refused(store, "customers", "id,name,tier\n,A,gold\nC2,,gold\nC3,C,nickel\nC4,D,gold\n")
    assert [problem.split(":")[1:3] for problem in problems] == [["2", " id"], ["3", " name"], ["4", " tier"]]


async def test_there_is_an_end_to_telling(store: Store) -> None:
    problems = await refused(store, "customers", "id,name\n" + ",\n" * 500)
    assert len(problems) <= MOST_ERRORS + 2
    assert problems[-1] == f"customers.csv: … and perhaps more; only the first {MOST_ERRORS} are shown"


@pytest.mark.parametrize(
    "text", ["", "\n", "just words\n", "\x00\x01\x02", "id;name\nC1;Lin\n", "PK\x03\x04 not text", 'id,"name\nC1,Lin\n']
)
async def test_what_is_no_such_file_at_all(text: str, store: Store) -> None:
    assert (await refused(store, "customers", text))[0].startswith("customers.csv:")


async def test_hostile_values_are_mere_text(store: Store) -> None:
    hostile = "'); DROP TABLE customers; --"
    await put(store, "customers", f'id,name,note\nC1,"{hostile}",<script>\n')
    async with store.begin() as connection:
        assert (await connection.execute(select(t.customers.c.name))).scalar_one() == hostile
