"""What everybody may see and change of themselves: ``/me``; and what their pages need to know of the house: ``/queues``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from ivr.calls.people.accounts import Account, Accounts, People
from ivr.calls.people.roles import Role
from ivr.core.language import Text
from ivr.core.texts import text
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model
from ivr.web.api.field_types import PageLanguage, PageText
from ivr.web.api.people import Password
from ivr.web.guard.gate import too_many
from ivr.web.guard.passwords import PASSWORD_CHARS, Passwords, refuse_weak
from ivr.web.guard.rate_limits import Attempts, address_key
from ivr.web.guard.route_needs import ONESELF, SIGNED_IN
from ivr.web.guard.second_factors import SecondFactors
from ivr.web.guard.sessions import Sessions
from ivr.web.problems import Fault, Problem


class Me(Model):
    """Who is signed in here."""

    class MyAgent(Model):
        """Their desk."""

        id: str
        name: str

    login: str
    name: str
    role: Role
    language: PageLanguage
    agent: MyAgent | None
    second_factor: bool
    """Whether a code is asked for beside the password."""
    second_factor_missing: bool
    """Whether nothing else may be done before one is set up."""


class MyChange(Model):
    """What people may change of themselves."""

    language: PageLanguage


class MyPassword(Model):
    """A new password of one's own; the old one proves who is sitting there."""

    old: Annotated[str, Field(max_length=PASSWORD_CHARS)]
    new: Password


class Queue(Model):
    """A queue of the dialogues."""

    name: str
    title: PageText


class QueueList(Model):
    """The queues that the dialogues have now."""

    items: list[Queue]


WRONG_PASSWORD = text("api.people.wrong_password")


class MeApi:
    """The endpoints."""

    def __init__(
        self,
        people: People,
        accounts: Accounts,
        queues: Callable[[], Mapping[str, Text]],
        sessions: Sessions,
        passwords: Passwords,
        factors: SecondFactors,
        guesses: Attempts,
        own_words: Callable[[], Collection[str]],
    ) -> None:
        self._people = people
        self._accounts = accounts
        self._queues = queues
        self._sessions = sessions
        self._passwords = passwords
        self._factors = factors
        self._guesses = guesses
        self._own_words = own_words

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint("GET", "/me", ONESELF, self.me, {200: Me}),
            Endpoint("PATCH", "/me", ONESELF, self.change_me, {200: Me}, act="person.changed"),
            Endpoint("POST", "/me/password", ONESELF, self.change_my_password, {204: None}, act="person.changed"),
            Endpoint("GET", "/queues", SIGNED_IN, self.list_queues, {200: QueueList}),
        ]

    async def me(self, call: Call) -> Answer:
        """Who is signed in here"""
        return Answer(200, self._me(call, call.account))

    async def change_me(self, call: Call, body: MyChange) -> Answer:
        """Change the language that one reads"""
        await self._accounts.set_language(call.account.login, body.language)
        return Answer(200, self._me(call, replace(call.account, language=body.language)))

    async def change_my_password(self, call: Call, body: MyPassword) -> Answer:
        """Change one's own password; all other sessions of one's own end at once"""
        login = call.account.login
        if (wait_s := self._guesses.wait_s(login)) > 0:
            raise too_many(wait_s)
        self._guesses.count(login)
        if not await self._passwords.check(call.account, body.old):
            raise Problem(422, faults=[Fault(WRONG_PASSWORD, pointer="#/old")])
        self._guesses.clear(login)
        refuse_weak(body.new, "#/new", (login, call.account.name), self._own_words)
        hashed = await self._passwords.hash(body.new)
        after = await self._people.change(login, lambda account: replace(account, password_hash=hashed), call.by)
        assert after is not None, "people are never deleted"
        self._sessions.end_all(login)
        return Answer(204, session=await self._sessions.begin(after, address_key(call.visitor.address)))

    async def list_queues(self, call: Call) -> Answer:
        """The queues that the dialogues have now"""
        return Answer(200, QueueList(items=[Queue(name=name, title=title) for name, title in self._queues().items()]))

    def _me(self, call: Call, account: Account) -> Me:
        agent = Me.MyAgent(id=account.agent.id, name=account.agent.name) if account.agent else None
        missing = call.session.how == "password" and self._factors.missing(account)
        return Me(
            login=account.login, name=account.name, role=account.role, language=account.language, agent=agent,
            second_factor=account.second_factor, second_factor_missing=missing,
        )  # fmt: skip
