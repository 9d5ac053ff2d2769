"""``ivr person`` and ``ivr people``: everybody who works here, with a phone or without."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import re
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from argon2 import PasswordHasher

from ivr.adapters.database import DatabaseAccounts, DatabaseSecondFactors, Store
from ivr.calls.people.accounts import MONEY, SHORTEST_PASSWORD, Account, Allowance, is_login, phone_faults
from ivr.calls.people.audit import Actor
from ivr.calls.ports import Refused
from ivr.cli.people.secret import secret
from ivr.config.load import Config, ConfigError, load
from ivr.core.caller import Agent, AgentId
from ivr.core.language import LANGUAGES, Language
from ivr.core.texts import text
from ivr.core.told import meant
from ivr.core.weak_passwords import is_weak, words_here, words_of
from ivr.server.speech.publishing import read_flow
from ivr.wire.flow.toml import FlowError

T = TypeVar("T")
NAME_CHARS = 200
_PHONE = ("interface", "queues", "languages", "skills", "region")


def add_arguments(person: argparse.ArgumentParser) -> None:
    """What may be said of somebody; whatever is left out stays as it is."""
    person.add_argument("login", help="login name, for example ana")
    person.add_argument("--name", default=None, help="as callers and colleagues see it; needed for somebody new")
    person.add_argument("--role", choices=("agent", "supervisor", "admin"), default=None, help="default: agent")
    person.add_argument("--interface", default=None, help="what Asterisk rings, for example PJSIP/1001")
    person.add_argument("--queues", default=None, help="comma-separated, as in dialplans/*.toml")
    person.add_argument("--languages", default=None, help="comma-separated, default en")
    person.add_argument("--skills", default=None, help="comma-separated SKILL=1…10")
    person.add_argument("--region", default=None, help="where they know their way; empty: nowhere")
    person.add_argument("--may", default=None, metavar="AMOUNT", help="may give away so much in a call, for example 50")
    person.add_argument("--may-a-day", default=None, metavar="AMOUNT", help="… and so much in a day, for example 500")
    person.add_argument("--may-as-all", action="store_true", help="as much as all ([offers] in config.toml)")
    person.add_argument("--no-phone", action="store_true", help="calls do not reach them any more")
    person.add_argument("--password", action="store_true", help="give them a new one (asked for, or from IVR_PASSWORD)")
    person.add_argument("--password-stdin", action="store_true", help="… one line of standard input")
    person.add_argument("--no-password", action="store_true", help="none: they come in by OIDC only")
    person.add_argument(
        "--reset-second-factor", action="store_true", help="forget their authenticator app: they have lost it"
    )
    activity = person.add_mutually_exclusive_group()
    activity.add_argument("--active", action="store_true", default=None, help="they may sign in again")
    activity.add_argument("--inactive", dest="active", action="store_false", help="they may not sign in any more")


def run(asked: argparse.Namespace) -> int:
    """Add somebody, or change what the options name and nothing else. Raises ConfigError."""
    config = load(asked.config)
    before = with_people(config, lambda people: people.account(asked.login))
    if asked.reset_second_factor:
        return _reset_second_factor(asked.login, before, config)
    after = _after(asked, before, config)
    asked.password = asked.password or asked.password_stdin
    if before is None or asked.password or asked.no_password:
        after = replace(after, password_hash="" if asked.no_password else _password(after, asked, config))
    elif "IVR_PASSWORD" in os.environ:
        print("IVR_PASSWORD is set, and nothing was done with it: --password gives a new one", file=sys.stderr)
    by = Actor(f"console:{user()}")

    async def write(people: DatabaseAccounts) -> Account:
        try:
            if before is None:
                await people.add(after, by)
            # only what was asked for: somebody may have changed the rest meanwhile
            changed = await people.change(asked.login, lambda now: _changed(asked, now, after), by) if before else after
        except Refused as refused:
            raise ConfigError([str(refused)]) from refused
        return changed or after

    print(line_of(with_people(config, write)))
    return 0


def _reset_second_factor(login: str, account: Account | None, config: Config) -> int:
    """Forget somebody's authenticator app and recovery codes; their sessions end."""

    async def body() -> bool:
        async with Store.opened(config.database.url) as store:
            return await DatabaseSecondFactors(store).remove(login, Actor(f"console:{user()}"))

    if account is None:
        raise ConfigError([f"{login}: nobody here has this login; ivr people lists everybody"])
    removed = asyncio.run(body())
    print(f"{login}: second factor removed, and signed out." if removed else f"{login} has no second factor.")
    return 0


def with_people(config: Config, do: Callable[[DatabaseAccounts], Coroutine[Any, Any, T]]) -> T:
    """Do something with the accounts of the house's database."""

    async def body() -> T:
        async with Store.opened(config.database.url, config.privacy.card_safe) as store:
            return await do(DatabaseAccounts(store))

    return asyncio.run(body())


def _after(asked: argparse.Namespace, before: Account | None, config: Config) -> Account:
    """What is asked for, checked word by word."""
    problems: list[str] = []
    account = before or Account(asked.login, "")
    if not is_login(asked.login):  # nobody can have it: nothing else is worth a word
        raise ConfigError([
            f"login: {asked.login!r} may have letters, digits, '.', '_', '-', '@' and '+' only, and one at least: write it as in"
            " ana or ana.lopez"
        ])  # fmt: skip
    if before is None and asked.name is None:
        raise ConfigError(
            [*problems, f"{asked.login} is new here: add them with --name, and agents with --interface and --queues"]
        )
    if asked.name is not None and not (
        asked.name.strip() and asked.name.isprintable() and len(asked.name) <= NAME_CHARS
    ):
        problems.append(f"--name: {asked.name!r} must be one line of 1 to {NAME_CHARS} characters")
    agent = _agent(asked, account.agent, config, problems)
    wanted = replace(account, agent=agent, allowance=_allowance(asked, account, agent, config, problems))
    changed = _changed(asked, wanted, wanted)
    if before is None and changed.agent is None and changed.role == "agent":
        problems.append("an agent needs --interface and --queues; --role supervisor or admin may go without")
    if problems:
        raise ConfigError(problems)
    return changed


