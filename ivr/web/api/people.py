"""Everybody who works here: ``/people``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Annotated

from pydantic import Field, field_validator
from pydantic.json_schema import SkipJsonSchema

from ivr.calls.people.accounts import MONEY, SHORTEST_PASSWORD, Account, Allowance, People, Staff, Taken, phone_faults
from ivr.calls.people.roles import Role
from ivr.core.caller import Agent, AgentId
from ivr.core.language import Language, Text
from ivr.core.texts import text
from ivr.web.api.endpoint import PREFIX, Answer, Call, Endpoint, Model
from ivr.web.api.faults import FORMS, Wrong
from ivr.web.api.field_types import Line, Login, Name, PageLanguage
from ivr.web.guard.passwords import PASSWORD_CHARS, Passwords, refuse_weak
from ivr.web.guard.route_needs import Needs
from ivr.web.guard.second_factors import SecondFactors
from ivr.web.guard.sessions import Sessions
from ivr.web.problems import Fault, Problem

ADMIN = Needs(role="admin")
INTERFACE = r"^[!-~]{1,200}$"

FORMS.update({INTERFACE: text("api.form.interface"), MONEY: text("api.form.money")})

Password = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=PASSWORD_CHARS)]
Level = Annotated[int, Field(ge=1, le=10)]
Money = Annotated[str, Field(pattern=MONEY, examples=["50", "49.90"])]


class Phone(Model):
    """How calls reach somebody."""

    interface: Annotated[str, Field(min_length=1, pattern=INTERFACE, examples=["PJSIP/1001"])]
    queues: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=64)]
    languages: Annotated[list[Language], Field(min_length=1, max_length=2)] = ["en"]  # noqa: RUF012  # pydantic copies it
    skills: Annotated[dict[Name, Level], Field(max_length=64)] = {}  # noqa: RUF012
    region: Line | None = None


class Given(Model):
    """What somebody may give away alone to settle a matter, in the house's currency."""

    per_call: Money
    per_day: Money


class Person(Model):
    """Somebody who works here."""

    login: str
    name: str
    role: Role
    active: bool
    language: PageLanguage
    phone: Phone | None
    """How calls reach them; null: not at all."""
    allowance: Given | None
    """What they may give away alone; null: as much as all."""
    has_password: bool
    linked: bool
    """Whether they have come in by OIDC, and are bound to that account of the provider's."""
    second_factor: bool
    """Whether a code is asked for beside their password."""


class PersonList(Model):
    """Everybody, by login."""

    items: list[Person]


class NewPerson(Model):
    """Somebody new; without a password they can come in by OIDC only."""

    login: Login
    name: Line
    role: Role = "agent"
    language: PageLanguage = "en"
    phone: Phone | None = None
    allowance: Given | None = None
    password: Password | None = None


class PersonChange(Model):
    """What is to be different; what is left out stays as it is, ``phone: null`` takes the phone away.

    ``allowance: null`` lets them give away as much as all.
    """

    name: Line | SkipJsonSchema[None] = None
    role: Role | SkipJsonSchema[None] = None
    active: bool | SkipJsonSchema[None] = None
    language: PageLanguage | SkipJsonSchema[None] = None
    phone: Phone | None = None
    allowance: Given | None = None
    linked: Annotated[bool, Field(json_schema_extra={"const": False})] | SkipJsonSchema[None] = None
    """``false`` lets go of the provider's account, so that another one of the same name may come in."""

    @field_validator("name", "role", "active", "language", "linked")
    @classmethod
    def _given(cls, value: object) -> object:
        if value is None:
            raise Wrong(text("api.form.null"))
        return value

    @field_validator("linked")
    @classmethod
    def _let_go(cls, value: object) -> object:
        if value is True:
            raise Wrong(text("api.people.only_unlinked"))
        return value


class NewPassword(Model):
    """A password that an administrator gives."""

    password: Password


class ByLogin(Model):
    """``{login}`` in the address."""

    login: Login


