"""``ivr doctor``: looks at everything that the server needs and says, for each, whether it is right and what to do if not.

Asterisk is asked through ``asterisk-ami``, a second client that shares nothing with the server's own.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from ivr import directories, recording
from ivr.adapters.ami_witness import NotDone, Witness
from ivr.adapters.database import DatabaseAccounts, Store
from ivr.adapters.database.store import StoreUnusable
from ivr.adapters.lookups import SourceFailed, open_source
from ivr.adapters.speech_server import EngineLost, reached
from ivr.adapters.understanding import SentenceEncoder
from ivr.config import CACHE, Config, ConfigError, ami_secret, load
from ivr.core.caller import Language
from ivr.core.flow import Flow, Lookup
from ivr.editions import read_flow
from ivr.machine import speech_models
from ivr.provision import models
from ivr.softphones import read_passwords
from ivr.wire.flow_toml import FlowError

REACH_S = 3.0
Finding = tuple[bool | None, str]
"""Right, wrong, or None for something one can live with; and the sentence."""
Modules = tuple[tuple[str, str, bool | None], ...]
"""Each with what it is for, and what it is to be without: wrong, or something one can live with."""
FOR_CALLS: Modules = (
    ("app_audiosocket", "sound", False),
    ("app_queue", "queues", False),
    ("app_exec", "TryExec, the safety net", False),
)
FOR_AGENTS: Modules = (
    ("app_channelredirect", "hold, and giving a call back", False),
    ("app_confbridge", "conferences", False),
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
ACTIONS = {
    "DBPut": "system", "Hangup": "call", "Originate": "originate", "QueueAdd": "agent", "QueuePause": "agent",
    "QueueStatus": "reporting", "Redirect": "call", "Setvar": "call", "Status": "reporting",
}  # fmt: skip
"""What the server asks of Asterisk's manager, and the right it takes."""


def examine(config_path: Path) -> int:
    """Print every finding; 1 when something is wrong."""
    wrong = 0
    for right, text in _findings(config_path):
        print(f"{'✓' if right else '·' if right is None else '✗'} {text}")
        wrong += right is False
    print(f"\n{wrong} things to mend." if wrong > 1 else "\nOne thing to mend." if wrong else "\nAll is well.")
    return 1 if wrong else 0


def _findings(config_path: Path) -> Iterator[Finding]:
    try:
        config = load(config_path)
    except ConfigError as error:
        yield from ((False, problem) for problem in error.problems)
        return
    yield True, f"{config_path} is right"
    root = config_path.resolve().parent
    flow: Flow | None = None
    try:
        flow = read_flow(root / config.dialogue.folder)
        yield True, f"dialogues are right ({len(flow.intents)} intents, {len(flow.queues)} queues)"
    except FlowError as error:
        yield from ((False, problem) for problem in error.problems)
    yield from _speech(config, root)
    yield from _database(config)
    if (found := directories.examine(config)) is not None:
        yield found
    yield from recording.examine(config, root)
    yield from _sources(config, flow)
    yield from _port(config)
    yield from _passwords(config)
    yield from _asterisk(config, flow)


def _speech(config: Config, root: Path) -> Iterator[Finding]:
    try:
        chosen, notes = speech_models(config, root)
    except models.ModelUnavailable as error:
        yield False, str(error)
        return
    for language, path in chosen.items():
        yield True, f"speech model {language}: {path.name}"
    yield from ((None, note) for note in notes)
    yield from _speech_servers(config, set(chosen))
    encoder = SentenceEncoder.find(CACHE / "encoder")
    yield (True, "sentence encoder is there") if encoder else (None, "no sentence encoder: `make setup` fetches it")


def _speech_servers(config: Config, here: set[Language]) -> Iterator[Finding]:
    """Whether each speech server of config.toml answers as it should; without one the model here takes its place."""
    servers: dict[Language, list[str]] = {"en": config.speech_in.remote_en, "zh": config.speech_in.remote_zh}
    for language, address in ((language, one) for language, each in servers.items() for one in each):
        try:
            asyncio.run(reached(address))
        except EngineLost as problem:
            instead = "the model here takes its place" if language in here else "callers have keys only"
            yield (None if language in here else False), f"speech server {language}: {problem}; meanwhile {instead}"
        else:
            yield True, f"speech server {language}: {address} answers"


def _database(config: Config) -> Iterator[Finding]:
    async def agents() -> int:
        async with Store.opened(config.database.url) as store:
            return len(await DatabaseAccounts(store).agents())

    try:
        count = asyncio.run(agents())
    except StoreUnusable as error:
        yield False, str(error)
        return
    yield True, "database can be used"
    yield (True, f"{count} agents") if count else (False, "there is no agent: add one with `ivr person`")


def _sources(config: Config, flow: Flow | None) -> Iterator[Finding]:
    """Whether each source of look-ups can be reached, and each that the dialogues ask is there."""
    asked = {lookup.source for lookup in flow.lookups.values()} if flow else set()
    for missing in sorted(asked - set(config.sources) - {"house"}):
        yield False, f"look-ups ask the source {missing!r}, and config.toml has no [sources] {missing}"
    for name, url in config.sources.items():
        try:
            problem = asyncio.run(_reach(name, url))
        except StoreUnusable as error:
            problem = str(error)
        used = "" if name in asked else " (no look-up asks it)"
        yield (True, f"source {name} answers{used}") if problem is None else (False, f"source {name}: {problem}{used}")


