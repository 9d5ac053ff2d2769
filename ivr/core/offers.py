"""Ways to settle a matter: what may be offered, what others accepted, and what this agent may decide alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations

from ivr.core.caller import Caller, Order, Tier
from ivr.core.language import Text

WAYS = 3
"""As many as an agent can weigh while somebody is on the line."""
DRAWN = 6.0
"""Offers' worth of belief that one is accepted as often as all of them together: few answers say little."""
CENT = Decimal("0.01")
COSTS_LITTLE = Decimal(10)
"""What makes an offer half as attractive as a free one, in the house's currency."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that may be offered, as operators wrote it in ``[offers.NAME]``."""

    name: str
    title: Text
    say: Text
    """What the agent says to the caller."""
    intents: tuple[str, ...]
    cost: Decimal = Decimal(0)
    """What it costs the house, in its currency; with ``share`` the least of it."""
    share: Decimal = Decimal(0)
    """Of the order's amount."""
    products: tuple[str, ...] = ()
    """Words of which the product's name must have one; none: every product."""
    statuses: tuple[str, ...] = ()
    """What the order must be: late, delivered …; none: whatever it is."""
    tiers: tuple[Tier, ...] = ()
    not_with: tuple[str, ...] = ()
    once_days: int = 0
    """Not again for the same customer within so many days; 0: as often as it helps."""

    @property
    def needs_order(self) -> bool:
        """Whether it is about something that was bought."""
        return bool(self.share or self.products or self.statuses)


@dataclass(frozen=True, slots=True)
class Authority:
    """What an agent may still decide alone, in the house's currency."""

    per_call: Decimal = Decimal(0)
    today: Decimal = Decimal(0)
    """What is left of today's."""
    customer: Decimal = Decimal(0)
    """What may still be given to this customer by anybody this month."""

    @property
    def most(self) -> Decimal:
        """The most that a single settlement may cost."""
        return max(min(self.per_call, self.today, self.customer), Decimal(0))


NONE = Authority()


@dataclass(frozen=True, slots=True)
class Answers:
    """How callers have answered one offer."""

    accepted: int = 0
    declined: int = 0

    @property
    def asked(self) -> int:
        """How often it was offered."""
        return self.accepted + self.declined


@dataclass(frozen=True, slots=True)
class ProductNote:
    """A product in small."""

    product: str
    contacts: int
    complaints: tuple[tuple[str, int], ...]
    """Intents that its owners call about, the most frequent first, with how often."""
    answers: tuple[tuple[str, int, int], ...]
    """Offer, how often accepted, how often offered."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to settle it: one offer, or several together."""

    offers: tuple[Offer, ...]
    cost: Decimal
    chance: float
    """The probability that the caller accepts it, from what others have answered."""
    accepted: int
    asked: int
    order: str | None
    allowed: bool
    """Within what this agent may decide alone."""

    @property
    def names(self) -> tuple[str, ...]:
        """What it is made of."""
        return tuple(offer.name for offer in self.offers)


@dataclass(frozen=True, slots=True)
class Matter:
    """What there is to settle."""

    intent: str | None
    caller: Caller
    order: Order | None
    authority: Authority
    answers: Mapping[str, Answers] = field(default_factory=dict)
    """By offer, for this intent."""
    recent: Collection[str] = ()
    """What this customer was given within the time in which it is given once."""


def price(offer: Offer, order: Order | None) -> Decimal:
    """What an offer costs for an order."""
    share = offer.share * amount(order) if order else Decimal(0)
    return max(offer.cost, share).quantize(CENT, ROUND_HALF_UP)


def amount(order: Order | None) -> Decimal:
    """The figure in "189.00 EUR"; 0 where there is none."""
    figure = (order.amount or "").split(" ")[0] if order else ""
    return Decimal(figure) if figure.replace(".", "", 1).isdigit() else Decimal(0)


def suitable(offers: Iterable[Offer], matter: Matter) -> list[Offer]:
    """What may be offered in this matter at all."""
    return [offer for offer in offers if _suits(offer, matter)]


def _suits(offer: Offer, matter: Matter) -> bool:
    order, customer = matter.order, matter.caller.customer
    if matter.intent not in offer.intents or offer.name in matter.recent:
        return False
    if offer.tiers and (customer is None or customer.tier not in offer.tiers):
        return False
    if order is None:
        return not offer.needs_order
    product = order.product.lower()
    return (not offer.statuses or order.status in offer.statuses) and (
        not offer.products or any(word.lower() in product for word in offer.products)
    )


def ways(offers: Iterable[Offer], matter: Matter) -> tuple[Way, ...]:
    """Up to three ways, the best first: two single ones and one together where that goes, within the authority first.

    The best is what is most likely accepted for what it costs; what costs nothing wins over what costs something.
    """
    fit = suitable(offers, matter)
    singles = sorted((_way((one,), matter) for one in fit), key=_rank)
    pairs = sorted((_way(pair, matter) for pair in combinations(fit, 2) if _together(pair)), key=_rank)
    chosen = singles[: WAYS - 1] if pairs else singles[:WAYS]
    return tuple(sorted((*chosen, *pairs[: WAYS - len(chosen)]), key=lambda way: (len(way.offers), _rank(way))))


def _together(pair: tuple[Offer, ...]) -> bool:
    first, second = pair
    return second.name not in first.not_with and first.name not in second.not_with


def _way(offers: tuple[Offer, ...], matter: Matter) -> Way:
    cost = sum((price(offer, matter.order) for offer in offers), Decimal(0))
    refused = 1.0
    for offer in offers:
        refused *= 1 - chance(offer.name, matter.answers)  # whoever refuses two together would refuse each of them
    had = [matter.answers.get(offer.name, Answers()) for offer in offers]
    order = matter.order.id if matter.order and any(offer.needs_order for offer in offers) else None
    return Way(
        offers, cost, round(1 - refused, 2), min(one.accepted for one in had), min(one.asked for one in had), order,
        cost <= matter.authority.most,
    )  # fmt: skip


def chance(name: str, answers: Mapping[str, Answers]) -> float:
    """How likely an offer is accepted: its own answers, drawn to those of all offers for this intent."""
    asked = sum(one.asked for one in answers.values())
    overall = (sum(one.accepted for one in answers.values()) + 1) / (asked + 2)
    mine = answers.get(name, Answers())
    return (mine.accepted + DRAWN * overall) / (mine.asked + DRAWN)


def _rank(way: Way) -> tuple[bool, float, tuple[str, ...]]:
    worth = way.chance / (1 + float(way.cost / COSTS_LITTLE))
    return (not way.allowed, -round(worth, 6), way.names)
