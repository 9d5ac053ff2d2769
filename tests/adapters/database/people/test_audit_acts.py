"""Every act of administration and its line in the trail, on both databases: both are there, or neither.

Each act is tried whole, with a trail that takes nothing, and with a database that takes the line but not the commit.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, text

from ivr.adapters.database import (
    DatabaseAccounts,
    DatabaseAudit,
    DatabaseCallBacks,
    DatabaseContacts,
    DatabaseIdentity,
    DatabaseKeys,
    DatabaseOutbox,
    DatabaseSecondFactors,
    DatabaseSessions,
    DatabaseSignals,
    DatabaseWebhooks,
    Store,
    import_file,
)
from ivr.adapters.database.privacy.personal import DatabasePersons, Person
from ivr.adapters.database.schema import tables as t
from ivr.calls.call_backs.ports import Consent
from ivr.calls.people.accounts import Account
from ivr.calls.people.api_keys import ApiKey
from ivr.calls.people.audit import Actor, AuditFilter, Entry, acting
from ivr.calls.people.sessions import KeptSession
from ivr.calls.ports import Refused
from ivr.core.texts import same
from tests.adapters.database.contacts.test_call_backs import ONE
from tests.adapters.database.contacts.test_channels import CHAT, FAILED
from tests.adapters.database.integrations.test_webhooks import HOOK, NOW, OK
from tests.web.real_house import fill

BY = Actor("root", "admin", "192.0.2.1")
KEY = ApiKey("abcdefgh", "shop", "d" * 64, ("contacts:read",), NOW, "root")
SESSION = KeptSession("s" * 64, "sue", "m" * 64, NOW, NOW, "password", "192.0.2.1")


@dataclass(frozen=True)
class Act:
    """What is done, after what was done before, and the line that it leaves."""

    what: str
    do: Callable[[Store], Awaitable[Any]]
    before: tuple[Callable[[Store], Awaitable[Any]], ...] = ()


async def add_hook(store: Store) -> None:
    await DatabaseWebhooks(store).add(HOOK, BY)


async def add_key(store: Store) -> None:
    await DatabaseKeys(store).add(KEY, BY)


async def add_call_back(store: Store) -> None:
    await DatabaseCallBacks(store, "DE").add(replace(ONE, agent=None), BY)


async def begin_factor(store: Store) -> None:
    await DatabaseSecondFactors(store).begin("sue", "sealed")


async def confirm_factor(store: Store) -> None:
    await DatabaseSecondFactors(store).confirm("sue", 1, ["a", "b"], BY)


async def erase_person(store: Store) -> None:
    await DatabasePersons(store, "DE").erase(Person(frozenset(), "C1"), "e" * 36, ["d"], BY, NOW)


async def like(store: Store) -> None:
    async with store.begin() as connection:
        await connection.execute(
            insert(t.preferences).values(customer_id="C1", keys=True, slow=False, loud=False, agreed_at=NOW)
        )


async def begin_session(store: Store) -> None:
    await DatabaseSessions(store).begin(SESSION, [], Entry(BY, "sign_in", "sue"))


async def set_pin(store: Store) -> None:
    await DatabaseIdentity(store).set_pin("C1", "7259", BY)


async def recover(store: Store) -> None:
    await DatabaseSecondFactors(store).use_recovery("sue", "a", BY)


ACTS = (
    Act("person.added", lambda s: DatabaseAccounts(s).add(Account("ana", "", name="Ana"), BY)),
    Act(
        "person.changed",
        lambda s: DatabaseAccounts(s).change("sue", lambda a: replace(a, role="agent"), BY),
        (begin_session,),
    ),
    Act("key.added", add_key),
    Act("key.revoked", lambda s: DatabaseKeys(s).revoke(KEY.id, NOW, BY), (add_key,)),
    Act("webhook.added", add_hook),
    Act("webhook.changed", lambda s: DatabaseWebhooks(s).put(replace(HOOK, active=False), BY), (add_hook,)),
    Act("webhook.removed", lambda s: DatabaseWebhooks(s).remove(HOOK.id, BY), (add_hook,)),
    Act("webhook.tested", lambda s: DatabaseWebhooks(s).tried(HOOK, OK, BY), (add_hook,)),
    Act("webhook.gone", lambda s: DatabaseOutbox(s).gone(HOOK.id, NOW), (add_hook,)),
    Act("call_back.added", add_call_back),
    Act("call_back.cancelled", lambda s: DatabaseCallBacks(s, "DE").cancel(ONE.id, BY), (add_call_back,)),
    Act("consent.changed", lambda s: DatabaseCallBacks(s, "DE").set_consent("C1", Consent(True, NOW, "web"), BY)),
    Act("contact.added", lambda s: DatabaseContacts(s, "DE").receive(CHAT, BY)),
    Act("person.erased", erase_person),
    Act(
        "preferences.forgotten",
        lambda s: DatabasePersons(s, "DE").erase_preferences(Person(frozenset(), "C1"), BY),
        (like,),
    ),
    Act("pin.set", lambda s: DatabaseIdentity(s).set_pin("C1", "7259", BY)),
    Act("pin.removed", lambda s: DatabaseIdentity(s).set_pin("C1", None, BY), (set_pin,)),
    Act("data.imported", lambda s: import_file(s, "customers", "c.csv", "id,name\nC9,Tom\n", "DE", by=BY)),
    Act("signal.added", lambda s: DatabaseSignals(s, "DE").receive(FAILED, BY)),
    Act("sign_in", begin_session),
    Act("sign_out", lambda s: DatabaseSessions(s).end([SESSION.id], Entry(BY, "sign_out", "sue")), (begin_session,)),
    Act("second_factor.added", confirm_factor, (begin_factor, begin_session)),
    Act(
        "second_factor.recovered",
        recover,
        (begin_factor, confirm_factor),
    ),
    Act("second_factor.removed", lambda s: DatabaseSecondFactors(s).remove("sue", BY), (begin_factor, confirm_factor)),
)


@pytest.fixture
async def house(store: Store) -> AsyncIterator[Store]:
    await fill(store)
    yield store


async def everything(store: Store) -> dict[str, list[Any]]:
    """All rows of all tables."""
    async with store.begin() as connection:
        return {
            table.name: [
                tuple(row) for row in (await connection.execute(select(table).order_by(*table.primary_key))).all()
            ]
            for table in t.metadata.sorted_tables
        }


async def rename(store: Store, old: str, new: str) -> None:
    async with store.begin() as connection:
        await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.what)
async def test_act_and_its_line_are_there_or_neither(house: Store, act: Act) -> None:
    for one in act.before:
        await one(house)
    before = await everything(house)

    await rename(house, "audit", "elsewhere")
    with pytest.raises(Exception, match="audit"):
        await act.do(house)
    await rename(house, "elsewhere", "audit")
    assert await everything(house) == before, "nothing is done that cannot be written down"

    def break_it(_connection: Any) -> None:
        raise ZeroDivisionError

    event.listen(house.engine.sync_engine, "commit", break_it)
    with pytest.raises(ZeroDivisionError):
        await act.do(house)
    event.remove(house.engine.sync_engine, "commit", break_it)
    assert await everything(house) == before, "and what is not done is not written down"

    await act.do(house)
    after = await everything(house)
    assert [row[4] for row in after["audit"][len(before["audit"]) :]] == [act.what]
    if act.what not in ("webhook.tested",):
        assert {name for name in after if after[name] != before[name]} > {"audit"}, "it did do something"


async def test_every_line_of_the_adapters_is_among_these_acts() -> None:
    """Whoever adds an act adds it here."""

    folder = Path(t.__file__).parents[1]
    named = {
        found
        for file in folder.rglob("*.py")
        for found in re.findall(
            r'(?:Entry\([^)]*?|what: str = |_Kind\(t\.\w+, )"([a-z_]+\.[a-z_]+)"', file.read_text("utf-8")
        )
    }
    # that one lets others go: tests/adapters/database/privacy/test_retention.py has what does, and what does not
    assert named and named - {"audit.expired"} <= {act.what for act in ACTS}


# -- what no transaction undoes


async def lines(store: Store) -> list[tuple[str, Any]]:
    return [(one.what, one.detail) for one in await DatabaseAudit(store).page(AuditFilter(target="call-1"), 10)]


async def test_act_in_the_world_has_its_line_afterwards(store: Store) -> None:
    audit, entry = DatabaseAudit(store), Entry(BY, "call.moved", "call-1", {"queue": "orders"})
    async with acting(audit, entry):
        assert await lines(store) == [], "it is not done yet"
    assert await lines(store) == [("call.moved", {"queue": "orders"})]


async def test_what_was_refused_or_failed_is_no_line_of_what_was_done(store: Store) -> None:
    audit, entry = DatabaseAudit(store), Entry(BY, "call.moved", "call-1", {"queue": "orders"})
    with pytest.raises(Refused):
        async with acting(audit, entry):
            raise Refused(same("It is over."))
    with pytest.raises(TimeoutError):
        async with acting(audit, entry):
            raise TimeoutError
    assert await lines(store) == [
        ("failed: call.moved", {"queue": "orders", "why": "TimeoutError"}),
        ("refused: call.moved", {"queue": "orders", "why": "It is over."}),
    ]
    assert await audit.page(AuditFilter(what="call"), 10) == []
    assert [one.what for one in await audit.page(AuditFilter(what="refused"), 10)] == ["refused: call.moved"]


async def test_nothing_is_begun_where_the_trail_takes_nothing(store: Store) -> None:
    await rename(store, "audit", "elsewhere")
    done = []
    with pytest.raises(Exception, match="audit"):
        async with acting(DatabaseAudit(store), Entry(BY, "call.moved", "call-1")):
            done.append(1)
    assert done == []
    await rename(store, "elsewhere", "audit")
    async with store.begin() as connection:
        assert (await connection.execute(select(func.count()).select_from(t.audit))).scalar_one() == 0
