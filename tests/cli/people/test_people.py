"""``ivr person`` and ``ivr people``, as somebody types them."""

from __future__ import annotations

import asyncio
import shutil
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from ivr.adapters.database import DatabaseAccounts, DatabaseAudit, DatabaseSecondFactors, Store
from ivr.calls.people.accounts import Account, Allowance
from ivr.calls.people.audit import Actor, AuditFilter, Entry
from ivr.cli.main import main
from ivr.cli.people.importing import MOST_BYTES
from ivr.cli.people.person import user
from tests.command_line import ivr_in_a_process
from tests.thrift import STRONG

PHONE = ("--interface", "PJSIP/1001", "--queues", "orders,returns")


class Console:
    """A folder with settings, and somebody who types."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._capsys, self._monkeypatch = folder, capsys, monkeypatch
        self.url = f"sqlite:///{folder / 'ivr.db'}"
        (folder / "config.toml").write_text(f'[database]\nurl = "{self.url}"\n')
        shutil.copytree("dialplans", folder / "dialplans")
        monkeypatch.setenv("IVR_PASSWORD", "a long password")
        monkeypatch.delenv("IVR_DATABASE_URL", raising=False)

    def type(self, *words: str) -> tuple[int, str, str]:
        """The exit code, what was printed, and what was complained of."""
        self._monkeypatch.setattr(sys, "argv", ["ivr", *words, "--config", str(self.folder / "config.toml")])
        self._capsys.readouterr()
        try:
            code = main()
        except SystemExit as left:
            code = int(left.code or 0)
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def account(self, login: str) -> Account | None:
        async def ask() -> Account | None:
            store = Store(self.url)
            try:
                return await DatabaseAccounts(store).account(login)
            finally:
                await store.close()

        return asyncio.run(ask())

    def trail(self) -> list[Entry]:
        async def ask() -> list[Entry]:
            store = Store(self.url)
            try:
                return await DatabaseAudit(store).page(AuditFilter(), 100)
            finally:
                await store.close()

        return asyncio.run(ask())


def test_password_is_hashed_as_costly_as_argon2_s_authors_advise(console: Console) -> None:
    """By the product alone: in the tests' own process hashing is cheap."""
    words = ("person", "root", "--name", "Rut Ott", "--role", "admin", "--config", console.folder / "config.toml")
    done = ivr_in_a_process(*words, IVR_PASSWORD="a long password")
    assert done.returncode == 0, done.stderr
    found = console.account("root")
    assert found and found.password_hash.startswith(STRONG)


@pytest.fixture
def console(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Console:
    return Console(tmp_path, capsys, monkeypatch)


def test_first_admin_is_made_here(console: Console) -> None:
    code, out, _ = console.type("person", "root", "--name", "Rut Ott", "--role", "admin")
    assert code == 0 and "root" in out and "no phone" in out
    found = console.account("root")
    assert found and (found.name, found.role, found.agent) == ("Rut Ott", "admin", None)
    assert found.password_hash.startswith("$argon2id$")
    [entry] = console.trail()
    assert entry.what == "person.added" and entry.by.who.startswith("console:") and entry.by.role is None


def test_what_somebody_may_give_away_is_theirs_until_it_is_that_of_all(console: Console) -> None:
    may = lambda: (found := console.account("ana")) and found.allowance  # noqa: E731
    code, out, err = console.type("person", "ana", "--name", "Ana", *PHONE, "--may", "50", "--may-a-day", "500")
    assert (code, may()) == (0, Allowance(Decimal(50), Decimal(500))), err
    assert "may give 50.00 a call, 500.00 a day" in out
    console.type("person", "ana", "--may", "49.90")
    console.type("person", "ana", "--region", "Berlin")
    assert may() == Allowance(Decimal("49.90"), Decimal(500)), "what is not named stays"
    assert console.type("person", "ana", "--may-as-all")[0] == 0 and may() is None
    console.type("person", "ana", "--may", "60")
    assert may() == Allowance(Decimal(60), Decimal(200)), "the day's is that of all"
    console.type("person", "ana", "--no-phone", "--role", "supervisor")
    assert may() is None
    changes = [entry.detail["allowance"] for entry in console.trail() if "allowance" in entry.detail]
    assert changes[:2] == [
        [{"per_call": "60.00", "per_day": "200.00"}, None],
        [None, {"per_call": "60.00", "per_day": "200.00"}],
    ]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((*PHONE, "--may", "fifty"), "--may: 'fifty' is no amount below a million"),
        ((*PHONE, "--may-a-day", "-1"), "--may-a-day: '-1' is no amount"),
        ((*PHONE, "--may", "1000000"), "--may: '1000000' is no amount"),
        ((*PHONE, "--may", "5", "--may-as-all"), "--may-as-all does not go with --may"),
        (("--role", "supervisor", "--may", "5"), "--may needs a phone"),
    ],
)
def test_what_cannot_be_given_away_is_told(console: Console, words: tuple[str, ...], problem: str) -> None:
    code, _, err = console.type("person", "ana", "--name", "Ana", *words)
    assert code == 1 and problem in err
    assert console.account("ana") is None


