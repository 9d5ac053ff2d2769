"""Mistakes that operators make, each put into a sound house, and what `ivr doctor` says to it: the line, and the file for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.provision.debian import ASTERISK
from ivr.server.data import customers, database, sources
from ivr.server.pages import web
from ivr.server.parts import Examine
from ivr.server.speech import recordings, speech_in, voice
from ivr.server.telephony import manager_access, softphones, trial_call
from tests.conftest import CACHE, ROOT, RealParts
from tests.e2e.conftest import channels, wait_for
from tests.e2e.doctors_house import (
    Seed,
    Site,
    another_program,
    empty_cache,
    file,
    member,
    mode,
    newer_database,
    no_program,
    nobody,
    phone,
    settings,
    taken,
    variable,
    without,
    written,
)


@dataclass(frozen=True)
class Mistake:
    """How it is made, and the words that the doctor's finding must have."""

    made: Seed
    told: Sequence[str]
    part: Examine = manager_access.examine
    mark: str = "✗"


MANAGER, QUEUES, DIALPLAN = "manager_ivr.conf", "queues_ivr.conf", "extensions_ivr.conf"
REFUSED = ["refused", '#include "manager_ivr.conf" in manager.conf (FreePBX: manager_custom.conf)', "manager reload"]
AGAIN = ["copy extensions_ivr.conf again", "dialplan reload"]
FILTER = "eventfilter = !Event: VarSet"
MISTAKES: dict[str, Mistake] = {
    # the way to the manager
    "Asterisk is down, or the port is another": Mistake(settings("asterisk", port=9), ["nothing listens there", "enabled = yes, bindaddr and port under [general] of manager.conf"]),
    "manager listens on another address": Mistake(settings("asterisk", host="127.0.0.2"), ["127.0.0.2", "bindaddr", "[asterisk] host and port of config.toml"]),
    "machine that there is not": Mistake(settings("asterisk", host="nobody.invalid"), ["there is no machine of that name: [asterisk] host in config.toml"]),
    "port of TLS": Mistake(another_program(b""), ["Asterisk's TLS port: [asterisk] port of config.toml must be port, and not tlsbindaddr's, under [general] of manager.conf"]),
    "port of another program": Mistake(another_program(b"SSH-2.0-OpenSSH_9.2p1\r\n"), ["another program", "[asterisk] port of config.toml"]),
    "other secret": Mistake(written("secret", "another"), [*REFUSED, "Asterisk's user may read manager_ivr_secret.conf; the secret in it is that of [asterisk] secret_file"]),
    "other user": Mistake(settings("asterisk", username="pbx"), [*REFUSED, "'pbx'", "[pbx] stands there"]),
    "manager file not included": Mistake(file("manager.conf", "#include", ";include"), [*REFUSED, "[ivr] stands there"]),
    "not permitted from here": Mistake(file(MANAGER, "permit = 127.0.0.1/255.255.255.255", "permit = 192.0.2.1/32"), [*REFUSED, "permit = … there has this machine's address"]),
    "no secret": Mistake(settings("asterisk", secret_file=""), ["set IVR_AMI_SECRET, or [asterisk] secret_file to a file that holds it"]),
    "secret that is not there": Mistake(settings("asterisk", secret_file="nowhere"), ["[asterisk] secret_file: ", "nowhere: there is no such file"]),
    "empty secret": Mistake(written("secret", "\n"), ["[asterisk] secret_file: ", "is empty"]),
    "secret with its name": Mistake(written("secret", "secret = x\n; mine"), ["must hold the secret alone, in one line"]),
    "secret that others may read": Mistake(mode("secret", 0o644), ["[asterisk] secret_file: others may read", "chmod 600"]),
    # its rights and news
    "may not originate": Mistake(file(MANAGER, ",originate", ""), ["write = …,originate in manager_ivr.conf", "manager reload"]),
    "may not act on calls": Mistake(file(MANAGER, "write = system,call,", "write = system,"), ["write = …,call in manager_ivr.conf"]),
    "may not act on queues": Mistake(file(MANAGER, "write = system,call,agent,", "write = system,call,"), ["write = …,agent in manager_ivr.conf"]),
    "may not keep anything": Mistake(file(MANAGER, "write = system,", "write = "), ["write = …,system in manager_ivr.conf"]),
    "may tell nobody anything": Mistake(file(MANAGER, "agent,user,reporting", "agent,reporting"), ["write = …,user in manager_ivr.conf"]),
    "may not list": Mistake(file(MANAGER, "user,reporting,originate", "user,originate"), ["write = …,reporting in manager_ivr.conf"]),
    "may do nothing": Mistake(file(MANAGER, "write = system,call,agent,user,reporting,originate", "write = reporting"), ["write = …,agent,call,originate,system,user in manager_ivr.conf"]),
    "hears of nothing": Mistake(file(MANAGER, "read = system,call,agent,user,dtmf,reporting", "read = system"), ["read = system,call,agent,user,dtmf,reporting in manager_ivr.conf"]),
    "does not hear of our own events": Mistake(file(MANAGER, "agent,user,dtmf", "agent,dtmf"), ["read = system,call,agent,user,dtmf,reporting in manager_ivr.conf"]),
    "does not hear of calls": Mistake(file(MANAGER, "read = system,call,", "read = system,"), ["read = …,call in manager_ivr.conf"]),
    "does not hear of queues": Mistake(file(MANAGER, ",agent,user,dtmf", ",user,dtmf"), ["in manager_ivr.conf read = …,agent"]),
    "filter that hides our events": Mistake(file(MANAGER, FILTER, f"{FILTER}\neventfilter = !Event: UserEvent"), ["no eventfilter but the two that it has", "manager_ivr.conf"]),
    "filter that hides calls": Mistake(file(MANAGER, FILTER, f"{FILTER}\neventfilter = !Event: Newchannel"), ["read = …,call in manager_ivr.conf, and no eventfilter but the two"]),
    "filter that hides queues": Mistake(file(MANAGER, FILTER, f"{FILTER}\neventfilter = !Event: QueueCallerJoin"), ["read = …,agent, and no eventfilter but the two that it has"]),
    "no channelvars": Mistake(file("manager.conf", "channelvars = IVR_CALL", "channelvars = THEIRS"), ["channelvars = IVR_CALL under [general] of manager.conf (FreePBX: under [general](+) in manager_custom.conf)"]),
    "no time stamps": Mistake(file("manager.conf", "timestampevents = yes", "timestampevents = no"), ["timestampevents = yes under [general] of manager.conf"], mark="·"),
    # the dialplan
    "dialplan not included": Mistake(file("extensions.conf", "#include", ";include"), ['#include "extensions_ivr.conf" in extensions.conf (FreePBX: extensions_custom.conf)', "dialplan reload"]),
    "renamed context": Mistake(file(DIALPLAN, "[ivr-in]", "[ivr-entrance]"), ["lacks [ivr-in]", *AGAIN]),
    "dialplan without the doctor's part": Mistake(file(DIALPLAN, "[ivr-doctor]", "[ivr-nobody]"), ["lacks [ivr-doctor]", *AGAIN]),
    "dialplan without call-backs": Mistake(file(DIALPLAN, "[ivr-call-back]", "[ivr-nobody]"), ["lacks [ivr-call-back]", *AGAIN]),
    "dialplan of before, with an extension less": Mistake(file(DIALPLAN, "exten => whisper,", "exten => murmur,"), ["lacks [ivr-listen],whisper", "older version", *AGAIN]),
    "dialplan of before, with a step less": Mistake(file(DIALPLAN, " same => n,Set(IVR_GONE=${DB_DELETE(ivr_paused/${IVR_ONE})})\n", ""), ["[ivr-in],alone in extensions_ivr.conf is not as this version brings it", *AGAIN], mark="·"),
    "no number leads in": Mistake(file("extensions.conf", "Goto(ivr-in,${EXTEN},1) ; ours", "Hangup()"), ["no extension leads to [ivr-in]", "exten => 4000,1,Goto(ivr-in,${EXTEN},1)", "in extensions.conf (FreePBX: a custom destination ivr-in,s,1)"]),
    "sound goes elsewhere": Mistake(variable("IVR_ADDRESS", "127.0.0.1:9"), ["the dialplan connects to 127.0.0.1:9: IVR_ADDRESS=127.0.0.1:", "under [globals] of extensions.conf (FreePBX: globals_custom.conf)"]),
    "dialplan without an address": Mistake(variable("IVR_ADDRESS", ""), ["the dialplan names no address, and takes 127.0.0.1:9092: IVR_ADDRESS=127.0.0.1:", "extensions.conf (FreePBX: globals_custom.conf)"]),
    "media port is another's, and no call is tried": Mistake(taken("media"), ["no call of our own is tried: [media] 127.0.0.1:"], mark="·"),
    # the queues and the phones
    "queues not included": Mistake(file("queues.conf", "#include", ";include"), ['#include "queues_ivr.conf" in queues.conf (FreePBX: queues_custom.conf)', "queue reload all"]),
    "queue that is not there": Mistake(file(QUEUES, "[sales](ivr-queue)", ""), ["queue sales is unknown: [sales](ivr-queue) in queues_ivr.conf"]),
    "queues of before": Mistake(file(QUEUES, "[ivr-doctor](ivr-queue)", "[ivr-nobody](ivr-queue)"), ["copy queues_ivr.conf again", '#include "queues_ivr.conf" in queues.conf']),
    "queues that nobody may enter": Mistake(file(QUEUES, "joinempty = yes", "joinempty = no"), ["joinempty = yes", "queues_ivr.conf"]),
    "queue of somebody else's": Mistake(file(QUEUES, "[sales](ivr-queue)", "[sales](ivr-queue)\nmember => Local/2002@x"), ["queue sales has a member of its own, Local/2002@x", "names that no other has"]),
    "phone that is not registered": Mistake(phone("PJSIP/1009"), ["phones that are not registered just now: ", "ben (PJSIP/1009); until they are"], mark="·"),
    "phone of another name": Mistake(phone("PJSIP/1001x"), ["the phone of ben, PJSIP/1001x", "`ivr person ben --interface …` as `pjsip show endpoints` in Asterisk names it"]),
    "phone of a technology that is not there": Mistake(phone("SIP/1001"), ["the phone of ben, SIP/1001, is none that Asterisk knows"]),
    "phone behind a trunk": Mistake(phone("PJSIP/1001@trunk"), ["the phone of ben, PJSIP/1001@trunk"]),
    "phone in a context that is not there": Mistake(phone("Local/1001@nowhere/n"), ["the phone of ben, Local/1001@nowhere/n"]),
    "another house on the same Asterisk": Mistake(member("zoe"), ["agents who are none of ours (zoe)", "give every house an Asterisk of its own", "`database deltree ivr_member` in Asterisk's console"]),
    # the modules
    **{f"without {module}": Mistake(without(module), [f"module {module}.so", f'"load = {module}.so" and no "noload = {module}.so" in modules.conf']) for module in (
        "app_audiosocket", "app_exec", "app_userevent", "app_while", "func_cut", "func_strings", "func_timeout", "app_channelredirect", "app_confbridge", "app_chanspy", "app_stack",
    )},
    "without app_echo": Mistake(without("app_echo"), ["load = app_echo.so in modules.conf, which the doctor's call needs"], mark="·"),
    # our own side
    "setting that there is not": Mistake(settings("web", prot=8080), ["[web] prot: there is no such key; did you mean 'port'?"], web.examine),
    "no dialogues": Mistake(settings("dialogue", folder="nowhere"), ["nowhere: there is no such folder", "[dialogue] folder in config.toml"], web.examine),
    "pages' port is another's": Mistake(taken("web"), ["[web] 127.0.0.1:", "is taken by another program: end it, or name another port in config.toml"], web.examine),
    "sound's port is another's": Mistake(taken("media"), ["[media] 127.0.0.1:", "in config.toml, and in IVR_ADDRESS of the dialplan"], web.examine),
    "address of another machine": Mistake(settings("media", host="192.0.2.1"), ["[media] 192.0.2.1:", "is it an address of this machine?"], web.examine),
    "no agent": Mistake(nobody(), ["there is no agent: add one with `ivr person`"], database.examine),
    "database in no folder": Mistake(written("file", "", database={"url": "sqlite:///file/ivr.db"}), ["database ", "file/ivr.db"], database.examine),
    "database that is none": Mistake(written("x.db", "no database" * 100, database={"url": "sqlite:///x.db"}), ["that file is no SQLite database"], database.examine),
    "database of a newer version": Mistake(newer_database(), ["a newer version of this server has written it", "put back the copy of the database from before"], database.examine),
    "database that does not answer": Mistake(settings("database", url="postgresql://ivr@127.0.0.1:9/ivr"), ["nobody answers there: is PostgreSQL running"], database.examine),
    "speech model in no folder": Mistake(settings("speech_in", model_en="nowhere"), ["the speech model for 'en' should be in nowhere"], speech_in.examine),
    "folder without a speech model": Mistake(settings("speech_in", model_en=str(ROOT / "docs")), ["[speech_in] model_en: there is no Vosk model in"], speech_in.examine),
    "no speech model at all": Mistake(settings("speech_in", model_en="off", model_zh="off"), ["nobody is listened to", '[speech_in] model_en = "auto"', "`make models`"], speech_in.examine, "·"),
    "no model but the bundled one": Mistake(empty_cache(), ["Speech: the official models are not here", "`make models` fetches the real ones"], speech_in.examine, "·"),
    "no sentence encoder": Mistake(empty_cache(), ["no sentence encoder: `make setup` fetches it"], speech_in.examine, "·"),
    "speech server that does not answer": Mistake(settings("speech_in", remote_zh=["ws://127.0.0.1:9"]), ["speech server zh: ", "callers have keys only"], speech_in.examine),
    "voice that there is not": Mistake(settings("speech_out", voice_en="klingon"), ["[speech_out] voice_en: pyttsx3 has no voice 'klingon'; `ivr voices` lists those it has"], voice.examine),
    "engine that is not here": Mistake(no_program("IVR_RHVOICE", speech_out={"engine_en": "rhvoice"}), ["voice en: ", "IVR_RHVOICE names /nowhere/program", "pyttsx3 speaks instead"], voice.examine, "·"),
    "pronunciation that cannot be read": Mistake(written("audio/pronunciation.toml", "en = 3"), ["pronunciation.toml"], voice.examine),
    "recordings in no folder": Mistake(written("file", "", recording={"folder": "file/calls", "keep": "all"}), ["[recording] folder: ", "is no folder"], recordings.examine),
    "table of customers that is not there": Mistake(settings("directory", kind="csv", file="nowhere.csv"), ["directory: ", "nowhere.csv"], customers.examine),
    "CRM that does not answer": Mistake(settings("directory", kind="http", url="http://127.0.0.1:9/{number}"), ["directory: the CRM has not answered"], customers.examine),
    "source that is not there": Mistake(settings("sources", shop="sqlite:///nowhere.db"), ["source shop: there is no file", "nowhere.db", "`ivr demo`"], sources.examine),
    "phones' passwords that are not there": Mistake(settings("softphone", enabled=True, address="wss://x/ws", passwords_file="nowhere.toml"), ["nowhere.toml"], softphones.examine),
    "phones' passwords that others may read": Mistake(written("phones.toml", '1001 = "x"', 0o644, softphone={"enabled": True, "address": "wss://x/ws", "passwords_file": "phones.toml"}), ["chmod 600"], softphones.examine),
}  # fmt: skip
FOLLOWS = ("· the rest is looked at once that is mended", "· a call of our own is tried once that is mended")
"""What is said because of a mistake, and is none of its own."""
ALWAYS = ("· Speech: ", "· no sentence encoder", '· [recording] keep = "all"')
"""What is said of what this machine has not, and of what may be so."""


