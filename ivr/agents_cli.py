"""``ivr agent`` and ``ivr agents``."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import re
import sys
from pathlib import Path

from argon2 import PasswordHasher

from ivr.adapters.database import DatabaseAccounts, Store
from ivr.config import Config, ConfigError, load
from ivr.core.caller import LANGUAGES, Agent, AgentId, Language
from ivr.editions import read_flow
from ivr.wire.ami import Unsafe, route_value

SHORTEST_PASSWORD = 10


def add_agent(asked: argparse.Namespace) -> int:
    """Add or change an agent; the password is asked for, or comes from IVR_AGENT_PASSWORD."""
    config = load(asked.config)
    agent = _agent(asked, config, asked.config.resolve().parent)
    password = os.environ.get("IVR_AGENT_PASSWORD") or getpass.getpass(f"Password for {asked.login}: ")
    if len(password) < SHORTEST_PASSWORD:
        raise ConfigError([f"the password must have {SHORTEST_PASSWORD} characters or more"])

    async def body() -> None:
        store = Store(config.database.url)
        try:
            await store.migrate()
            await DatabaseAccounts(store).save(agent, asked.login, PasswordHasher().hash(password))
        finally:
            await store.close()

    asyncio.run(body())
    print(
        f"{asked.login}: {agent.name}, {agent.interface}, {', '.join(agent.queues)}. Restart the server to take it in."
    )
    return 0


def _agent(asked: argparse.Namespace, config: Config, root: Path) -> Agent:
    """Check every word against what it must fit."""
    problems: list[str] = []
    flow = read_flow(root / config.dialogue.folder)
    queues = tuple(q.strip() for q in asked.queues.split(",") if q.strip())
    problems += [
        f"--queues: there is no queue {q!r}; known are {', '.join(flow.queues)}" for q in queues if q not in flow.queues
    ]
    languages: list[Language] = []
    for name in (part.strip() for part in asked.languages.split(",")):
        match = next((known for known in LANGUAGES if known == name), None)
        if match is None:
            problems.append(f"--languages: {name!r} is not one of {', '.join(LANGUAGES)}")
        else:
            languages.append(match)
    skills: dict[str, int] = {}
    for part in (p.strip() for p in asked.skills.split(",") if p.strip()):
        found = re.fullmatch(r"([A-Za-z][\w-]*)=(10|[1-9])", part)
        if found:
            skills[found.group(1)] = int(found.group(2))
        else:
            problems.append(f"--skills: {part!r} is not SKILL=1…10, as delivery=7")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", asked.login):
        problems.append(f"login: {asked.login!r} may have letters, digits, '.', '_' and '-' only")
    try:
        route_value("queue", "q", 0, asked.interface, 1, 1)
    except Unsafe as error:
        problems.append(f"--interface: {error}")
    if problems:
        raise ConfigError(problems)
    return Agent(AgentId(asked.login), asked.name, asked.interface, tuple(languages), skills, asked.region, queues)


def list_agents(config_path: Path) -> int:
    """Print all agents, one a line."""
    config = load(config_path)

    async def body() -> list[Agent]:
        store = Store(config.database.url)
        try:
            await store.migrate()
            return await DatabaseAccounts(store).agents()
        finally:
            await store.close()

    agents = asyncio.run(body())
    for agent in agents:
        skills = ", ".join(f"{skill}={level}" for skill, level in agent.skills.items())
        languages = ",".join(agent.languages)
        print(f"{agent.id:<12} {agent.name:<24} {agent.interface:<28} {','.join(agent.queues)} [{languages}] {skills}")
    if not agents:
        print("There is no agent yet; `ivr agent --help` tells how to add one.", file=sys.stderr)
    return 0
