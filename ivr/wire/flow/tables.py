"""The tables of ``dialplans/*.toml``, as pydantic checks them. What they mean together is checked in ``flow_check``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ivr.core.caller import OrderStatus, Tier
from ivr.core.flow.condition import ALWAYS, Condition
from ivr.core.flow.nodes import ProofMethod
from ivr.core.flow.spoken_commands import CommandName
from ivr.core.flow.values import ValueKind
from ivr.core.flow.wishes import WishName
from ivr.core.language import LANGUAGES, Language
from ivr.core.told import meant
from ivr.wire.flow import conditions
from ivr.wire.written.refusals import At, written
from ivr.wire.written.strict import STRICT, Price, lists_are_tuples

Name = Annotated[
    str, written(r"[A-Za-z][A-Za-z0-9_-]{0,63}", "a name of letters, digits, _ and - that begins with a letter")
]
Slot = Annotated[
    str, written(r"[a-z][a-z0-9_]{0,63}", "a name of small letters, digits and _ that begins with a letter")
]
FieldOf = Annotated[
    str,
    written(r"[A-Za-z][A-Za-z0-9_-]{0,63}\.[a-z][a-z0-9_]{0,63}", 'a look-up and one of its fields, as in "times.at"'),
]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]
Sentences = Annotated[
    tuple[Sentence, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]
"""A list of them; one alone is a list of one."""
Key = Annotated[str, written("[1-8]", 'one of the keys "1" to "8": 0, 9, * and # are the machine\'s own')]
WebPath = Annotated[str, written("/.*", 'a path that begins with /, as in "/times/{day}"')]


def _digits(value: object) -> object:
    """How many digits: a number, or the fewest and the most of them."""
    if type(value) is int:
        return value, value
    if isinstance(value, tuple) and [type(one) for one in value] == [int, int]:
        return value
    raise ValueError("write how many digits, digits = 4, or the fewest and the most, digits = [4, 8]")


Digits = Annotated[tuple[int, int], BeforeValidator(_digits)]


class Table(BaseModel):
    """One table; unknown keys are mistakes."""

    model_config = ConfigDict(**STRICT, arbitrary_types_allowed=True)
    _lists = lists_are_tuples


class WithCondition(Table):
    """A table that has a ``when``."""

    when: Condition = ALWAYS

    @field_validator("when", mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, str):
            raise ValueError('write a condition between quotes, as in "known and queue.orders.waiting >= 5"')
        return conditions.read(value)


class DialogueTable(Table):
    """[dialogue]."""

    start: Name
    language: Language = "en"
    fallback_queue: Name = "ivr-fallback"
    patience: int = Field(default=3, ge=1, le=9)
    restart: Name | None = None
    person: Name | None = None
    emergency: Name | None = None
    emergencies: Literal["are treated like any other call"] | None = None


class WishTable(Table):
    """[wishes.NAME]."""

    phrases: dict[Language, tuple[Sentence, ...]]
    unlike: dict[Language, tuple[Sentence, ...]] = {}
    keywords: dict[Language, tuple[Sentence, ...]] = {}


class AnswersTable(Table):
    """[answers]: yes and no."""

    yes: dict[Language, Sentences]
    no: dict[Language, Sentences]


class QueueTable(Table):
    """[queues.NAME]."""

    title: dict[Language, Sentence]
    skill: Name | None = None
    timeout_s: int = Field(default=300, ge=10, le=86_400)
    overflow: tuple[Name, ...] = ()
    overflow_s: int | None = Field(default=None, ge=0, le=86_400)
    hours: Slot | None = None
    closed: Name | None = None


class LikelyTable(WithCondition):
    """One piece of history in [intents.NAME] ``likely``."""

    weight: float = Field(gt=0, le=0.6)
    because: dict[Language, Sentence]


class IntentTable(Table):
    """[intents.NAME]."""

    title: dict[Language, Sentence]
    phrases: dict[Language, Sentences]
    keywords: dict[Language, Sentences] = {}
    queue: Name | None = None
    node: Name | None = None
    skill: Name | None = None
    key: Key | None = None
    menu: Name = "intents"
    cost: Literal["low", "high"] = "low"
    likely: tuple[LikelyTable, ...] = ()
    opening: dict[Language, Sentence] | None = None
    about: dict[Language, Sentence] | None = None
    private: bool = False
    it: dict[Language, Sentence] | None = None


class LookupTable(Table):
    """[lookups.NAME]."""

    source: Name = "house"
    sql: str | None = Field(default=None, min_length=1, max_length=4000)
    path: WebPath | None = None
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    takes: tuple[str, ...] = ()
    gives: tuple[Slot, ...] = ()
    writes: bool | None = None
    timeout_s: float = Field(default=2.0, ge=0.05, le=30)
    retries: int = Field(default=1, ge=0, le=5)
    filler_after_s: float = Field(default=1.0, ge=0.1, le=30)
    label: dict[Language, Sentence] | None = None


class ChoiceTable(WithCondition):
    """One choice of ``say``."""

    prompt: Name | None = None
    next: Name | None = None


class WayTable(WithCondition):
    """One way of ``branch``."""

    next: Name


class SuggestionTable(WithCondition):
    """One suggestion of ``ask``: of an intent, or of the last unsolved call's (``called_again``)."""

    intent: Name | None = None
    called_again: Literal[True] | None = None
    prompt: Name
    unnamed: Name | None = None
    next: Name | None = None