@pytest.fixture(scope="module")
def its_asterisk(tmp_path_factory: pytest.TempPathFactory, real_parts: RealParts) -> Iterator[PrivateAsterisk]:
    real_parts.get(ASTERISK)
    made = PrivateAsterisk.prepare(tmp_path_factory.mktemp("asterisk"), ROOT / "dialplans/asterisk", CACHE, ("1009",))
    etc = made.where / "etc/extensions.conf"
    etc.write_text(f"{etc.read_text()}\n[incoming]\nexten => 4000,1,Goto(ivr-in,${{EXTEN}},1) ; ours\n")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def site(its_asterisk: PrivateAsterisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(trial_call, "STEP_S", 2.0)
    with Lab(its_asterisk.ports.ami, its_asterisk.lab_secret) as lab:
        wait_for(lambda: channels(lab) == 0, 10, "the call of the test before is still there")
        yield Site.of(its_asterisk, lab, tmp_path)


def test_sound_house_has_nothing_wrong(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    said = site.examined([manager_access.examine, web.examine, database.examine], lambda: capsys.readouterr().out)
    assert said == []


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_told_with_the_line_that_mends_it(
    mistake: Mistake, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    with mistake.made(site):
        said = site.examined([mistake.part], lambda: capsys.readouterr().out)
    own = [line for line in said if line not in FOLLOWS and not line.startswith(ALWAYS)]
    fits = [line for line in said if line[0] == mistake.mark and all(words in line for words in mistake.told)]
    assert len(fits) == 1, said
    assert own in (fits, []), "one mistake, one finding"
