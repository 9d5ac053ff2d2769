"""The dialplan that Asterisk has in force, beside the one that this version brings, and whether any number leads to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivr.adapters.asterisk.witness import NotDone, Witness
from ivr.config.load import Config
from ivr.provision.places import INSTALLED
from ivr.server.parts import Finding

FILE = "extensions_ivr.conf"
_CONTEXT = re.compile(r"\[([\w-]+)\]")
_STEP = re.compile(r"(?:exten => (?P<name>[^,]+),1|\s*same => n(?:\(\w+\))?),(?P<application>\w+)")
LAB = "ivr-lab"
"""How the contexts of the lab's own callers begin: they lead here, and no number of an operator's does by them."""
LEADS = re.compile(r"(?<![\w-])ivr-in(?![\w-])")
"""As in Goto(ivr-in,${EXTEN},1), GotoIf(…?ivr-in,s,1) or Dial(Local/s@ivr-in)."""
Plan = list[dict[str, str]]
"""A manager's event for each line."""
Steps = dict[tuple[str, str], list[str]]
"""What is run in each extension of each context: the applications in their order, in small letters."""


def in_force(witness: Witness) -> Plan | None:
    """Every line of the dialplan, as Asterisk lists it; None: it does not."""
    try:
        return witness.listing("ShowDialPlan", "ListDialplan")
    except NotDone:
        return None


def ours(plan: Plan | None) -> Iterator[Finding]:
    """Whether our contexts are there, and of this version."""
    yield (None, "what stands in the dialplan is not known: Asterisk does not list it") if plan is None else _ours(plan)


def way_in(plan: Plan | None) -> Iterator[Finding]:
    """Whether an extension of somebody's own dialplan goes to ivr-in."""
    if plan is None:
        return
    ours = {context for context, _ in brought()}
    own = [one for one in plan if (context := one.get("Context", "")) not in ours and not context.startswith(LAB)]
    if any(LEADS.search(one.get("AppData", "")) or one.get("IncludeContext") == "ivr-in" for one in own):
        yield True, "a number leads to [ivr-in]"
        return
    yield (
        False,
        "no extension leads to [ivr-in], so nobody can call: exten => 4000,1,Goto(ivr-in,${EXTEN},1) in the context that "
        "your calls come in by, in extensions.conf (FreePBX: a custom destination ivr-in,s,1), then `dialplan reload`",
    )


def _ours(plan: Plan) -> Finding:
    wanted, there = brought(), steps_of(plan)
    contexts = {context for context, _ in there}
    again = f"copy {FILE} again, then `asterisk -rx 'dialplan reload'`"
    if missing := list(dict.fromkeys(f"[{context}]" for context, _ in wanted if context not in contexts)):
        if len(missing) == len({context for context, _ in wanted}):
            return False, (
                f'the dialplan has nothing of ours: #include "{FILE}" in extensions.conf (FreePBX: extensions_custom.conf), then '
                "`asterisk -rx 'dialplan reload'`"
            )
        return False, f"the dialplan lacks {', '.join(missing)}: {FILE} is of an older version, or changed; {again}"
    if missing := [f"[{context}],{name}" for context, name in wanted if (context, name) not in there]:
        return False, f"the dialplan lacks {', '.join(missing)}: {FILE} is of an older version; {again}"
    if changed := [f"[{one[0]}],{one[1]}" for one, steps in wanted.items() if there[one] != steps]:
        return (
            None,
            f"{', '.join(changed)} in {FILE} is not as this version brings it: {again}, if it was not you who changed it",
        )
    return True, "the dialplan is of this version"


def brought() -> Steps:
    """What this version brings."""
    return written((INSTALLED / "dialplans/asterisk" / FILE).read_text(encoding="utf-8"))


def written(text: str) -> Steps:
    """What a file of the dialplan has; of our own, which uses nothing but ``exten`` and ``same``."""
    found: Steps = {}
    context = name = ""
    for line in text.splitlines():
        if begins := _CONTEXT.match(line):
            context = begins[1]
        elif step := _STEP.match(line):
            name = step["name"] or name
            found.setdefault((context, name), []).append(step["application"].lower())
    return found


def steps_of(plan: Plan) -> Steps:
    """The same of what Asterisk lists."""
    found: Steps = {}
    steps = (one for one in plan if "Extension" in one and one.get("Priority", "").isdecimal())
    for one in sorted(steps, key=lambda one: int(one["Priority"])):
        found.setdefault((one["Context"], one["Extension"]), []).append(one.get("Application", "").lower())
    return found


def another_address(witness: Witness, config: Config) -> str | None:
    """What is wrong with where the dialplan says that the server is; None: nothing, or Asterisk does not tell."""
    ours = f"{config.media.host}:{config.media.port}"
    try:
        named = witness.act("Getvar", Variable="IVR_ADDRESS").get("Value", "")
    except NotDone:
        named = ""
    if named and named != ours:
        return (
            f"the dialplan connects to {named}: IVR_ADDRESS={ours} under [globals] of extensions.conf (FreePBX: "
            "globals_custom.conf), or [media] of config.toml as it is there"
        )
    if not named and ours != "127.0.0.1:9092":
        return (
            f"the dialplan names no address, and takes 127.0.0.1:9092: IVR_ADDRESS={ours} under [globals] of "
            "extensions.conf (FreePBX: globals_custom.conf)"
        )
    return None