class DoorTable(Table):
    """One door of ``menu``."""

    key: Key
    node: Name
    title: dict[Language, Sentence]


class NodeTable(Table):
    """[nodes.NAME]: exactly one of the first twelve keys is its kind."""

    say: tuple[ChoiceTable, ...] | None = None
    ask: Literal["intent"] | None = None
    menu: Name | None = None
    collect: Slot | None = None
    decide: Name | None = None
    branch: tuple[WayTable, ...] | None = None
    look_up: Name | None = None
    prove: tuple[ProofMethod, ...] | None = Field(default=None, min_length=1)
    call: Name | None = None
    back: Literal[True] | None = None
    route: Literal["intent"] | None = None
    end: Name | None = None

    prompt: Name | None = None
    again: Name | None = None
    confirm: str | None = None
    option: Name | None = None
    person: Name | None = None
    queue: Name | None = None
    next: Name | None = None
    label: dict[Language, Sentence] | None = None
    kind: ValueKind = "digits"
    digits: Digits | None = None
    names: dict[Language, Sentences] | None = None
    names_from: FieldOf | None = None
    names_kind: ValueKind | None = None
    known: Literal["no", "late_order", "only_order"] = "no"
    check: Name = "no"
    secret: bool = False
    otherwise: Name | None = None
    anew: bool = False
    offer: Name | None = None
    none: Name | None = None
    own: bool = False
    usual: FieldOf | None = None
    suggest: tuple[SuggestionTable, ...] = ()
    nothing: Name | None = None
    also: tuple[DoorTable, ...] = ()
    yes: Name | None = None
    no: Name | None = None
    consent: bool = False
    found: Name | None = None
    empty: Name | None = None
    failed: Name | None = None
    filler: Name | None = None
    call_back: bool = False
    without: Name | None = None
    elsewhere: Name | None = None
    number: Name | None = None
    prompts: dict[ProofMethod, Name] | None = None


class OfferTable(Table):
    """[offers.NAME]."""

    title: dict[Language, Sentence]
    say: dict[Language, Sentence]
    intents: tuple[Name, ...] = Field(min_length=1)
    cost: Price = Field(default=Decimal(0), ge=0, le=100_000, decimal_places=2)
    share: Price = Field(default=Decimal(0), ge=0, le=1)
    products: Sentences = ()
    statuses: tuple[OrderStatus, ...] = ()
    tiers: tuple[Tier, ...] = ()
    not_with: tuple[Name, ...] = ()
    once_days: int = Field(default=0, ge=0, le=3_650)

    @field_validator("cost", "share", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        return str(value) if isinstance(value, float) else value  # 0.1 as it is written, not as a machine holds it


class PromptTable(Table):
    """[prompts.NAME]: what is said in each language, and in fewer words to who knows the house."""

    en: Sentences = ()
    zh: Sentences = ()
    short: dict[Language, Sentences] | None = None

    @model_validator(mode="before")
    @classmethod
    def _languages(cls, table: Any) -> Any:
        for key in table if isinstance(table, dict) else ():
            if key not in cls.model_fields and not meant(key, ["short"]):
                raise At(key, f"{key!r} is none of {', '.join(LANGUAGES)}")
        return table


class File(Table):
    """One file."""

    dialogue: DialogueTable | None = None
    answers: AnswersTable | None = None
    commands: dict[CommandName, dict[Language, Sentences]] | None = None
    hours: dict[Slot, dict[str, Any]] = {}
    queues: dict[Name, QueueTable] = {}
    lookups: dict[Slot, LookupTable] = {}
    intents: dict[Name, IntentTable] = {}
    nodes: dict[Name, NodeTable] = {}
    prompts: dict[Name, PromptTable] = {}
    offers: dict[Name, OfferTable] = {}
    wishes: dict[WishName, WishTable] = {}
