"""Agents and their accounts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select, update

from ivr.adapters.database import tables as t
from ivr.adapters.database.store import Store
from ivr.calls.ports import Account
from ivr.core.caller import Agent, AgentId, Language


class DatabaseAccounts:
    """Who may sign in, and who takes calls."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def account(self, login: str) -> Account | None:
        """The account of that login name, or None."""
        query = select(t.accounts, t.agents).join(t.agents, t.agents.c.id == t.accounts.c.agent_id)
        async with self._store.begin() as connection:
            row = (await connection.execute(query.where(t.accounts.c.login == login))).mappings().first()
        return Account(row["login"], row["password_hash"], _agent(row), row["language"]) if row else None

    async def set_language(self, login: str, language: Language) -> None:
        """Remember the language this person reads."""
        async with self._store.begin() as connection:
            await connection.execute(update(t.accounts).where(t.accounts.c.login == login).values(language=language))

    async def agents(self) -> list[Agent]:
        """Everybody who takes calls."""
        async with self._store.begin() as connection:
            return [_agent(row) for row in (await connection.execute(select(t.agents))).mappings()]

    async def save(self, agent: Agent, login: str, password_hash: str) -> None:
        """Add an agent with an account, or replace both."""
        values = {
            "name": agent.name,
            "interface": agent.interface,
            "languages": list(agent.languages),
            "skills": dict(agent.skills),
            "region": agent.region,
            "queues": list(agent.queues),
        }
        async with self._store.begin() as connection:
            changed = await connection.execute(update(t.agents).where(t.agents.c.id == agent.id).values(**values))
            if changed.rowcount == 0:
                await connection.execute(insert(t.agents).values(id=agent.id, **values))
            await connection.execute(delete(t.accounts).where(t.accounts.c.login == login))
            await connection.execute(
                insert(t.accounts).values(login=login, agent_id=agent.id, password_hash=password_hash, language="en")
            )


def _agent(row: Any) -> Agent:
    return Agent(
        AgentId(row["agent_id"] if "agent_id" in row else row["id"]),
        row["name"], row["interface"], tuple(row["languages"]), dict(row["skills"]), row["region"], tuple(row["queues"]),
    )  # fmt: skip
