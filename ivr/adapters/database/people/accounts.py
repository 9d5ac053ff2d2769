"""Everybody who works here: accounts, and the agents among them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.people.audit import DatabaseAudit, append
from ivr.adapters.database.people.sessions import end_all
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store
from ivr.calls.people.accounts import Account, Allowance, Change, LastAdmin, Taken, difference
from ivr.calls.people.audit import Actor, Audit, Entry, refusing
from ivr.calls.people.roles import Role
from ivr.calls.people.sessions import marks_of
from ivr.core.caller import Agent, AgentId
from ivr.core.language import Language

_AGENT = [column for column in t.agents.c if column.name not in ("id", "name")]
_ALLOWED = (t.authority.c.per_call_cents, t.authority.c.per_day_cents)
_ACCOUNTS = (
    select(t.accounts, *_AGENT, *_ALLOWED, t.second_factors.c.confirmed_at)
    .outerjoin(t.agents, t.agents.c.id == t.accounts.c.agent_id)
    .outerjoin(t.authority, t.authority.c.agent_id == t.accounts.c.agent_id)
    .outerjoin(t.second_factors, t.second_factors.c.login == t.accounts.c.login)
)
_ACTIVE_ADMIN = (t.accounts.c.role == "admin") & t.accounts.c.active


class DatabaseAccounts:
    """Implements ``ivr.calls.people.accounts.Accounts`` and ``ivr.calls.people.accounts.People``."""

    def __init__(self, store: Store, audit: Audit | None = None) -> None:
        """``audit`` takes what is refused; None: the trail itself."""
        self._store = store
        self._audit = audit or DatabaseAudit(store)

    async def account(self, login: str) -> Account | None:
        """The account of that login name, or None."""
        return await self._find(t.accounts.c.login == login)

    async def by_subject(self, subject: str) -> Account | None:
        """The account that has come in from the OIDC provider under this name before, or None."""
        return await self._find(t.accounts.c.subject == subject)

    async def everybody(self) -> list[Account]:
        """All accounts, by login."""
        async with self._store.begin() as connection:
            rows = await connection.execute(_ACCOUNTS.order_by(t.accounts.c.login))
            return [_account(row) for row in rows.mappings()]

    async def agents(self) -> list[Agent]:
        """Everybody who takes calls."""
        query = (
            select(t.agents)
            .outerjoin(t.accounts, t.accounts.c.agent_id == t.agents.c.id)
            .where(t.agents.c.interface.is_not(None), or_(t.accounts.c.active, t.accounts.c.login.is_(None)))
        )
        async with self._store.begin() as connection:
            return [_agent(row, row["id"], row["name"]) for row in (await connection.execute(query)).mappings()]

    async def set_language(self, login: str, language: Language) -> None:
        """Remember the language this person reads."""
        async with self._store.begin() as connection:
            await connection.execute(update(t.accounts).where(t.accounts.c.login == login).values(language=language))

    async def add(self, account: Account, by: Actor) -> None:
        """Add somebody. Raises ``Taken``."""
        account = _named_alike(account)
        entry = Entry(by, "person.added", account.login, difference(None, account))
        async with refusing(self._audit, entry):
            try:
                async with self._store.begin() as connection:
                    await _refuse_taken(connection, account, new=True)
                    await _write_agent(connection, account)
                    await connection.execute(insert(t.accounts).values(login=account.login, **_values(account)))
                    await _write_allowance(connection, account)
                    await append(connection, entry)
            except IntegrityError:
                await self._look_who_was_faster(account, new=True)
                raise

    async def change(self, login: str, change: Change, by: Actor) -> Account | None:
        """Change somebody and return them as they are now; None when there is nobody. Raises ``Taken``, ``LastAdmin``."""
        after: Account | None = None
        different: dict[str, Any] = {}
        entry = Entry(by, "person.changed", login, different)
        async with refusing(self._audit, entry):
            try:
                async with self._store.begin() as connection:
                    before = await _held(connection, login)
                    if before is None:
                        return None
                    after = _named_alike(change(before))
                    if after != before:
                        different.update(difference(before, after))
                        await self._replace(connection, before, after)
                        await append(connection, entry)
                    return after
            except IntegrityError:
                if after is not None:
                    await self._look_who_was_faster(after, new=False)
                raise

    async def save(self, agent: Agent, login: str, password_hash: str, role: Role = "agent") -> None:
        """Add an agent with an account, or replace both: for made-up houses, nothing of it is in the audit trail."""
        account = Account(login, password_hash, agent, role=role, name=agent.name)
        async with self._store.begin() as connection:
            await _write_agent(connection, account)
            values = _values(account)
            changed = await connection.execute(update(t.accounts).where(t.accounts.c.login == login).values(**values))
            if changed.rowcount == 0:
                await connection.execute(insert(t.accounts).values(login=login, **values))

    async def _find(self, condition: ColumnElement[bool]) -> Account | None:
        async with self._store.begin() as connection:
            row = (await connection.execute(_ACCOUNTS.where(condition))).mappings().first()
        return _account(row) if row else None

    async def _replace(self, connection: AsyncConnection, before: Account, after: Account) -> None:
        await _refuse_taken(connection, after)
        await _write_agent(connection, after, before.agent)
        values = _values(after)
        if after.agent is None:
            del values["agent_id"]  # what they did when they had a phone stays theirs
        await connection.execute(update(t.accounts).where(t.accounts.c.login == after.login).values(**values))
        if after.allowance != before.allowance:
            await _write_allowance(connection, after)
        admins = select(func.count()).select_from(t.accounts).where(_ACTIVE_ADMIN)
        was_one = before.role == "admin" and before.active
        if was_one and (await connection.execute(admins)).scalar_one() == 0:
            raise LastAdmin
        if marks_of(before) != marks_of(after) or not after.active:
            await end_all(connection, after.login)

    async def _look_who_was_faster(self, account: Account, new: bool) -> None:
        async with self._store.begin() as connection:
            await _refuse_taken(connection, account, new)


async def _held(connection: AsyncConnection, login: str) -> Account | None:
    """Somebody's account, which nobody else can change until the transaction ends; nor who else is an admin."""
    a = t.accounts.c
    # SQLite knows no FOR UPDATE, but whoever has begun to write is alone: hence a change that changes nothing
    await connection.execute(select(a.login).where(_ACTIVE_ADMIN).order_by(a.login).with_for_update())
    await connection.execute(update(t.accounts).where(a.login == login).values(login=login))
    row = (await connection.execute(_ACCOUNTS.where(a.login == login))).mappings().first()
    return _account(row) if row else None