def test_agent_is_added_and_only_what_is_named_is_changed(console: Console) -> None:
    code, _, err = console.type(
        "person", "ana", "--name", "Ana", *PHONE, "--languages", "zh,en", "--skills", "a=9", "--region", "Berlin"
    )
    assert code == 0, err
    first = console.account("ana")
    assert first and first.agent and (first.agent.languages, first.agent.region) == (("en", "zh"), "Berlin")
    assert console.type("person", "ana", "--role", "supervisor", "--queues", "billing")[0] == 0
    after = console.account("ana")
    assert after and after.agent and (after.role, after.agent.queues) == ("supervisor", ("billing",))
    assert (after.agent.skills, after.agent.interface) == ({"a": 9}, "PJSIP/1001")
    assert after.password_hash == first.password_hash, "nobody asked for another one"
    console.type("person", "ana", "--password")
    changed = console.account("ana")
    assert changed and changed.password_hash != first.password_hash
    console.type("person", "ana", "--no-phone", "--inactive", "--no-password")
    last = console.account("ana")
    assert last and (last.agent, last.active, last.password_hash) == (None, False, "")
    code, out, _ = console.type("people")
    assert code == 0 and "supervisor, inactive" in out and "no phone" in out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("a b", "--name", "A", *PHONE), "login: 'a b' may have letters"),
        (("ana", *PHONE), "ana is new here: add them with --name, and agents with --interface and --queues"),
        (("ana", "--name", "A\nB", *PHONE), "--name: 'A\\nB' must be one line"),
        (("ana", "--name", " ", *PHONE), "--name: ' ' must be one line"),
        (("ana", "--name", "A"), "an agent needs --interface and --queues"),
        (("ana", "--name", "A", "--interface", "PJSIP/1"), "a phone needs --interface, as PJSIP/1001, and --queues"),
        (("ana", "--name", "A", "--interface", "PJSIP/1", "--queues", "nix"), "--queues: there is no queue 'nix'; known are"),
        (("ana", "--name", "A", "--interface", "a,b", "--queues", "orders"), "--interface: 'a,b' has a character"),
        (("ana", "--name", "A", *PHONE, "--languages", "en,fr"), "--languages: 'fr' is none of en, zh"),
        (("ana", "--name", "A", *PHONE, "--languages", ""), "--languages: one at least of en, zh"),
        (("ana", "--name", "A", *PHONE, "--skills", "a=11"), "--skills: 'a=11' is not SKILL=1…10"),
        (("ana", "--name", "A", *PHONE, "--no-phone"), "--no-phone does not go with --interface"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_is_done(console: Console, words: tuple[str, ...], complaint: str) -> None:
    code, _, err = console.type("person", *words)
    assert code == 1 and f"ivr: {complaint}" in err
    assert console.account("ana") is None


def test_password_that_is_too_short_is_refused(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_PASSWORD", "short")
    code, _, err = console.type("person", "root", "--name", "R", "--role", "admin")
    assert code == 1 and "10 characters or more" in err
    assert console.account("root") is None


@pytest.mark.parametrize("password", ["ruth-rott-1985", "harbourwatches2026", "passwordpassword"])
def test_password_that_is_soon_guessed_is_refused(
    console: Console, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("IVR_PASSWORD", password)
    code, _, err = console.type("person", "root", "--name", "Ruth Rott", "--role", "admin")
    assert code == 1 and "the password is too easily guessed: without common words" in err and password not in err
    assert console.account("root") is None


def test_last_admin_stays_one_here_too(console: Console) -> None:
    console.type("person", "root", "--name", "R", "--role", "admin")
    code, _, err = console.type("person", "root", "--inactive")
    assert code == 1 and "last active administrator" in err


def test_phone_of_somebody_else_is_refused(console: Console) -> None:
    console.type("person", "ana", "--name", "Ana", *PHONE)
    code, _, err = console.type("person", "ben", "--name", "Ben", *PHONE)
    assert code == 1 and "The phone PJSIP/1001 belongs to ana already." in err


def test_nobody_is_told_how_to_add_somebody(console: Console) -> None:
    code, out, err = console.type("people")
    assert (code, out) == (0, "") and "`ivr person --help`" in err


def test_second_factor_is_reset_here(console: Console) -> None:
    console.type("person", "root", "--name", "Rut Ott", "--role", "admin", "--password")
    assert console.type("person", "root", "--reset-second-factor")[:2] == (0, "root has no second factor.\n")
    code, _, complaint = console.type("person", "nobody", "--reset-second-factor")
    assert code != 0 and "nobody here has this login" in complaint

    async def set_up() -> None:
        async with Store.opened(console.url) as store:
            factors = DatabaseSecondFactors(store)
            by = Actor("root", "admin")
            assert await factors.begin("root", "sealed") and await factors.confirm("root", 1, ["a", "b"], by)

    asyncio.run(set_up())
    assert "second factor removed" in console.type("person", "root", "--reset-second-factor")[1]
    account = console.account("root")
    assert account and not account.second_factor
    assert console.trail()[0].what == "second_factor.removed" and console.trail()[0].by.who.startswith("console:")


def test_imports_and_pins_are_in_the_trail(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = console.folder / "c.csv", console.folder / "bad.csv"
    good.write_text("id,name,numbers\nC1,Lin,+4930901820\nC2,Tom,\n")
    bad.write_text("id,name,numbers\nC3,,\n")
    assert console.type("import", "customers", str(good))[0] == 0
    assert console.type("import", "customers", str(bad))[0] == 1
    for pin, code in (("7259", 0), ("1111", 1)):
        monkeypatch.setenv("IVR_PIN", pin)
        assert console.type("customer", "+4930901820", "--pin")[0] == code
    assert console.type("customer", "+4930901820")[0] == console.type("customer", "+4930901820", "--no-pin")[0] == 0
    lines = console.trail()
    assert [(one.what, one.target, one.detail) for one in lines] == [
        ("customer.read", "C1", {}), ("pin.removed", "C1", {}), ("customer.read", "C1", {}), ("customer.read", "C1", {}),
        ("pin.set", "C1", {}), ("data.imported", "customers", {"rows": 2}),
    ]  # fmt: skip
    assert {one.by for one in lines} == {Actor(f"console:{user()}")}


def test_a_file_that_memory_would_not_hold_is_refused_unread(console: Console) -> None:
    huge = console.folder / "huge.csv"
    with huge.open("wb") as made:
        made.truncate(MOST_BYTES + 1)  # of holes, which take no disk
    code, _, err = console.type("import", "customers", str(huge))
    assert code == 1 and "256 MB, and 256 are read at most: cut it in pieces" in err
    with huge.open("wb") as made:
        made.write(b"id,name,numbers\nC1,Lin,+4930901820\n")
    assert console.type("import", "customers", str(huge))[0] == 0
