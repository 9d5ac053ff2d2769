"""The configuration of the private Asterisk: loopback only, its own directories, only the modules it needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

MODULES = (
    "app_audiosocket app_channelredirect app_chanspy app_confbridge app_db app_dial app_directed_pickup app_echo app_exec "
    "app_mixmonitor app_playback app_playtones app_queue app_read app_senddtmf app_stack app_transfer app_userevent app_verbose "
    "app_waitforsilence app_while bridge_builtin_features bridge_builtin_interval_features bridge_holding "
    "bridge_native_rtp bridge_simple bridge_softmix chan_pjsip codec_alaw codec_resample codec_ulaw format_pcm "
    "format_sln format_wav func_callerid func_channel func_cut func_db func_devstate func_dialplan func_global "
    "func_logic func_rand func_sha1 func_strings func_timeout func_uri func_uuid pbx_config "
    "res_audiosocket res_clioriginate res_crypto "
    "res_musiconhold res_parking res_pjproject res_pjsip res_pjsip_authenticator_digest res_pjsip_caller_id "
    "res_pjsip_endpoint_identifier_anonymous res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user "
    "res_pjsip_pubsub res_pjsip_registrar res_pjsip_outbound_authenticator_digest res_pjsip_outbound_registration "
    "res_pjsip_refer res_pjsip_rfc3326 res_pjsip_sdp_rtp res_pjsip_session res_rtp_asterisk res_sorcery_astdb "
    "res_sorcery_config res_sorcery_memory res_timing_timerfd "
    "res_http_websocket res_pjsip_nat res_pjsip_transport_websocket res_srtp "
).split()


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP and UDP ports on 127.0.0.1."""

    ami: int
    sip: int
    media: int
    rtp_from: int
    rtp_to: int
    web: int = 0
    """Asterisk's own web server, for the phones in agents' pages; 0: none."""


def asterisk_conf(etc: Path, run: Path, modules: Path, data: Path) -> str:
    """asterisk.conf: every path its own."""
    return f"""[directories]
astetcdir => {etc}
astmoddir => {modules}
astvarlibdir => {run}/lib
astdbdir => {run}/lib
astkeydir => {run}/lib
astdatadir => {data}
astagidir => {run}/lib
astspooldir => {run}/spool
astrundir => {run}
astlogdir => {run}/log

[options]
verbose = 3
nocolor = yes
dumpcore = no
"""


def modules_conf() -> str:
    """modules.conf: nothing is loaded that is not named."""
    return "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in MODULES)


def manager_conf(ports: Ports, house: Path, lab_secret: str) -> str:
    """manager.conf: the operator's own file, with what its comments ask for, and a user who places the lab's calls."""
    return f"""[general]
enabled = yes
bindaddr = 127.0.0.1
port = {ports.ami}
channelvars = IVR_CALL
timestampevents = yes
displayconnects = no

#include "{house}/manager_ivr.conf"

[lab]
secret = {lab_secret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = all
write = all
"""


def pjsip_conf(ports: Ports, phones: dict[str, str], in_pages: Collection[str] = ()) -> str:
    """pjsip.conf: one account a phone (name → password), and callers from this machine without one.

    Those ``in_pages`` are phones in browsers: WebRTC over Asterisk's own WebSocket. Sound has its sockets on loopback too: by
    default Asterisk opens them on every address of the machine.
    """
    text = f"""[global]
type = global
user_agent = ivr-lab

[udp]
type = transport
protocol = udp
bind = 127.0.0.1:{ports.sip}

[pages]
type = transport
protocol = ws
bind = 127.0.0.1

[anonymous]
type = endpoint
context = ivr-lab-in
disallow = all
allow = ulaw,alaw
direct_media = no
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
"""
    for name, password in phones.items():
        context = "ivr-lab-desk" if name.startswith("1") else "ivr-lab-in"
        text += f"""
[{name}]
type = endpoint
context = {context}
call_group = 1
pickup_group = 1
disallow = all
allow = ulaw,alaw
auth = {name}
aors = {name}
direct_media = no
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
webrtc = {"yes" if name in in_pages else "no"}

[{name}]
type = auth
auth_type = userpass
username = {name}
password = {password}

[{name}]
type = aor
max_contacts = 2
remove_existing = yes
qualify_frequency = 0
"""
    return text


