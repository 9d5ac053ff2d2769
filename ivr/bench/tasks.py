"""The scripted callers of the bench: what they want, what they say to us, and where the keypad menu has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ivr.lab.demo.callers import CALLS
from ivr.lab.shop import shop

STAY_S = 100
SILENT = "silent"
OPTION = "option:"
REACTION_S = 0.7
"""How long everybody takes, on both sides, from the end of what they listen to until they speak or press."""
HUSH, AT_ONCE = "hush:700", "wait:1.5"
"""Listen to the end of the prompt and 0.7 s more; or answer about half a second into it."""
_VISIT = date.today() + timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Task:
    """One caller.

    A word of ``says`` is a recording in audio/calls, "key:4071#" presses keys, "say:…" is a sentence that the bench renders with
    the house's own voice, "option:4" presses a key of a menu once its option has been read out (the bench does that, not the
    lab's script), ``SILENT`` lets a question pass. ``place`` is the queue, or the prompts that settle the matter.
    ``menu`` are the choices in the keypad menu, ``order`` what it is given when it asks for the number.
    """

    name: str
    about: str
    number: str
    says: tuple[str, ...]
    intent: str | None
    place: tuple[str, ...]
    menu: tuple[str, ...]
    order: str = ""
    settled: bool = False
    language: str = "en"

    def steps(self, rendered: Path, *, at_once: bool = False) -> list[str]:
        """The lab's script; ``rendered`` is the folder of the sentences that the bench has rendered.

        ``at_once`` is a regular, who knows what will be asked, and is not unsure.
        """
        steps = []
        for said in self.says:
            if said.startswith(OPTION) and not at_once:
                continue
            if said == SILENT:
                steps += [] if at_once else [HUSH]
                continue
            steps.append(AT_ONCE if at_once else HUSH)
            if said.startswith(("key:", OPTION)):
                steps.append(f"key:{said.partition(':')[2]}")
            elif said.startswith("say:"):
                steps.append(f"play:{rendered / slug(said)}")
            else:
                steps.append(f"play:{(CALLS / said).resolve()}")
        return [*steps, *((HUSH, "wait:1") if self.settled else (f"wait:{STAY_S}",))]

    @property
    def turns(self) -> int:
        """How often they say or press something to us."""
        return sum(said != SILENT for said in self.says)

    @property
    def menu_turns(self) -> int:
        """How often they press something in the keypad menu: its language, each choice, an order number."""
        return 1 + len(self.menu) + bool(self.order)


def slug(said: str) -> str:
    """The file name of a sentence that is rendered."""
    return "".join(c if c.isalnum() else "-" for c in said.removeprefix("say:"))


def spoken(tasks: Iterable[Task]) -> list[str]:
    """The sentences that must be rendered."""
    return [said for task in tasks for said in task.says if said.startswith("say:")]


def _stranger(number: int) -> str:
    return f"+491510000{number:04d}"


HOURS = ("hours_open", "hours_closed", "hours_holiday")
TASKS = (
    Task("late-known", "order late; known, the machine asks if it is that", shop.LIN_MEI, ("yes",), "late_delivery",
         ("orders",), ("orders", "late"), "4711"),
    Task("balance", "her balance; known, proves it with her PIN", shop.LIN_MEI, ("balance", "key:4071#"), "balance",
         ("balance_tell",), ("billing", "balance"), settled=True),
    Task("late-stranger", "order late; number not known", _stranger(1), ("where-order", "order-4802"), "late_delivery",
         ("orders",), ("orders", "late"), "4802"),
    Task("late-by-keys", "order late; says it, presses the number", _stranger(2), ("late-watch", "key:4711"),
         "late_delivery", ("orders",), ("orders", "late"), "4711"),
    Task("order-status", "where is my order; known, on its way", shop.ANNA_SCHMIDT,
         ("where-order", "no", "order-4802"), "late_delivery", ("order_shipped",), ("orders", "status"), "4802", settled=True),
    Task("return-known", "return; known, not delivered yet", shop.ANNA_SCHMIDT, ("return-change-mind", "order-4802"),
         "return_item", ("returns",), ("return",), "4802"),
    Task("invoice", "charged twice", _stranger(4), ("charged-twice",), "invoice", ("billing",), ("billing", "invoice")),
    Task("repair", "watch stopped", _stranger(5), ("watch-stopped",), "repair", ("repairs",), ("repairs", "broken")),
    Task("buy", "wants to buy a watch", _stranger(6), ("say:i want to buy a watch",), "buy", ("sales",), ("buy",)),
    Task("find-us", "where is the shop", _stranger(3), ("say:where are you located",), "find_us", ("where_we_are",), ("hours",),
         settled=True),
    Task("cancel", "cancels an order; said back", _stranger(7), ("cancel", "yes"), "cancel_order", ("orders",),
         ("orders", "cancel"), "4802"),
    Task("moving", "moves house; registered by the machine", _stranger(8), ("moving", "post-code", "yes", "tomorrow", "yes"),
         "change_address", ("move_done",), ("orders", "address"), settled=True),
    Task("appointment", "appointment; booked by the machine", _stranger(9),
         ("appointment", "next-tuesday", "at-eleven", "yes"), "appointment", ("visit_done",), ("repairs", "appointment"),
         settled=True),
    Task("prices", "what a new battery costs", _stranger(13), ("say:how much is a battery change",), "prices", ("prices",),
         ("repairs", "broken"), settled=True),
    Task("moved-visit", "moves an appointment that is in nobody's books", _stranger(14), ("say:i need to move my appointment",),
         "move_visit", ("repairs",), ("repairs", "appointment")),
    Task("cancelled-visit", "cancels one", _stranger(15), ("say:i want to cancel my appointment",), "cancel_visit", ("repairs",),
         ("repairs", "appointment")),
    Task("asked-visit", "asks when theirs is", _stranger(16), ("say:when is my appointment",), "my_visit", ("repairs",),
         ("repairs", "appointment")),
    Task("repair-state", "asks how far the repair is", _stranger(17), ("say:is my watch repaired already",), "repair_status",
         ("repairs",), ("repairs", "broken")),
    Task("opening-hours", "when are you open", _stranger(10), ("opening-hours",), "opening_hours", HOURS, ("hours",),
         settled=True),
    Task("person", "a person, number withheld", "", ("person-please",), None, ("ivr-fallback",), ("person",)),
    Task("zh-repair", "Chinese, by keys: repair", shop.WANG_FANG, ("option:4",), "repair", ("repairs",),
         ("repairs", "broken"), language="zh"),
    Task("zh-appointment", "Chinese, by keys: appointment, booked", shop.WANG_FANG,
         ("option:7", f"key:{_VISIT:%d%m}#", "key:2", "key:1"), "appointment", ("visit_done",), ("repairs", "appointment"),
         settled=True, language="zh"),
    Task("unsure", "says nothing until the question is put again", _stranger(11),
         (SILENT, "return-change-mind", "order-4802"), "return_item", ("returns",), ("return",), "4802"),
    Task("not-understood", "first words not understood; then charged twice", _stranger(12), ("off-topic", "charged-twice"),
         "invoice", ("billing",), ("billing", "invoice")),
    Task("repeat-caller", "called five hours ago about a repair", shop.TOM_BAKER, (), "repair", ("repairs",),
         ("repairs", "broken")),
)  # fmt: skip
