"""What everybody may see and change of themselves: ``/me``; and what their pages need to know of the house: ``/queues``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from ivr.calls.access import People
from ivr.calls.ports import Account, Accounts, Role
from ivr.core.caller import Language
from ivr.core.card import Text
from ivr.web.access import SIGNED_IN
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model
from ivr.web.api.people import Password
from ivr.web.auth import PASSWORD_CHARS, Passwords, Sessions
from ivr.web.gate import too_many
from ivr.web.limits import Attempts
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
    language: Language
    agent: MyAgent | None


class MyChange(Model):
    """What people may change of themselves."""

    language: Language


class MyPassword(Model):
    """A new password of one's own; the old one proves who is sitting there."""

    old: Annotated[str, Field(max_length=PASSWORD_CHARS)]
    new: Password


class Queue(Model):
    """A queue of the dialogues."""

    name: str
    title: dict[Language, str]


class QueueList(Model):
    """The queues that the dialogues have now."""

    items: list[Queue]


WRONG_PASSWORD: Text = {"en": "is not your present password", "zh": "与当前密码不符"}


class MeApi:
    """The endpoints."""

    def __init__(
        self,
        people: People,
        accounts: Accounts,
        queues: Callable[[], Mapping[str, Text]],
        sessions: Sessions,
        passwords: Passwords,
        guesses: Attempts,
    ) -> None:
        self._people = people
        self._accounts = accounts
        self._queues = queues
        self._sessions = sessions
        self._passwords = passwords
        self._guesses = guesses

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint("GET", "/me", SIGNED_IN, self.me, {200: Me}),
            Endpoint("PATCH", "/me", SIGNED_IN, self.change_me, {200: Me}),
            Endpoint("POST", "/me/password", SIGNED_IN, self.change_my_password, {204: None}),
            Endpoint("GET", "/queues", SIGNED_IN, self.list_queues, {200: QueueList}),
        ]

    async def me(self, call: Call) -> Answer:
        """Who is signed in here"""
        return Answer(200, _me(call.account))

    async def change_me(self, call: Call, body: MyChange) -> Answer:
        """Change the language that one reads"""
        await self._accounts.set_language(call.account.login, body.language)
        return Answer(200, _me(replace(call.account, language=body.language)))

    async def change_my_password(self, call: Call, body: MyPassword) -> Answer:
        """Change one's own password; all other sessions of one's own end at once"""
        login = call.account.login
        if (wait_s := self._guesses.wait_s(login)) > 0:
            raise too_many(wait_s)
        self._guesses.count(login)
        if not await self._passwords.check(call.account, body.old):
            raise Problem(422, faults=[Fault(WRONG_PASSWORD, pointer="#/old")])
        self._guesses.clear(login)
        hashed = await self._passwords.hash(body.new)
        after = await self._people.change(login, lambda account: replace(account, password_hash=hashed), call.by)
        assert after is not None, "people are never deleted"
        self._sessions.end_all(login)
        return Answer(204, session=self._sessions.begin(after))

    async def list_queues(self, call: Call) -> Answer:
        """The queues that the dialogues have now"""
        return Answer(200, QueueList(items=[Queue(name=name, title=title) for name, title in self._queues().items()]))


def _me(account: Account) -> Me:
    agent = Me.MyAgent(id=account.agent.id, name=account.agent.name) if account.agent else None
    return Me(login=account.login, name=account.name, role=account.role, language=account.language, agent=agent)
