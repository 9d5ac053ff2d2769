"""The API against its own description: Schemathesis reads the document and sends what fits it and what does not.

Nothing is left to chance: the same requests come at every run.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zlib import crc32

import jsonschema_rs
import pytest
import requests
import schemathesis
from schemathesis import Case
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from ivr.adapters.database import DatabaseCallBacks
from ivr.calls.call_backs.requests import CallBackRequests
from ivr.calls.floor.call_tests import RecordingServices
from ivr.calls.floor.supervision import Supervision
from ivr.calls.integrations.webhooks import Webhook
from ivr.calls.people.api_keys import SCOPES
from ivr.core.call_back import CallBack
from ivr.core.caller import CallId
from ivr.web.api.field_types import ID
from ivr.web.api.routes import DOCUMENT
from ivr.web.server import WebServices, WebSettings, build_app
from ivr.wire.webhooks.events import EVENTS
from tests.conftest import ALL, PATIENCE_S
from tests.web.floor_house import floor_house
from tests.web.real_house import CONSOLE, office_on
from tests.web.test_floor import DECIDED
from tests.web.web_fakes import NOW

load_all_checks()
UNBOUNDED = {
    "key_requests_per_s": 1e6,
    "person_requests_per_s": 1e6,
    "max_attempts": 10**6,
    "max_attempts_per_address": 10**6,
}
"""Whoever asks as often as this is told to wait; here it is the answers that are looked at."""
HOOK = "a" * 16
CALL = CallId(UUID(int=1))
"""One that waits."""
OVER = CallId(UUID(int=2))
"""One in which something was said."""
ONE_IN = 5
"""So many operations of the API have one that is asked for when not all are."""
SEEN: dict[str, set[int]] = defaultdict(set)


@dataclass(slots=True)
class Running:
    """The server in a thread of its own, and how it is asked."""

    url: str
    key: dict[str, str]
    session: dict[str, str]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """The server: Schemathesis waits for answers, and must not wait in the server's own loop."""
    ready: list[Running] = []
    began, over = threading.Event(), threading.Event()

    async def serve() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with floor_house(Path(folder), **UNBOUNDED) as floor, floor.site.signed_in("root") as root:
                site = floor.site
                floor.calls.call = OVER
                ended = floor.calls.in_queue()
                ended.ledger.add(ended.ledger.began, "heard", text="late", language="en", node="reason", asking=None)
                floor.calls.hangs_up()
                await floor.write_down()
                floor.calls.call = CALL
                waits = floor.calls.in_queue()
                later = datetime.now(UTC) + timedelta(days=1)
                wanted = CallBack(str(CALL), "+4930901820", "promised", later, NOW, "wei", "test")
                await DatabaseCallBacks(site.store, "DE").add(wanted)
                waits.ledger.add(waits.ledger.began, "decided", **DECIDED)
                _, text = await site.make_key(*SCOPES)
                salt, check, _ = office_on(site.store).signer.new()
                hook = Webhook(HOOK, "https://crm.example/", EVENTS, False, True, NOW, "root", salt, check)
                await site.webhooks.add(hook, CONSOLE)
                cookies = "; ".join(f"{c.key}={c.value}" for c in root.http.cookie_jar)
                ready.append(
                    Running(site.url, {"Authorization": f"Bearer {text}"}, {**root.headers, "Cookie": cookies})
                )
                began.set()
                await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert began.wait(PATIENCE_S)
    yield ready[0]
    over.set()
    thread.join(PATIENCE_S)


def described() -> dict[str, Any]:
    """The document, which needs no database to be made."""
    nobody: Any = None
    house = WebServices(*(nobody for _ in fields(WebServices)))
    house = replace(
        house,
        supervision=Supervision(nobody, nobody, nobody, nobody),
        call_backs=CallBackRequests(*([nobody] * 7)),
        recording=RecordingServices(nobody, nobody, dict),
    )
    document: dict[str, Any] = json.loads(build_app(house, settings=WebSettings(secure_cookies=False))[DOCUMENT])
    return document


