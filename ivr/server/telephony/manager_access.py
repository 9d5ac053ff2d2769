"""``[asterisk]`` of config.toml: whether its manager lets us in, and has what calls need.

Asterisk is asked through ``asterisk-ami``, a second client that shares nothing with the server's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from socket import gaierror

from ivr.adapters.asterisk.witness import NoManager, NotDone, Witness
from ivr.calls.agents.members import MEMBERS
from ivr.config.load import Config, ConfigError, ami_secret
from ivr.core.caller import Agent
from ivr.core.flow.flow import Flow
from ivr.core.told import listed
from ivr.server.parts import Examination, Finding, read_by_others
from ivr.server.telephony import dialplan, trial_call

Modules = tuple[tuple[str, str, bool | None], ...]
"""Each with what it is for, and what it is to be without: wrong, or something one can live with."""
FOR_CALLS: Modules = (
    ("app_audiosocket", "sound", False),
    ("app_queue", "queues", False),
    ("app_dial", "preferred agents' phones", False),
    ("app_exec", "TryExec, the safety net", False),
    ("app_userevent", "news of calls", False),
    ("app_while", "the dialplan's loop", False),
    ("func_cut", "the dialplan's lists", False),
    ("func_db", "agents who are taken back when the server is gone", False),
    ("func_devstate", "whether a preferred agent's phone is free", False),
    ("func_logic", "the dialplan's choices", False),
    ("func_strings", "the dialplan's lists", False),
    ("func_timeout", "the guard of each call", False),
)
FOR_AGENTS: Modules = (
    ("app_channelredirect", "hold, and giving a call back", False),
    ("app_confbridge", "conferences", False),
    ("app_stack", "asking a colleague", False),
    ("func_callerid", "the number that customers see when they are called", False),
    ("app_chanspy", "supervisors listen, whisper and join", False),
    ("res_clioriginate", "ringing a supervisor who listens", False),
    ("res_parking", "parking on the phones", None),
)
FOR_PAGES: Modules = (
    ("res_http_websocket", "phones in agents' pages", False),
    ("res_pjsip_transport_websocket", "phones in agents' pages", False),
    ("res_pjsip_nat", "their registration", False),
    ("res_srtp", "their sound", False),
)
MOST_NAMED = 5
"""Phones that one sentence names."""
LINES = 200_000
"""Events that are remembered: a large house's dialplan is listed in one for each line."""
ACTIONS = {
    "DBGet": "system", "DBPut": "system", "Hangup": "call", "ModuleCheck": "system", "Originate": "originate",
    "QueueAdd": "agent", "QueuePause": "agent", "QueueStatus": "reporting", "Redirect": "call", "Setvar": "call",
    "ShowDialPlan": "reporting", "Status": "reporting", "UserEvent": "user",
}  # fmt: skip
"""What the server asks of Asterisk's manager, and the right it takes."""


def examine(what: Examination) -> Iterator[Finding]:
    """The manager's user and rights, the modules, the dialplan, the queues."""
    config = what.config
    where = f"{config.asterisk.host}:{config.asterisk.port}"
    try:
        secret = ami_secret(config, os.environ)
    except ConfigError as error:
        yield from ((False, problem) for problem in error.problems)
        return
    yield from _open_secret(config)
    try:
        with Witness(
            config.asterisk.host, config.asterisk.port, config.asterisk.username, secret, seen=LINES
        ) as witness:
            yield True, f"Asterisk's manager at {where} lets us in"
            yield from _all(witness, what)
    except OSError as error:
        yield False, f"Asterisk's manager at {where} cannot be reached: {_unreachable(error)}"
    except NotDone as error:
        yield (
            False,
            f"Asterisk's manager at {where} refused {config.asterisk.username!r} ({error}). Asterisk does not say why; in this "
            f'order: #include "manager_ivr.conf" in manager.conf (FreePBX: manager_custom.conf); [{config.asterisk.username}] '
            "stands there; Asterisk's user may read manager_ivr_secret.conf; the secret in it is that of [asterisk] "
            "secret_file; permit = … there has this machine's address; then `asterisk -rx 'manager reload'`",
        )


def _open_secret(config: Config) -> Iterator[Finding]:
    """Whether others on this machine may read the manager's password."""
    path = Path(config.asterisk.secret_file)
    if config.asterisk.secret_file and path.is_file() and (found := read_by_others("[asterisk] secret_file", path)):
        yield found