async def _refuse_taken(connection: AsyncConnection, account: Account, new: bool = False) -> None:
    a, g = t.accounts.c, t.agents.c
    if new:
        # "Ana" beside "ana" would be one person to everybody but the computer
        login = select(a.login).where(func.lower(a.login) == account.login.lower())
        if (holder := (await connection.execute(login)).scalar()) is not None:
            raise Taken("login", account.login, holder)
    if account.agent is not None:
        same = func.lower(g.interface) == account.agent.interface.lower()
        phone = select(g.id).where(same, g.id != account.login)
        if (holder := (await connection.execute(phone)).scalar()) is not None:
            raise Taken("interface", account.agent.interface, holder)


async def _write_agent(connection: AsyncConnection, account: Account, before: Agent | None = None) -> None:
    agent = account.agent
    if agent is None:
        if before is not None:
            gone = update(t.agents).where(t.agents.c.id == before.id).values(interface=None)
            await connection.execute(gone)
        return
    values = {
        "name": agent.name,
        "interface": agent.interface,
        "languages": list(agent.languages),
        "skills": dict(agent.skills),
        "region": agent.region,
        "queues": list(agent.queues),
    }
    changed = await connection.execute(update(t.agents).where(t.agents.c.id == agent.id).values(**values))
    if changed.rowcount == 0:
        await connection.execute(insert(t.agents).values(id=agent.id, **values))


async def _write_allowance(connection: AsyncConnection, account: Account) -> None:
    """What they may give away alone; no row: as all."""
    may, agent = account.allowance, AgentId(account.login)
    await connection.execute(delete(t.authority).where(t.authority.c.agent_id == agent))
    if may is not None:
        cents = {"per_call_cents": int(may.per_call * 100), "per_day_cents": int(may.per_day * 100)}
        await connection.execute(insert(t.authority).values(agent_id=agent, **cents))


def _named_alike(account: Account) -> Account:
    """An agent has the login of their account as its id, and its name; who takes no calls has nothing to give away."""
    if account.agent is None:
        return replace(account, allowance=None)
    return replace(account, agent=replace(account.agent, id=AgentId(account.login), name=account.name))


def _values(account: Account) -> dict[str, Any]:
    return {
        "agent_id": account.agent.id if account.agent else None,
        "password_hash": account.password_hash,
        "language": account.language,
        "name": account.name,
        "role": account.role,
        "active": account.active,
        "subject": account.subject,
    }


def _account(row: Any) -> Account:
    agent = _agent(row, row["agent_id"], row["name"]) if row["interface"] is not None else None
    cents = row["per_call_cents"], row["per_day_cents"]
    may = Allowance(Decimal(cents[0]) / 100, Decimal(cents[1]) / 100) if agent and cents[0] is not None else None
    return Account(
        row["login"], row["password_hash"], agent, row["language"], row["role"], row["name"], row["active"], row["subject"], may,
        row["confirmed_at"] is not None,
    )  # fmt: skip


def _agent(row: Any, number: str, name: str) -> Agent:
    languages, queues = tuple(row["languages"]), tuple(row["queues"])
    return Agent(AgentId(number), name, row["interface"], languages, dict(row["skills"]), row["region"], queues)
