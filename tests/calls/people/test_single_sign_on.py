"""Whom the provider has let in, and whether this house lets them in, too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ivr.calls.people.accounts import Account, Change, LastAdmin, Taken
from ivr.calls.people.audit import Actor
from ivr.calls.people.single_sign_on import Identified, SsoAdmission, SsoRules
from ivr.calls.ports import Refused

HERE = "192.0.2.1"


class People:
    """People in memory; the last admin stays one, as in the database."""

    def __init__(self, *accounts: Account) -> None:
        self.by_login = {account.login: account for account in accounts}
        self.done: list[tuple[str, str]] = []

    async def everybody(self) -> list[Account]:
        return list(self.by_login.values())

    async def account(self, login: str) -> Account | None:
        return self.by_login.get(login)

    async def by_subject(self, subject: str) -> Account | None:
        return next((one for one in self.by_login.values() if one.subject == subject), None)

    async def add(self, account: Account, by: Actor) -> None:
        if any(account.login.lower() == login.lower() for login in self.by_login):
            raise Taken("login", account.login, "somebody")
        self.by_login[account.login] = account
        self.done.append(("added", by.who))

    async def change(self, login: str, change: Change, by: Actor) -> Account | None:
        after = change(self.by_login[login])
        others = [one for one in self.by_login.values() if one.role == "admin" and one.login != login]
        if self.by_login[login].role == "admin" and after.role != "admin" and not others:
            raise LastAdmin
        self.by_login[login] = after
        self.done.append(("changed", by.who))
        return after


SUE = Account("sue", "$argon2id$x", role="supervisor", name="Sue")


def who(subject: str = "https://id u-1", **claims: Any) -> Identified:
    return Identified(subject, {"preferred_username": "sue", **claims})


async def test_person_who_is_known_comes_in_and_is_bound() -> None:
    people = People(SUE)
    admission = SsoAdmission(people, SsoRules())
    account = await admission.admit(who(), HERE)
    assert account == replace(SUE, subject="https://id u-1") == people.by_login["sue"]
    await admission.admit(who(), HERE)
    assert people.done == [("changed", "sue")], "the second time there is nothing to change"


async def test_bound_person_comes_in_under_whatever_name() -> None:
    people = People(replace(SUE, subject="https://id u-1"))
    account = await SsoAdmission(people, SsoRules()).admit(who(preferred_username="married"), HERE)
    assert account.login == "sue"
    assert (await SsoAdmission(people, SsoRules()).admit(Identified("https://id u-1", {}), HERE)).login == "sue"


async def test_name_that_was_given_to_somebody_else_opens_nothing() -> None:
    people = People(replace(SUE, subject="https://id u-1"))
    with pytest.raises(Refused):
        await SsoAdmission(people, SsoRules()).admit(who("https://id u-2"), HERE)
    with pytest.raises(Refused):
        await SsoAdmission(people, SsoRules()).admit(who("https://other u-1"), HERE)
    assert people.done == []


@pytest.mark.parametrize("account", [replace(SUE, active=False), replace(SUE, active=False, subject="https://id u-1")])
async def test_who_is_inactive_stays_outside(account: Account) -> None:
    with pytest.raises(Refused, match="not known here"):
        await SsoAdmission(People(account), SsoRules(create=True)).admit(who(), HERE)


@pytest.mark.parametrize("name", [None, 5, ["sue"], "a b", "", "x" * 65, "sue\n", "Sue", "nobody"])
async def test_who_has_no_account_stays_outside(name: Any) -> None:
    for claims in ({}, {"preferred_username": name}):
        with pytest.raises(Refused, match="not known here"):
            await SsoAdmission(People(SUE), SsoRules()).admit(Identified("https://id u-1", claims), HERE)


# -- by e-mail

BY_MAIL = SsoRules(login_claim="email")
MAIL = Account("sue@example.com", "", role="supervisor")


async def test_verified_address_is_a_login() -> None:
    account = await SsoAdmission(People(MAIL), BY_MAIL).admit(who(email="Sue@Example.com", email_verified=True), HERE)
    assert account.login == "sue@example.com"


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_address_that_nobody_has_verified_is_none(verified: Any) -> None:
    with pytest.raises(Refused):
        await SsoAdmission(People(MAIL), BY_MAIL).admit(who(email="sue@example.com", email_verified=verified), HERE)


@pytest.mark.parametrize(
    ("email", "verified", "inside"),
    [
        ("a@example.com", True, True),
        ("a@EXAMPLE.com", True, True),
        ("a@other.example.com", True, False),
        ("a@example.com.evil.org", True, False),
        ("a@evil.org@example.com", True, False),
        ("example.com", True, False),
        ("@example.com", True, False),
        ("a@example.com", False, False),
        (None, True, False),
    ],
)
async def test_only_people_of_the_domains_come_in(email: str | None, verified: bool, inside: bool) -> None:
    admission = SsoAdmission(People(SUE), SsoRules(domains=("example.com", "Example.org")))
    asked = admission.admit(who(email=email, email_verified=verified), HERE)
    if inside:
        assert (await asked).login == "sue"
    else:
        with pytest.raises(Refused):
            await asked


# -- new ones


async def test_new_one_becomes_an_agent_without_a_phone_where_that_is_wanted() -> None:
    people = People(SUE)
    account = await SsoAdmission(people, SsoRules(create=True)).admit(
        Identified("https://id u-9", {"preferred_username": "eve", "name": "Eve\u202e\x07 Ott" + "x" * 300}), HERE
    )
    assert (account.role, account.agent, account.password_hash, account.subject) == (
        "agent",
        None,
        "",
        "https://id u-9",
    )
    assert account.name.startswith("Eve Ott") and len(account.name) == 200 and people.by_login["eve"] == account
    with pytest.raises(Refused):
        await SsoAdmission(people, SsoRules(create=True)).admit(who("https://id u-7", preferred_username="SUE"), HERE)


# -- roles by groups

GROUPS = SsoRules(role_claim="groups", roles={"leads": "supervisor", "it": "admin"}, create=True)


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["leads"], "supervisor"),
        (["x", "it", "leads"], "admin"),
        ("leads", "supervisor"),
        ([], "agent"),
        (None, "agent"),
        (["LEADS", "leads "], "agent"),
        ([["it"], {"it": 1}, 5], "agent"),
        ({"it": True}, "agent"),
    ],
)
async def test_groups_give_the_role_at_every_sign_in(groups: Any, role: str) -> None:
    people = People(SUE, Account("root", "", role="admin"))
    assert (await SsoAdmission(people, GROUPS).admit(who(groups=groups), HERE)).role == role
    new = await SsoAdmission(people, GROUPS).admit(
        Identified("https://id u-9", {"preferred_username": "eve", "groups": groups}), HERE
    )
    assert new.role == role


async def test_without_groups_roles_are_given_here() -> None:
    account = await SsoAdmission(People(SUE), SsoRules()).admit(who(groups=["it"]), HERE)
    assert account.role == "supervisor"


async def test_last_admin_keeps_the_role_whatever_the_groups_say() -> None:
    people = People(replace(SUE, role="admin"))
    account = await SsoAdmission(people, GROUPS).admit(who(groups=[]), HERE)
    assert (account.role, account.subject) == ("admin", "https://id u-1")


RULES = {"agents": "agent", "call center": "supervisor", "/house/boss": "admin"}


@pytest.mark.parametrize(
    ("way", "claims", "role"),
    [
        ("groups", {"groups": ["/call center"]}, "supervisor"),
        ("groups", {"groups": "call center"}, "supervisor"),
        ("groups", {"groups": "agents, call center"}, "supervisor"),
        ("groups", {"groups": "agents house/boss"}, "admin"),
        ("groups", {"groups": "agents,/house/boss"}, "admin"),
        ("groups", {"groups": ["house/boss"]}, "admin"),
        ("realm_access.roles", {"realm_access": {"roles": ["x", "call center"]}}, "supervisor"),
        ("resource_access.my.client.roles", {"resource_access": {"my.client": {"roles": ["call center"]}}}, "supervisor"),
        ("https://house.example/roles", {"https://house.example/roles": ["call center"]}, "supervisor"),
        ("a.b", {"a.b": ["call center"], "a": {"b": ["/house/boss"]}}, "supervisor"),
        # what is no such group
        ("groups", {"groups": ["/other/call center", "call", "CALL CENTER", "call center2", "//call center"]}, "agent"),
        ("groups", {"groups": "boss"}, "agent"),
        ("groups", {"groups": ""}, "agent"),
        ("groups", {"groups": {"call center": True}}, "agent"),
        ("groups", {"groups": [{"name": "call center"}, ["call center"], 5, None, True]}, "agent"),
        ("groups", {"groups": 5}, "agent"),
        ("groups", {}, "agent"),
        ("realm_access.roles", {"realm_access": ["roles"]}, "agent"),
        ("realm_access.roles", {"realm_access": None}, "agent"),
        ("realm_access.roles", {"realm_access": {"roles": None}}, "agent"),
        ("realm_access..roles", {"realm_access": {"": {"roles": "call center"}}}, "supervisor"),
    ],
)  # fmt: skip
async def test_groups_wherever_and_however_they_stand(way: str, claims: dict[str, Any], role: str) -> None:
    people = People(SUE, replace(SUE, login="root", role="admin"))
    account = await SsoAdmission(people, SsoRules(role_claim=way, roles=RULES)).admit(who(**claims), HERE)  # type: ignore[arg-type]
    assert account.role == role


async def test_login_may_stand_further_in() -> None:
    rules = SsoRules(login_claim="profile.login")
    account = await SsoAdmission(People(SUE), rules).admit(
        Identified("https://id u-1", {"profile": {"login": "sue"}}), HERE
    )
    assert account.login == "sue"