def _right(name: str, value: Any) -> bool:
    """Whether that is how a customer may be named; what is wrong on purpose must stay wrong."""
    forms = {"id": ID, "number": r"[0-9+() ./-]{3,32}", "email": r"[^@\s]{1,64}@[^@\s]{1,128}",
             "intent": r"[A-Za-z][A-Za-z0-9_-]{0,63}", "queue": r".{1,64}",
             "call": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"}  # fmt: skip
    return name in forms and isinstance(value, str) and re.fullmatch(forms[name], value) is not None


def _known(context: Any, body: Any) -> Any:
    """What speaks of a customer speaks of one whom the house knows."""
    whom = body.get("customer") if isinstance(body, dict) else None
    if context.operation.path.endswith("/move") and isinstance(body, dict) and body.get("kind") == "queue":
        body |= {"name": "billing"} if _right("queue", body.get("name")) else {}
    if context.operation.path.endswith("/test") and isinstance(body, dict) and _right("intent", body.get("intent")):
        body["intent"] = "late"
    if isinstance(body, dict) and isinstance(word := body.get("password"), str) and 10 <= len(word) <= 1024:
        body["password"] = "tulip gravel seven"  # what is made up is soon guessed
    if isinstance(whom, dict) and len(whom) == 1 and all(_right(name, value) for name, value in whom.items()):
        body["customer"] = {"id": "C1"}
    return body


def _there(context: Any, parameters: Any) -> Any:
    """The customer of a timeline is there, every other time, and so is a webhook where it is not removed."""
    if context.operation.path.startswith("/customers/") and len(parameters["id"]) % 2:
        parameters["id"] = "C1"
    path, method = context.operation.path, context.operation.method.upper()
    if path.startswith("/webhooks/") and method != "DELETE" and sum(parameters["id"].encode()) % 2:
        parameters["id"] = HOOK
    if "call" in (parameters or {}) and _right("call", parameters["call"]) and ord(parameters["call"][0]) % 2:
        parameters["call"] = str(OVER if path.endswith("/test") else CALL)
    if context.operation.path.startswith("/call-backs/") and ord(parameters["id"][0]) % 2:
        parameters["id"] = str(CALL)
    if context.operation.path.startswith("/agents/") and len(parameters["id"]) % 2:
        parameters["id"] = "ben"
    return parameters


def schema(security: str) -> Any:
    """The part of the API that is opened by a key, or by a session."""

    def opened(context: Any) -> bool:
        asked = ALL or crc32(context.operation.label.encode()) % ONE_IN == 0
        return asked and any(security in way for way in context.operation.definition.raw["security"])

    config = schemathesis.Config.from_dict(
        {
            "base-url": "http://127.0.0.1/api/v1",
            "generation": {"deterministic": True, "max-examples": 50 if ALL else 20, "with-security-parameters": False},
            "checks": {
                "ignored_auth": {"enabled": False}
            },  # tests/web/guard/test_routes.py asks everybody for everything
        }
    )
    made = schemathesis.openapi.from_dict(described(), config=config).include(opened)
    made.hook("map_body")(_known)
    made.hook("map_path_parameters")(_there)
    return made


@schema("key").parametrize()
def test_what_keys_open_keeps_to_its_description(case: Case, running: Running) -> None:
    keep(case, running, running.key)


@schema("session").parametrize()
def test_what_people_open_keeps_to_its_description(case: Case, running: Running) -> None:
    keep(case, running, running.session)


def keep(case: Case, running: Running, headers: dict[str, str]) -> None:
    # What fits the description may still name nobody who is there, or a time that has not come.
    answer = case.call_and_validate(
        base_url=f"{running.url}/api/v1", headers=headers, excluded_checks=[positive_data_acceptance]
    )
    SEEN[case.operation.label].add(answer.status_code)


def test_document_is_served_as_it_is_made(running: Running) -> None:
    answer = requests.get(f"{running.url}/api/v1/openapi.json", headers=running.key, timeout=PATIENCE_S)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json() == {**described(), "info": {**described()["info"], "version": "9.8.7"}}


def test_document_is_right() -> None:
    """References lead somewhere, and every schema is one."""
    document = described()
    text = json.dumps(document)
    for part in text.split('"$ref": "#/')[1:]:
        place: Any = document
        for step in part.split('"')[0].split("/"):
            place = place[step]
    for model in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$defs": document["components"]["schemas"], **model})
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_everything_was_also_done_and_not_only_refused() -> None:
    """The last one: what is refused from the first to the last request keeps to every description."""
    if len(SEEN) < sum(len(path) for path in described()["paths"].values()):
        pytest.skip("not everything was asked for")
    never = {label for label, statuses in SEEN.items() if not any(status < 300 for status in statuses)}
    assert never <= {
        "DELETE /keys/{id}", "DELETE /webhooks/{id}", "GET /contacts/{id}", "POST /me/password", "POST /calls/{call}/listen",
        "POST /me/second-factor", "POST /me/second-factor/confirm", "POST /me/second-factor/remove",
        "DELETE /people/{login}/second-factor", "POST /call-backs",
    }, "nobody guesses an id, a password, a code or who has agreed to be called, and who asks has no phone"  # fmt: skip