class PeopleApi:
    """The endpoints."""

    def __init__(
        self,
        people: People,
        staff: Staff,
        queues: Callable[[], Mapping[str, Text]],
        sessions: Sessions,
        passwords: Passwords,
        factors: SecondFactors,
        own_words: Callable[[], Collection[str]],
    ) -> None:
        self._people = people
        self._staff = staff
        self._queues = queues
        self._sessions = sessions
        self._passwords = passwords
        self._own_words = own_words
        self._factors = factors

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        by_login = "/people/{login}"
        return [
            Endpoint("GET", "/people", ADMIN, self.list_people, {200: PersonList}),
            Endpoint("POST", "/people", ADMIN, self.add_person, {201: Person}, (409,), act="person.added"),
            Endpoint("GET", by_login, ADMIN, self.get_person, {200: Person}, (404,)),
            Endpoint("PATCH", by_login, ADMIN, self.change_person, {200: Person}, (404, 409), act="person.changed"),
            Endpoint("POST", f"{by_login}/password", ADMIN, self.set_password, {204: None}, (404,), act="person.changed"),
            Endpoint("DELETE", f"{by_login}/second-factor", ADMIN, self.reset_second_factor, {204: None}, (404, 409),
                     act="second_factor.removed"),
        ]  # fmt: skip

    async def list_people(self, call: Call) -> Answer:
        """Everybody who works here"""
        return Answer(200, PersonList(items=[_person(account) for account in await self._people.everybody()]))

    async def get_person(self, call: Call, path: ByLogin) -> Answer:
        """One of them"""
        account = await self._people.account(path.login)
        if account is None:
            raise Problem(404)
        return Answer(200, _person(account))

    async def add_person(self, call: Call, body: NewPerson) -> Answer:
        """Add somebody"""
        if body.password is not None:
            refuse_weak(body.password, "#/password", (body.login, body.name), self._own_words)
        hashed = await self._passwords.hash(body.password) if body.password is not None else ""
        agent = self._agent(body.login, body.name, body.phone)
        may = _allowance(body.allowance, agent)
        account = Account(body.login, hashed, agent, body.language, body.role, body.name, allowance=may)
        try:
            await self._people.add(account, call.by)
        except Taken as taken:
            raise _taken(taken) from taken
        kept = await self._people.account(body.login)
        return Answer(201, _person(kept or account), {"Location": f"{PREFIX}/people/{body.login}"})

    async def change_person(self, call: Call, path: ByLogin, body: PersonChange) -> Answer:
        """Change somebody; a change of role or activity ends their sessions at once"""
        before = await self._people.account(path.login)
        if before is None:
            raise Problem(404)
        changes = {name: getattr(body, name) for name in body.model_fields_set - {"phone", "allowance", "linked"}}
        if "phone" in body.model_fields_set:
            changes["agent"] = self._agent(path.login, body.name or before.name, body.phone)
        if "allowance" in body.model_fields_set:
            changes["allowance"] = _allowance(body.allowance, changes.get("agent", before.agent))
        if body.linked is False:
            changes["subject"] = None
        try:
            after = await self._people.change(path.login, lambda account: replace(account, **changes), call.by)
        except Taken as taken:
            raise _taken(taken) from taken
        if after is None:
            raise Problem(404)
        after = await self._people.account(path.login) or after  # as it is kept, which is not always as it was sent
        await self._tell(before, after)
        return Answer(200, _person(after))

    async def set_password(self, call: Call, path: ByLogin, body: NewPassword) -> Answer:
        """Give somebody a new password; their sessions end at once"""
        before = await self._people.account(path.login)
        if before is None:
            raise Problem(404)
        refuse_weak(body.password, "#/password", (before.login, before.name), self._own_words)
        hashed = await self._passwords.hash(body.password)
        after = await self._people.change(path.login, lambda a: replace(a, password_hash=hashed), call.by)
        if after is None:
            raise Problem(404)
        self._sessions.end_all(path.login)
        return Answer(204)

    async def reset_second_factor(self, call: Call, path: ByLogin) -> Answer:
        """Forget the authenticator app of somebody who has lost it; their sessions end at once"""
        if path.login == call.account.login:
            raise Problem(409, _OWN_FACTOR)  # at /account it takes the password: who finds an open page has none
        if not await self._factors.remove(path.login, call.by):
            raise Problem(404)
        self._sessions.end_all(path.login)
        return Answer(204)

    def _agent(self, login: str, name: str, phone: Phone | None) -> Agent | None:
        if phone is None:
            return None
        languages, queues = tuple(dict.fromkeys(phone.languages)), tuple(dict.fromkeys(phone.queues))
        agent = Agent(AgentId(login), name, phone.interface, languages, phone.skills, phone.region, queues)
        if wrong := phone_faults(agent, tuple(self._queues())):
            raise Problem(422, faults=[Fault(text, pointer=f"#/phone/{place}") for place, text in wrong])
        return agent

    async def _tell(self, before: Account, after: Account) -> None:
        """The sessions and the calls learn of it at once."""
        if (before.role, before.active) != (after.role, after.active):
            self._sessions.end_all(after.login)
        if after.active and after.agent is not None:
            await self._staff.take(after.agent)
        elif before.agent is not None:
            self._sessions.end_all(after.login)  # an open desk without a phone is none
            await self._staff.leave(before.agent)


def _taken(taken: Taken) -> Problem:
    pointer = "#/login" if taken.field == "login" else "#/phone/interface"
    return Problem(409, taken.text, [Fault(taken.text, pointer=pointer)])


def _allowance(given: Given | None, agent: Agent | None) -> Allowance | None:
    if given is None:
        return None
    if agent is None:
        raise Problem(422, faults=[Fault(_NO_CALLS, pointer="#/allowance")])
    return Allowance(Decimal(given.per_call), Decimal(given.per_day))


_NO_CALLS = text("api.people.needs_phone")
_OWN_FACTOR = text("api.people.own_second_factor")


def _person(account: Account) -> Person:
    agent, may = account.agent, account.allowance
    phone = None if agent is None else Phone.model_construct(
        interface=agent.interface, queues=list(agent.queues), languages=list(agent.languages), skills=agent.skills,
        region=agent.region,
    )  # fmt: skip
    return Person.model_construct(
        login=account.login, name=account.name, role=account.role, active=account.active, language=account.language,
        phone=phone, allowance=Given(per_call=f"{may.per_call:.2f}", per_day=f"{may.per_day:.2f}") if may else None,
        has_password=bool(account.password_hash), linked=account.subject is not None,
        second_factor=account.second_factor,
    )  # fmt: skip