LAB_DIALPLAN = r"""
; Callers of the lab: SIP calls, and Local channels that play a script.
[ivr-lab-in]
exten => _[+0-9],1,Goto(ivr-in,${EXTEN},1)
exten => _[+0-9].,1,Goto(ivr-in,${EXTEN},1)

; A caller who follows LAB_SCRIPT, steps parted by |
;   wait:S   play:FILE-WITHOUT-EXTENSION   key:DIGIT   hush:MS   record:FILE   (hang up at the end)
; record: FILE-heard.wav and FILE-said.wav, and FILE.whole once both are.
; hush waits until the other side has spoken and then been silent for that long.
; A wait sends no sound at all, as a phone with silence suppression does.
[ivr-lab-caller]
exten => run,1,Answer()
 same => n(next),Set(LAB_STEP=${SHIFT(LAB_SCRIPT,|)})
 same => n,GotoIf($["${LAB_STEP}" = ""]?done)
 same => n,Set(LAB_KIND=${CUT(LAB_STEP,:,1)})
 same => n,Set(LAB_VALUE=${CUT(LAB_STEP,:,2-)})
 same => n,ExecIf($["${LAB_KIND}" = "wait"]?Wait(${LAB_VALUE}))
 same => n,ExecIf($["${LAB_KIND}" = "play"]?Playback(${LAB_VALUE},noanswer))
 same => n,ExecIf($["${LAB_KIND}" = "key"]?SendDTMF(${LAB_VALUE},100,100))
 same => n,ExecIf($["${LAB_KIND}" = "hush"]?WaitForNoise(100,1,20))
 same => n,ExecIf($["${LAB_KIND}" = "hush"]?WaitForSilence(${LAB_VALUE},1,30))
 same => n,GotoIf($["${LAB_KIND}" != "record"]?next)
 same => n,MixMonitor(${LAB_VALUE}.wav,Sr(${LAB_VALUE}-heard.wav)t(${LAB_VALUE}-said.wav),touch ${LAB_VALUE}.whole)
 same => n,Goto(next)
 same => n(done),Hangup()

; A caller whose name no network would let through: LAB_NAME, URI-decoded, line breaks and all.
[ivr-lab-hostile]
exten => eve,1,Set(CALLERID(name)=${URIDECODE(${LAB_NAME})})
 same => n,Goto(ivr-in,4000,1)

; What agents' phones may dial: a colleague, *8 (pick up what rings), 700 (park) and 701 to 720 (take from there), and whatever
; callers may.
[ivr-lab-desk]
exten => _1XXX,1,Dial(PJSIP/${EXTEN},60)
 same => n,Hangup()
exten => *8,1,Pickup()
 same => n,Hangup()
exten => 700,1,Park()
include => ivr-lab-parked
include => ivr-lab-in

; "Outside" ends at the lab's own phones: +49 and one of their numbers; Ms Schmidt, who can be called back, has the phone 2001.
[ivr-outside]
exten => +4930901820,1,Dial(PJSIP/2001,60)
 same => n,Hangup()
exten => _+49X.,1,Dial(PJSIP/${EXTEN:3},60)
 same => n,Hangup()

; Agents' phones. A softphone that has registered rings; else a pretended phone rings for LAB_RING_<number> seconds
; (default 3), answers, and talks for LAB_TALK_<number> seconds (default 6). LAB_RING "never": rings on for ever.
; LAB_HUM "yes": sends a tone while it talks.
[ivr-lab-phones]
exten => _1XXX,1,GotoIf($["${DEVICE_STATE(PJSIP/${EXTEN})}" = "NOT_INUSE" | "${DEVICE_STATE(PJSIP/${EXTEN})}" = "INUSE"]?real)
 same => n,Ringing()
 same => n,Set(LAB_RING=${GLOBAL(LAB_RING_${EXTEN})})
 same => n,Set(LAB_TALK=${GLOBAL(LAB_TALK_${EXTEN})})
 same => n,GotoIf($["${LAB_RING}" = "never"]?never)
 same => n,Wait(${IF($["${LAB_RING}" = ""]?3:${LAB_RING})})
 same => n,Answer()
 same => n,ExecIf($["${GLOBAL(LAB_HUM_${EXTEN})}" = "yes"]?PlayTones(425))
 same => n,Wait(${IF($["${LAB_TALK}" = ""]?6:${LAB_TALK})})
 same => n,Hangup()
 same => n(never),Wait(600)
 same => n,Hangup()
 same => n(real),Dial(PJSIP/${EXTEN},60)
 same => n,Hangup()
"""


def extensions_conf(ports: Ports, house: Path, settings: Sequence[str] = ()) -> str:
    """extensions.conf: the operator's own file beside the lab's callers and phones."""
    lines = "".join(f"{line}\n" for line in settings)
    return f"""[general]
static = yes
writeprotect = yes

[globals]
IVR_ADDRESS = 127.0.0.1:{ports.media}
{lines}
#include "{house}/extensions_ivr.conf"
{LAB_DIALPLAN}"""


def _http_conf(ports: Ports) -> str:
    enabled = "yes" if ports.web else "no"
    return f"[general]\nenabled = {enabled}\nbindaddr = 127.0.0.1\nbindport = {ports.web or 8088}\n"


def small_files(ports: Ports, house: Path) -> dict[str, str]:
    """The other files, by name."""
    return {
        "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error,verbose(3)\n",
        "queues.conf": f'[general]\npersistentmembers = no\n\n#include "{house}/queues_ivr.conf"\n\n'
        "; somebody else's: this Asterisk does more than ours\n[their-support]\nstrategy = ringall\n",
        "rtp.conf": f"[general]\nrtpstart = {ports.rtp_from}\nrtpend = {ports.rtp_to}\nicesupport = yes\n",
        "http.conf": _http_conf(ports),
        "musiconhold.conf": "[general]\n",
        "features.conf": "[general]\n",
        "acl.conf": "",
        "res_parking.conf": "[general]\n\n[default]\nparkext = 700\nparkpos = 701-720\ncontext = ivr-lab-parked\n"
        "parkingtime = 45\n",
        "confbridge.conf": "[general]\n",
        "ccss.conf": "[general]\n",
        "cel.conf": "[general]\nenable = no\n",
        "queuerules.conf": "[general]\n",
        "udptl.conf": "[general]\n",
        "pjproject.conf": "[startup]\nlog_mappings = yes\n",
        "cdr.conf": "[general]\nenable = no\n",
        "indications.conf": "[general]\ncountry = us\n\n[us]\ndescription = United States\nringcadence = 2000,4000\n"
        "dial = 350+440\nbusy = 480+620/500,0/500\nring = 440+480/2000,0/4000\ncongestion = 480+620/250,0/250\n",
    }
