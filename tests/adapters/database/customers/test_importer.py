"""CSV files: every mistake with its row, and all of a file or nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select

from ivr.adapters.database import DatabaseDirectory, ImportFailed, Store, import_file
from ivr.adapters.database.customers.importer import Kind
from ivr.adapters.database.schema import tables as t
from ivr.wire.customers.csv_rows import MOST_ERRORS
from ivr.wire.customers.record import Mapped, read_record

ON_SQLITE = pytest.mark.parametrize("dialect", ["SQLite"], indirect=True)
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
    "line break in a cell": CUSTOMERS.replace("Tom Baker", '"Tom\r\n Baker"'),
    "rows of commas": CUSTOMERS + ",,,,,,,,,\n" * 3 + ",\n , \n",
    "commas at the ends of all rows": CUSTOMERS.replace("\n", ",,,\n"),
    "spaces around the columns": CUSTOMERS.replace("id,name,numbers", "id , name, numbers"),
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


@ON_SQLITE
@pytest.mark.parametrize(
    ("language", "tier", "kept"),
    [("en-US", "Gold", ("en", "gold")), (" EN_gb ", " gold ", ("en", "gold")), ("zh-Hans-CN", "VIP", ("zh", "vip")),
     ("", " ", (None, "standard"))],
)  # fmt: skip
async def test_words_are_read_as_a_crm_s_are(language: str, tier: str, kept: tuple[str, str], store: Store) -> None:
    note = '"calls\n in the evening"'
    await put(store, "customers", f"id,name,numbers,language,tier,note\nC1,A,+4930901820,{language},{tier},{note}\n")
    found = await DatabaseDirectory(store, "DE").find("+4930901820")
    assert found and found.customer and (found.customer.language, found.customer.tier) == kept
    assert found.customer.note == "calls in the evening"
    record = read_record({"id": "C1", "name": "A", "language": language, "tier": tier}, Mapped(), pytest.fail)
    assert record and (record.fields["language"], record.fields["tier"]) == kept


async def test_landline_of_several_customers_greets_none_of_them(store: Store) -> None:
    await put(store, "customers", "id,name,numbers\nC1,A,030 901820;+4915112345678\nC2,B,(030) 901820\n")
    directory = DatabaseDirectory(store, "DE")
    both = await directory.find("+4930901820")
    assert both and (both.customer, both.lookup) == (None, "several")
    mobile = await directory.find("+4915112345678")
    assert mobile and mobile.customer and mobile.customer.id == "C1"
    await put(store, "customers", "id,name,numbers\nC3,C,030 901820\n")
    await put(store, "customers", "id,name,numbers\nC1,A,+4915112345678\nC3,C,\n")
    alone = await directory.find("+4930901820")
    assert alone and alone.customer and alone.customer.id == "C2", "who has given it up has it no more"


# -- what is wrong

MISTAKES: dict[str, tuple[Kind, str, str, list[str]]] = {
    "unknown column": (
        "customers", "region,", "regoin,",
        ["customers.csv:1: unknown column 'regoin'; did you mean 'region'? Known are id, name, numbers, language, tier, region, salutation, salutation_zh, email, note"],
    ),
    "missing column": (
        "customers", "id,name", "id,email2",
        ["customers.csv:1: unknown column 'email2'; did you mean 'email'? Known are id, name, numbers, language, tier, region, salutation, salutation_zh, email, note", "customers.csv:1: the column 'name' is missing"],
    ),
    "empty id": (
        "customers", "\nC2,", "\n,",
        ["customers.csv:3: id: is empty, and something must stand here"],
    ),
    "odd id": (
        "customers", "\nC2,", "\nC 2,",
        ["customers.csv:3: id: 'C 2' is not right here: write letters, digits, ., _, / and -"],
    ),
    "empty name": (
        "customers", "Tom Baker", "",
        ["customers.csv:3: name: is empty, and something must stand here"],
    ),
    "long name": (
        "customers", "Tom Baker", "T" * 300,
        ["customers.csv:3: name: is too long: it may have 200 characters at most"],
    ),
    "control character": (
        "customers", "Tom Baker", "Tom\u0007Baker",
        ["customers.csv:3: name: has a sign that cannot be seen: take it out"],
    ),
    "unknown tier": (
        "customers", ",gold,", ",platinum,",
        ["customers.csv:2: tier: 'platinum' is none of standard, silver, gold, vip"],
    ),
    "unknown language": (
        "customers", ",zh,", ",de,",
        ["customers.csv:2: language: 'de' is none of en, zh"],
    ),
    "fewer values": (
        "customers", "C2,Tom Baker,,,,,,,,", "C2,Tom Baker",
        ["customers.csv:3: fewer values than the header has columns: a text with a comma in it stands between two \""],
    ),
    "more values": (
        "customers", "C2,Tom Baker,", "C2,Tom Baker,,",
        ["customers.csv:3: more values than the header has columns: a text with a comma in it stands between two \""],
    ),
    "same id twice": (
        "customers", "\nC2,", "\nC1,",
        ["customers.csv:3: id: C1 stands in line 2 already"],
    ),
    "no telephone number": (
        "customers", "Tom Baker,", "Tom Baker,withheld",
        ["customers.csv:3: numbers: 'withheld' is no telephone number: write nothing beside it, as in +49 30 901820"],
    ),
    "two telephone numbers": (
        "customers", "Tom Baker,", "Tom Baker,030 901820/030 901821",
        ["customers.csv:3: numbers: '030 901820/030 901821' is more than one telephone number: part them with \";\""],
    ),
    "a telephone number in a spreadsheet's hands": (
        "customers", "Tom Baker,", 'Tom Baker,"4,93E+11"',
        ["customers.csv:3: numbers: '4,93E+11' is no telephone number: write nothing beside it, as in +49 30 901820"],
    ),
    "a column twice": (
        "customers", "id,name,numbers", "id,name,name",
        ["customers.csv:1: the column 'name' stands there more than once: which one counts?"],
    ),
    "a date in a spreadsheet's hands": (
        "orders", "2026-11-10T09:00:00+01:00", "46336.375",
        ["orders.csv:2: ordered_at: '46336.375' is not right here: write a time, as in 2026-11-21T09:00:00+01:00"],
    ),
    "a date without its dashes": (
        "orders", "2026-11-20T00:00:00Z", "20261120",
        ["orders.csv:2: due_at: '20261120' is not right here: write a time, as in 2026-11-21T09:00:00+01:00"],
    ),
    "a time without its dashes": (
        "orders", "2026-11-20T00:00:00Z", "20261120000000",
        ["orders.csv:2: due_at: '20261120000000' is not right here: write a time, as in 2026-11-21T09:00:00+01:00"],
    ),
    "unknown customer": (
        "orders", "4802,C2", "4802,C9",
        ["orders.csv:3: customer_id: there is no customer 'C9'"],
    ),
    "time without a zone": (
        "orders", "2026-11-10T09:00:00+01:00", "2026-11-10T09:00:00",
        ["orders.csv:2: ordered_at: '2026-11-10T09:00:00' has no time zone: write it as in 2026-11-21T09:00:00+01:00"],
    ),
    "no time": (
        "orders", "2026-11-20T00:00:00Z", "tomorrow",
        ["orders.csv:2: due_at: 'tomorrow' is no time: write it as in 2026-11-21T09:00:00+01:00"],
    ),
    "unknown status": (
        "orders", ",shipped,", ",lost,",
        ["orders.csv:3: status: 'lost' is none of processing, shipped, delivered, late, returned, cancelled"],
    ),
    "unknown agent": (
        "contacts", ",late,,true", ",late,nobody,true",
        ["contacts.csv:3: agent_id: there is no agent 'nobody'"],
    ),
    "not yes nor no": (
        "contacts", ",,true", ",,perhaps",
        ["contacts.csv:3: solved: 'perhaps' is neither true nor false: write one of them, without quotes"],
    ),
    "unknown channel": (
        "contacts", "C1,chat", "C1,fax",
        ["contacts.csv:2: channel: 'fax' is none of phone, chat, mail, app, sms, device, shop"],
    ),
    "quote that is never closed": (
        "cases", "\"Where is \"\"it\"\"?\"", "\"Where is it?",
        ["cases.csv:2: this row cannot be read: a text with \" in it stands between two of them, and has each of its own twice"],
    ),
    "quote in the middle": (
        "cases", "\"Where is \"\"it\"\"?\"", "\"Where\" is it?",
        ["cases.csv:2: this row cannot be read: a text with \" in it stands between two of them, and has each of its own twice"],
    ),
    "a number without its end": (
        "customers", "Tom Baker,", "Tom Baker,+49301",
        ["customers.csv:3: numbers: '+49301' is no whole telephone number of any country"],
    ),
    "first line forgotten": (
        "customers", CUSTOMERS.split("\n")[0] + "\n", "",
        ["customers.csv:1: the first line must name the columns, with commas between them: id,name,numbers,language,tier,region,salutation,salutation_zh,email,note"],
    ),
    "column with a letter wrong that must be there": (
        "customers", "id,name", "id,nmae",
        ["customers.csv:1: unknown column 'nmae'; did you mean 'name'? Known are id, name, numbers, language, tier, region, salutation, salutation_zh, email, note"],
    ),
    "wrong delimiter": (
        "customers", CUSTOMERS, CUSTOMERS.replace(",", "|"),
        ["customers.csv:1: the first line must name the columns, with commas between them: id,name,numbers,language,tier,region,salutation,salutation_zh,email,note"],
    ),
    "empty": (
        "customers", CUSTOMERS, "\n \n",
        ["customers.csv: is empty: its first line names the columns, id,name,numbers,language,tier,region,salutation,salutation_zh,email,note"],
    ),
}  # fmt: skip
TEXTS: dict[Kind, str] = {"customers": CUSTOMERS, "orders": ORDERS, "cases": CASES, "contacts": CONTACTS}


@ON_SQLITE
@pytest.mark.parametrize(("kind", "right", "wrong", "sentences"), MISTAKES.values(), ids=MISTAKES.keys())
async def test_mistake(kind: Kind, right: str, wrong: str, sentences: list[str], store: Store) -> None:
    if kind != "customers":
        await put(store, "customers", CUSTOMERS)
    assert right in TEXTS[kind]
    assert await refused(store, kind, TEXTS[kind].replace(right, wrong, 1)) == sentences


async def test_every_mistake_is_told_at_once(store: Store) -> None:
    problems = await refused(store, "customers", "id,name,tier\n,A,gold\nC2,,gold\nC3,C,nickel\nC4,D,gold\n")
    assert [problem.split(":")[1:3] for problem in problems] == [["2", " id"], ["3", " name"], ["4", " tier"]]


async def test_there_is_an_end_to_telling(store: Store) -> None:
    problems = await refused(store, "customers", "id,name\n" + ",A\n" * 500)
    assert len(problems) <= MOST_ERRORS + 2
    assert problems[-1] == f"customers.csv: … and perhaps more; only the first {MOST_ERRORS} are shown"


@pytest.mark.parametrize(
    "text", ["", "\n", "just words\n", "\x00\x01\x02", "id|name\nC1|Lin\n", "PK\x03\x04 not text", 'id,"name\nC1,Lin\n']
)
async def test_what_is_no_such_file_at_all(text: str, store: Store) -> None:
    assert (await refused(store, "customers", text))[0].startswith("customers.csv:")


@pytest.mark.parametrize("sign", [";", "\t", ","])
async def test_spreadsheets_write_what_their_country_has_between_columns(sign: str, store: Store) -> None:
    await put(store, "customers", f'\ufeffid{sign}"name"{sign}numbers\r\nC1{sign}Lin{sign}"030 901820;030 901821"\r\n')
    async with store.begin() as connection:
        numbers = (await connection.execute(select(t.numbers.c.number).order_by(t.numbers.c.number))).scalars().all()
    assert numbers == ["+4930901820", "+4930901821"]


async def test_hostile_values_are_mere_text(store: Store) -> None:
    hostile = "'); DROP TABLE customers; --"
    await put(store, "customers", f'id,name,note\nC1,"{hostile}",<script>\n')
    async with store.begin() as connection:
        assert (await connection.execute(select(t.customers.c.name))).scalar_one() == hostile