def _changed(asked: argparse.Namespace, account: Account, wanted: Account) -> Account:
    """An account with what the options name, taken from them or from what was wanted."""
    named = {field: getattr(asked, field) for field in ("name", "role", "active") if getattr(asked, field) is not None}
    if asked.no_phone or any(getattr(asked, option) is not None for option in _PHONE):
        named["agent"] = wanted.agent
    if asked.may_as_all or asked.may is not None or asked.may_a_day is not None:
        named["allowance"] = wanted.allowance
    if asked.password or asked.no_password:
        named["password_hash"] = wanted.password_hash
    return replace(account, **named)


def _agent(asked: argparse.Namespace, before: Agent | None, config: Config, problems: list[str]) -> Agent | None:
    """How calls are to reach them."""
    given = [option for option in _PHONE if getattr(asked, option) is not None]
    if asked.no_phone:
        if given:
            problems.append(f"--no-phone does not go with --{given[0]}")
        return None
    if not given:
        return before
    if before is None and (asked.interface is None or asked.queues is None):
        problems.append("a phone needs --interface, as PJSIP/1001, and --queues")
        return None
    agent = before or Agent(AgentId(asked.login), "", asked.interface)
    agent = replace(
        agent,
        interface=asked.interface or agent.interface,
        queues=_listed(asked.queues) if asked.queues is not None else agent.queues,
        languages=_languages(asked.languages, problems) if asked.languages is not None else agent.languages,
        skills=_skills(asked.skills, problems) if asked.skills is not None else agent.skills,
        region=agent.region if asked.region is None else asked.region or None,
    )
    flow = read_flow(asked.config.resolve().parent / config.dialogue.folder)
    problems += [f"--{field.split('/')[0]}: {text['en']}" for field, text in phone_faults(agent, tuple(flow.queues))]
    return agent


def _allowance(
    asked: argparse.Namespace, account: Account, agent: Agent | None, config: Config, problems: list[str]
) -> Allowance | None:
    """What they may give away alone; what is not named stays as it is, or is that of all."""
    given = {"--may": asked.may, "--may-a-day": asked.may_a_day}
    named = {option: text for option, text in given.items() if text is not None}
    if asked.may_as_all:
        problems += [f"--may-as-all does not go with {option}" for option in named]
        return None
    if not named:
        return account.allowance
    wrong = [option for option, text in named.items() if not re.fullmatch(MONEY, text)]
    problems += [f"{option}: {named[option]!r} is no amount below a million, as 50 or 49.90" for option in wrong]
    if agent is None and not ((asked.role or account.role) == "agent" and not account.name):
        problems.append(f"{next(iter(named))} needs a phone: without calls there is nothing to settle")
    if wrong:
        return account.allowance
    before = account.allowance or Allowance(config.offers.per_call, config.offers.per_day)
    return Allowance(
        before.per_call if asked.may is None else Decimal(asked.may),
        before.per_day if asked.may_a_day is None else Decimal(asked.may_a_day),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _languages(text: str, problems: list[str]) -> tuple[Language, ...]:
    wrong = [name for name in _listed(text) if name not in LANGUAGES]
    problems += [f"--languages: {name!r} is none of {', '.join(LANGUAGES)}{meant(name, LANGUAGES)}" for name in wrong]
    if not _listed(text):
        problems.append(f"--languages: one at least of {', '.join(LANGUAGES)}")
    return tuple(known for known in LANGUAGES if known in _listed(text))


def _skills(text: str, problems: list[str]) -> dict[str, int]:
    skills: dict[str, int] = {}
    for part in _listed(text):
        found = re.fullmatch(r"([A-Za-z][\w-]*)=(10|[1-9])", part)
        if found:
            skills[found.group(1)] = int(found.group(2))
        else:
            problems.append(f"--skills: {part!r} is not SKILL=1…10: write it as in delivery=7")
    return skills


def user() -> str:
    """Who sits at the console; in a container nobody may have a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _password(person: Account, asked: argparse.Namespace, config: Config) -> str:
    password = secret(f"Password for {person.login}", "IVR_PASSWORD", "--password-stdin", asked.password_stdin)
    if len(password) < SHORTEST_PASSWORD:
        raise ConfigError([f"the password must have {SHORTEST_PASSWORD} characters or more"])
    flow = None
    with suppress(FlowError):  # a mistake in the dialogues keeps nobody from a password
        flow = read_flow(asked.config.resolve().parent / config.dialogue.folder)
    near = {person.login, person.name, *words_of(person.login, person.name), *words_here(flow, config.web.hosts)}
    if is_weak(password, near):
        raise ConfigError([f"the password {text('api.people.weak_password')['en']}"])
    return PasswordHasher().hash(password)


def line_of(account: Account) -> str:
    """Somebody on one line."""
    what = account.role if account.active else f"{account.role}, inactive"
    start = f"{account.login:<16} {account.name:<24} {what:<20}"
    agent = account.agent
    if agent is None:
        return f"{start} no phone"
    skills = "".join(f" {skill}={level}" for skill, level in agent.skills.items())
    may = account.allowance
    gives = f" may give {may.per_call:.2f} a call, {may.per_day:.2f} a day" if may else ""
    return f"{start} {agent.interface:<20} {','.join(agent.queues)} [{','.join(agent.languages)}]{skills}{gives}"
