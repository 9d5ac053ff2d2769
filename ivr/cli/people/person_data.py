"""``ivr person-data``: what is kept of a person is given out or erased; what is too old is taken out; what is kept where."""

from __future__ import annotations

import argparse
import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

from ivr.adapters.database import DatabaseAudit, Store
from ivr.adapters.database.privacy.masking import DatabaseMasking
from ivr.adapters.database.privacy.personal import Person, SeveralCustomers
from ivr.adapters.database.schema import catalogue
from ivr.adapters.own_files import write_alone
from ivr.calls.people.audit import Actor, Entry, acting
from ivr.cli.people.person import user
from ivr.config.load import Config, load
from ivr.core.told import Told
from ivr.server.data.personal_data import PersonalData
from ivr.server.data.retention import rinsed, tidy
from ivr.wire.phone_numbers import NoNumber, read_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr person-data`` may be told."""
    parser.add_argument("number", nargs="?", help="their telephone number")
    parser.add_argument("--customer", metavar="ID", help="which customer, where several have the number")
    parser.add_argument(
        "--only", choices=("recordings", "preferences"),
        help="erase only the sound of their calls with the tests made of them, or how they like to be spoken to",
    )  # fmt: skip
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--export", type=Path, metavar="FILE", help="write all that is kept of them into a new JSON file")
    what.add_argument("--erase", action="store_true", help="erase them everywhere; what is counted stays, of nobody")
    what.add_argument("--again", action="store_true", help="erase once more whoever was, after a copy was put back")
    what.add_argument("--sweep", action="store_true", help="take out what is older than [privacy] says, as every night")
    what.add_argument(
        "--mask-old", action="store_true", help="mask card numbers in what was stored before they were masked"
    )
    what.add_argument("--catalogue", action="store_true", help="print what is kept where (docs/privacy.md)")


def run(asked: argparse.Namespace) -> int:
    """Do what is asked. Raises Told."""
    if asked.catalogue:
        print(catalogue.page(), end="")
        return 0
    config = load(asked.config)
    one_person = asked.export or asked.erase
    if asked.only and not asked.erase:
        raise Told("--only goes with --erase")
    if bool(asked.number) is not bool(one_person):
        raise Told("name the person by their telephone number" if one_person else "no number is asked for with that")
    print(asyncio.run(_do(asked, config, asked.config.resolve().parent)))
    return 0


async def _do(asked: argparse.Namespace, config: Config, root: Path) -> str:
    async with Store.opened(config.database.url, config.privacy.card_safe) as store:
        house, by = PersonalData(config, root, store), Actor(f"console:{user()}")
        if asked.sweep or asked.mask_old:
            if asked.mask_old and not config.privacy.card_safe:
                raise Told("[privacy] card_safe is false: nothing is masked in this house")
            said = (
                await tidy(config, store, by, datetime.now(UTC))
                if asked.sweep
                else f"{await DatabaseMasking(store).mask(by)} rows from before were masked."
            )
            return said + await rinsed(config, store)
        if asked.again:
            return f"{await house.again(by)} erasures done again."
        person = await _person(house, asked, config)
        if asked.only == "recordings":
            return f"Erased: {await house.erase_recordings(person, by)}."
        if asked.only == "preferences":
            return f"Erased: {await house.erase_preferences(person, by)} preferences."
        if asked.erase:
            return f"Erased: {await house.erase(person, by)}."
        given = Entry(by, "person.exported", person.customer, {"contacts": len(person.contacts)}, of_customer=True)
        async with acting(DatabaseAudit(store), given):
            kept = await house.export(person)
            if not any(kept[part] for part in ("tables", "recordings", "tests", "not_in_the_database")):
                return f"{asked.number}: nothing is kept of this person, and no file was written."
            write_alone(asked.export, json.dumps(kept, default=str, ensure_ascii=False, indent=1) + "\n", "x")
        return f"{asked.export}: {len(person.contacts)} contacts, and all else that is kept."


async def _person(house: PersonalData, asked: argparse.Namespace, config: Config) -> Person:
    try:
        return await house.find(read_number(asked.number, config.database.country), asked.customer)
    except NoNumber as error:
        raise Told(str(error)) from error
    except SeveralCustomers as error:
        raise Told(
            f"{asked.number}: {len(error.customers)} customers have this number: say which with --customer"
            f" {' or --customer '.join(error.customers)}"
        ) from error
    except LookupError as error:
        raise Told(f"--customer {asked.customer}: no customer of that id has {asked.number}") from error
