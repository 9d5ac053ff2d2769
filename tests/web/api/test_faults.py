"""Where something is wrong is told by the sender's own names, whatever the model is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pydantic import BaseModel, ValidationError

from ivr.web.api import call_backs, call_tests, contacts, floor, keys, me, people, second_factor, signals, webhooks
from ivr.web.api.endpoint import Model
from ivr.web.api.faults import faults
from tests.web.real_house import real_site

PARTS = (call_backs, call_tests, contacts, floor, keys, me, people, second_factor, signals, webhooks)
MODELS = [
    pytest.param(one, id=f"{part.__name__.rpartition('.')[2]}.{name}")
    for part in PARTS
    for name, one in vars(part).items()
    if isinstance(one, type) and issubclass(one, Model) and one.__module__ == part.__name__
]
DEEP = {
    "id": {}, "number": [], "email": 5, "interface": {}, "queues": [{}, 5], "languages": "xx", "skills": {"a": 11, "b": {}},
    "per_call": {}, "constrained-str": {}, "a/b~c": 1,
}  # fmt: skip
WRONG = [5, -1, 1.5, "", [], {}, "x" * 9000, True, None, ["x"], [5], [None], [{}], {"a": 1}, DEEP]


def resolves(pointer: str, sent: Any) -> bool:
    """Whether a JSON pointer leads to something that was sent; its last step may be a field that was left out."""
    steps = [unquote(step).replace("~1", "/").replace("~0", "~") for step in pointer.removeprefix("#").split("/")[1:]]
    for number, step in enumerate(steps):
        if isinstance(sent, list) and step.isdecimal() and int(step) < len(sent):
            sent = sent[int(step)]
        elif isinstance(sent, dict) and step in sent:
            sent = sent[step]
        else:
            return isinstance(sent, dict) and number == len(steps) - 1 and step.isidentifier()
    return True


def wrong_ones(model: type[BaseModel]) -> Iterator[dict[str, Any]]:
    for name in model.model_fields:
        yield from ({name: value} for value in WRONG)


@pytest.mark.parametrize("model", MODELS)
def test_every_pointer_leads_to_what_was_sent_and_each_is_told_once(model: type[BaseModel]) -> None:
    told = 0
    for sent in wrong_ones(model):
        try:
            model.model_validate_json(json.dumps(sent))
        except ValidationError as error:
            found = faults(error, model, sent)
            pointers = [fault.pointer or "" for fault in found]
            assert found and all(resolves(one, sent) for one in pointers), (sent, pointers)
            assert len(set(pointers)) == len(pointers)
            told += 1
    assert told


async def test_field_that_may_be_left_out_is_told_by_its_name_and_for_what_it_is(tmp_path: Path) -> None:
    async with real_site(tmp_path) as site, site.signed_in() as root:
        status, problem = await root.ask(
            "PATCH", "/people/wei", {"name": 5, "role": "boss", "phone": {"interface": []}}
        )
        assert status == 422
        assert {one["pointer"]: one["detail"] for one in problem["errors"]} == {
            "#/name": "must be text", "#/role": "must be one of 'agent', 'supervisor' or 'admin'",
            "#/phone/interface": "must be text", "#/phone/queues": "is missing",
        }  # fmt: skip