def _unreachable(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return (
            "nothing listens there: does Asterisk run? enabled = yes, bindaddr and port under [general] of manager.conf, as "
            "[asterisk] host and port of config.toml"
        )
    if isinstance(error, gaierror):
        return "there is no machine of that name: [asterisk] host in config.toml"
    if isinstance(error, NoManager):
        return (
            "what listens there is another program, or Asterisk's TLS port: [asterisk] port of config.toml must be port, and not "
            "tlsbindaddr's, under [general] of manager.conf"
        )
    return "nobody answers there: is [asterisk] host in config.toml right, and does no firewall stand between?"


def _all(witness: Witness, what: Examination) -> Iterator[Finding]:
    config = what.config
    rights = list(_rights(witness))
    yield from rights
    if any(right is False for right, _ in rights):
        # without them everything else would seem to be missing
        yield None, "the rest is looked at once that is mended"
        return
    plan = dialplan.in_force(witness)
    inside = list(_inside(witness, what.flow, plan))
    yield from inside
    yield from dialplan.way_in(plan)
    yield from _modules(witness, FOR_AGENTS + (FOR_PAGES if config.softphone.enabled else ()))
    yield from _phones(witness, what.agents or ())
    yield from _another_house(witness, what.agents)
    if all(right is not False for right, _ in inside):
        yield from trial_call.examine(witness, config)
    else:
        yield None, "a call of our own is tried once that is mended"


def _phones(witness: Witness, agents: Sequence[Agent]) -> Iterator[Finding]:
    """Whether Asterisk knows each agent's phone, and can ring it."""
    states = [(agent, _value(witness, f"DEVICE_STATE({agent.interface})")) for agent in agents]
    if away := [f"{agent.id} ({agent.interface})" for agent, state in states if state == "UNAVAILABLE"]:
        yield (
            None,
            f"phones that are not registered just now: {listed(away[:MOST_NAMED])}{' …' if away[MOST_NAMED:] else ''}; until "
            "they are, these agents are offline and get no calls",
        )
    for agent, state in states:
        if state == "INVALID":
            yield (
                False,
                f"the phone of {agent.id}, {agent.interface}, is none that Asterisk knows: `ivr person {agent.id} --interface …` "
                "as `pjsip show endpoints` in Asterisk names it",
            )


def _another_house(witness: Witness, agents: Sequence[Agent] | None) -> Iterator[Finding]:
    """Whether somebody else's desks make members here: contexts, queues and what is written down are named the same in all."""
    try:
        members = witness.listing("DBGetTree", "DBGetTreeResponse", Family=MEMBERS)
    except NotDone:
        return  # nothing is written down, or this Asterisk cannot list it
    strangers = {one["Key"].rpartition("/")[2] for one in members} - {agent.id for agent in agents or ()}
    if agents is not None and strangers:
        yield (
            False,
            f"Asterisk has queue members of agents who are none of ours ({', '.join(sorted(strangers))}): another house works on "
            "it, and each would undo what the other does: give every house an Asterisk of its own; or they are of a database "
            f"that is no more: `database deltree {MEMBERS}` in Asterisk's console",
        )


def _value(witness: Witness, variable: str) -> str:
    try:
        return witness.act("Getvar", Variable=variable).get("Value", "")
    except NotDone:
        return ""


def _inside(witness: Witness, flow: Flow | None, plan: dialplan.Plan | None) -> Iterator[Finding]:
    """What calls need of it; while some of that is wrong, none is tried."""
    yield True, f"Asterisk {witness.act('CoreSettings').get('AsteriskVersion', '?')}"
    yield from _modules(witness, FOR_CALLS)
    yield from dialplan.ours(plan)
    yield from _queues(witness, list(flow.queues) if flow else [])


def _queues(witness: Witness, names: list[str]) -> Iterator[Finding]:
    """Our queues: that Asterisk has them, and that nobody else's have the same names."""
    unknown = [name for name in names if not _has_queue(witness, name)]
    if names and unknown == names:
        yield (
            False,
            'Asterisk knows none of our queues: #include "queues_ivr.conf" in queues.conf (FreePBX: queues_custom.conf), then '
            "`queue reload all`",
        )
        return
    for name in names:
        yield (
            name not in unknown,
            f"queue {name}" + (f" is unknown: [{name}](ivr-queue) in queues_ivr.conf" if name in unknown else ""),
        )
    try:
        members = witness.listing("QueueStatus", "QueueMember")
    except NotDone as error:
        yield None, f"whether other queues have the names of ours is not known ({error})"
        return
    fixed = {
        (one["Queue"], one.get("Location", "?"))
        for one in members
        if one.get("Membership") == "static" and one.get("Queue") in names
    }
    for queue, phone in sorted(fixed):
        yield (
            False,
            f"queue {queue} has a member of its own, {phone}: is it another queue of yours with the same name? Our queues need "
            "names that no other has, and no members in queues.conf: desks bring them",
        )


def _modules(witness: Witness, wanted: Modules) -> Iterator[Finding]:
    for name, why, without in wanted:
        found = witness.does("ModuleCheck", Module=f"{name}.so")
        lines = f'"load = {name}.so" and no "noload = {name}.so" in modules.conf'
        mend = "" if found else f" is not loaded: {lines}, and install what has it"
        yield found or without, f"module {name}.so ({why}){mend}"


def _rights(witness: Witness) -> Iterator[Finding]:
    """Whether the manager's user may do what the server will ask for: Asterisk lists to each user what that user may."""
    try:
        may = witness.act("ListCommands")
    except NotDone as error:
        yield None, f"Asterisk does not say what the manager's user may do ({error})"
        return
    missing = sorted({right for action, right in ACTIONS.items() if action not in may})
    if missing:
        yield (
            False,
            f"the manager's user may not do all that is asked for: write = …,{','.join(missing)} in manager_ivr.conf, then "
            "`asterisk -rx 'manager reload'`",
        )
    else:
        yield True, "the manager's user may do all that the server asks for"


def _has_queue(witness: Witness, queue: str) -> bool:
    """Taking somebody who is in no queue out of this one is refused in any case; the words say whether there is one."""
    try:
        witness.act("QueueRemove", Queue=queue, Interface="Local/nobody@ivr-doctor")
    except NotDone as error:
        return "no such queue" not in str(error).lower()
    return True
