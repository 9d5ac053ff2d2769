"""What pydantic finds, in our words: none of its own sentences comes through, whatever it finds."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from ivr.wire.written.refusals import At, refusals


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    port: int = 1

    @model_validator(mode="after")
    def _right(self) -> Inner:
        if self.port == 7:
            raise At("port", "is unlucky: write another")
        return self


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    inner: Inner | None = None
    several: dict[str, tuple[Inner, ...]] = {}
    mode: Literal["on", "off"] = "on"
    id: UUID | None = None
    address: IPv4Address | None = None
    size: bytes = b""


def told(raw: dict[str, Any], say_values: bool = True) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        Table.model_validate(raw)
    return [(".".join(one.path), one.what) for one in refusals(refused.value, Table, say_values)]


@pytest.mark.parametrize("raw", [{"id": "x"}, {"address": "x"}, {"size": 5}])
def test_what_we_have_no_sentence_for(raw: dict[str, Any]) -> None:
    [(path, what)] = told(raw)
    assert path == next(iter(raw)) and what.endswith(" cannot be used here: see the same key in the project's own file")


def test_keys_are_known_wherever_their_table_stands() -> None:
    wanted = "there is no such key; did you mean 'port'? Known here are port"
    assert told({"inner": {"prot": 1}}) == [("inner.prot", wanted)]
    assert told({"several": {"x": [{"prot": 1}]}}) == [("several.x.0.prot", wanted)]


def test_table_s_own_check_names_its_key() -> None:
    assert told({"several": {"x": [{}, {"port": 7}]}}) == [("several.x.1.port", "is unlucky: write another")]


def test_values_may_stay_unsaid() -> None:
    assert told({"mode": "secret"}, say_values=False) == [("mode", "what stands there is none of on, off")]
    assert told({"inner": {"port": "secret"}}, say_values=False)[0][1].startswith(
        "what stands there is no whole number"
    )


def test_one_sentence_for_one_place() -> None:
    assert len(told({"several": {"x": 5}})) == 1