async def _reach(name: str, url: str) -> str | None:
    """What keeps us from a source; None when it answers. A database must be there: asking must not make an empty one."""
    path = url.removeprefix("sqlite:///")
    if path != url and not await asyncio.to_thread(Path(path).is_file):
        return f"there is no file {path}"
    source = open_source(name, url, os.environ)
    probe = Lookup("probe", name, sql="select 1", path="/", retries=0)
    try:
        async with asyncio.timeout(REACH_S):
            await source.ask(probe, {})
    except TimeoutError:
        return f"no answer within {REACH_S:.0f} s"
    except SourceFailed as failure:
        # a web service that has nothing at its root is there all the same
        return None if str(failure).startswith("HTTP 4") or "JSON" in str(failure) else str(failure)
    finally:
        await source.close()
    return None


def _port(config: Config) -> Iterator[Finding]:
    for name, host, port in (
        ("media", config.media.host, config.media.port),
        ("web", config.web.host, config.web.port),
    ):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                yield None, f"[{name}] {host}:{port} cannot be had just now ({error.strerror}): is the server running?"
            else:
                yield True, f"[{name}] {host}:{port} is free"


def _asterisk(config: Config, flow: Flow | None) -> Iterator[Finding]:
    where = f"{config.asterisk.host}:{config.asterisk.port}"
    try:
        secret = ami_secret(config, os.environ)
    except ConfigError as error:
        yield from ((False, problem) for problem in error.problems)
        return
    try:
        with Witness(
            config.asterisk.host, config.asterisk.port, config.asterisk.username, secret, events=False
        ) as witness:
            yield True, f"Asterisk's manager at {where} lets us in"
            yield from _inside(witness, flow)
            yield from _rights(witness)
            yield from _modules(witness, FOR_AGENTS + (FOR_PAGES if config.softphone.enabled else ()))
    except OSError as error:
        yield (
            False,
            f"Asterisk's manager at {where} cannot be reached ({error.strerror}): enabled = yes in manager.conf?",
        )
    except NotDone as error:
        yield (
            False,
            f"Asterisk's manager at {where} refused {config.asterisk.username!r} ({error}): same secret on both sides?",
        )


def _inside(witness: Witness, flow: Flow | None) -> Iterator[Finding]:
    yield True, f"Asterisk {witness.act('CoreSettings').get('AsteriskVersion', '?')}"
    yield from _modules(witness, FOR_CALLS)
    there = _is_done(witness, "ShowDialPlan", Context="ivr-in")
    yield (
        there,
        "dialplan context ivr-in" + ("" if there else ' is missing: #include "extensions_ivr.conf" in extensions.conf'),
    )
    for queue in flow.queues if flow else ():
        known = _has_queue(witness, queue)
        yield known, f"queue {queue}" + ("" if known else ' is unknown: #include "queues_ivr.conf" in queues.conf')


def _modules(witness: Witness, wanted: Modules) -> Iterator[Finding]:
    for name, why, without in wanted:
        found = _is_done(witness, "ModuleCheck", Module=f"{name}.so")
        mend = "" if found else f' is not loaded: "load = {name}.so" in modules.conf, and install what has it'
        yield found or without, f"module {name}.so ({why}){mend}"


def _rights(witness: Witness) -> Iterator[Finding]:
    """Whether the manager's user may do what the server will ask for: Asterisk lists to each user what that user may."""
    try:
        may = witness.act("ListCommands")
    except NotDone as error:
        yield None, f"Asterisk does not say what the manager's user may do ({error})"
        return
    missing = {action: right for action, right in ACTIONS.items() if action not in may}
    for action, right in missing.items():
        yield (
            False,
            f"the manager's user may not do {action}: write = …,{right} in manager_ivr.conf, then `manager reload` in Asterisk",
        )
    if not missing:
        yield True, "the manager's user may do all that the server asks for"


def _passwords(config: Config) -> Iterator[Finding]:
    """The file with the passwords of the phones in agents' pages."""
    if not config.softphone.enabled:
        return
    path = Path(config.softphone.passwords_file)
    try:
        count = len(read_passwords(path))
        others = path.stat().st_mode & 0o077
    except (ConfigError, OSError) as error:
        yield from ((False, problem) for problem in getattr(error, "problems", [str(error)]))
        return
    if others:
        yield False, f"[softphone] passwords_file: others may read {path}: chmod 600 {path}"
    else:
        yield True, f"passwords of phones in agents' pages: {count}"


def _is_done(witness: Witness, name: str, **fields: str) -> bool:
    try:
        witness.act(name, **fields)
    except NotDone:
        return False
    return True


def _has_queue(witness: Witness, queue: str) -> bool:
    """Taking somebody who is in no queue out of this one is refused in any case; the words say whether there is one."""
    try:
        witness.act("QueueRemove", Queue=queue, Interface="Local/nobody@ivr-doctor")
    except NotDone as error:
        return "no such queue" not in str(error).lower()
    return True
