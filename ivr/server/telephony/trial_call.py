"""The doctor's own call: through the manager, the dialplan and AudioSocket and back. Settings say what ought to be; this is.

It rings at ``ivr-in`` as any caller, from Asterisk's own side (``ivr-doctor`` in extensions_ivr.conf): a tone goes there and
comes back, a key is pressed, the call is sent to the queue ``ivr-doctor``, where nobody is, and hung up. Nothing is recorded, no
phone rings. Each step that fails names what it stands for, the line to write and the file to write it to.
"""

from __future__ import annotations

import math
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import uuid4

from ivr.adapters.asterisk.witness import NotDone, Witness
from ivr.config.load import Config
from ivr.core.endpointing import FRAME_BYTES, FRAME_MS
from ivr.server.parts import Finding, not_ours
from ivr.server.running import health
from ivr.server.telephony.dialplan import another_address
from ivr.wire.asterisk.audiosocket import (
    HANGUP_MESSAGE,
    Audio,
    Gone,
    Identity,
    Key,
    Message,
    Parser,
    ProtocolError,
    encode_audio,
)

STEP_S = 8.0
"""How long each step may take. Asterisk's own Answer() takes half a second of it."""
QUEUE, CALLER = "ivr-doctor", "Local/s@ivr-in"
TONE_MS = 400
LOUD = 500
"""Of 32768: a tone is, the noise of a silent line is not."""
TONE = b"".join(struct.pack("<h", round(8000 * math.sin(math.pi * at / 4))) for at in range(FRAME_BYTES // 2))
"""20 ms of 1000 Hz."""
NO_FILTER = "no eventfilter but the two that it has"
GENERAL = "under [general] of manager.conf (FreePBX: under [general](+) in manager_custom.conf)"


class _Ended(Exception):
    """No step after this one can work; what was wrong has been said."""


@dataclass(slots=True)
class _Trial:
    """One call under way."""

    witness: Witness
    listener: socket.socket
    config: Config
    halves: tuple[str, str] = field(default_factory=lambda: (f"ivr-doctor-{uuid4()}", f"ivr-doctor-{uuid4()}"))
    """The unique ids of both ends of its Local channel."""
    channel: str = ""
    """The one that runs [ivr-in], once it has rung."""
    line: socket.socket | None = None
    heard: list[Message] = field(default_factory=list)
    parser: Parser = field(default_factory=Parser)

    @property
    def where(self) -> str:
        """Where the server listens for sound, as the dialplan has to name it."""
        return f"{self.config.media.host}:{self.config.media.port}"

    # -- the steps

    def rings(self) -> Iterator[Finding]:
        """The call comes in, and Asterisk tells of it."""
        try:
            self.witness.act(
                "Originate", Channel=f"{CALLER}/n", Context="ivr-doctor", Exten="caller", Priority="1", Async="true",
                CallerID='"ivr doctor" <0>', Timeout="10000",
                ChannelId=self.halves[0], OtherChannelId=self.halves[1], Variable=f"IVR_FALLBACK={QUEUE}",
            )  # fmt: skip
        except NotDone as error:
            yield False, f"a call of our own cannot be placed ({error}): {_why_not(str(error))}"
            raise _Ended from error
        ring = self._event("UserEvent", lambda one: one.get("UserEvent") == "IvrRing" and CALLER in one["Channel"])
        if ring is None:
            yield False, self._no_ring()
            raise _Ended
        self.channel = ring["Channel"]
        yield True, "a call of our own rings in [ivr-in], and Asterisk tells us of it"
        if not any(CALLER in one["Channel"] for one in self.witness.events("Newchannel")):
            yield (
                False,
                f"Asterisk does not tell us what becomes of calls: read = …,call in manager_ivr.conf, and {NO_FILTER}; then "
                "`asterisk -rx 'manager reload'`",
            )
        if "IVR_CALL" not in ring.get("ChanVariable", ""):
            yield (
                False,
                f"Asterisk's news of calls lack their id, so no phone's ring is known: channelvars = IVR_CALL {GENERAL}",
            )
        if "Timestamp" not in ring:
            yield (
                None,
                f"Asterisk's news have no time, so ring-to-pop is measured later than it is: timestampevents = yes {GENERAL}",
            )

    def _no_ring(self) -> str:
        if self._failed():
            return (
                'a call of our own did not get to [ivr-in],s: copy extensions_ivr.conf again, and #include "extensions_ivr.conf" '
                "in extensions.conf (FreePBX: extensions_custom.conf)"
            )
        return (
            "a call of our own was placed, and Asterisk tells us of no call: read = system,call,agent,user,dtmf,reporting in "
            f"manager_ivr.conf, and {NO_FILTER}; then `asterisk -rx 'manager reload'`"
        )

    def connects(self) -> Iterator[Finding]:
        """Asterisk connects for sound, and says which call it is."""
        self.listener.settimeout(STEP_S)
        try:
            self.line, _ = self.listener.accept()
        except TimeoutError as error:
            yield False, f"Asterisk does not connect to [media] {self.where} for sound: {self._address()}"
            raise _Ended from error
        if self._message(Identity) is None:
            yield (
                False,
                f"what connects to [media] {self.where} is no AudioSocket: another program has the dialplan's IVR_ADDRESS",
            )
            raise _Ended
        yield True, f"Asterisk connects to [media] {self.where} for its sound"
        try:
            self.witness.act("Setvar", Channel=self.channel, Variable="TIMEOUT(absolute)", Value="0")
        except NotDone as error:
            yield False, f"nothing can be done with a call ({error}): write = system,call,agent,… in manager_ivr.conf"
            raise _Ended from error

    def _address(self) -> str:
        return (
            another_address(self.witness, self.config)
            or "is app_audiosocket loaded, and does no firewall stand between?"
        )

    def sounds(self) -> Iterator[Finding]:
        """The caller's side sends back what it hears; then a key is pressed there."""
        self._plays()
        if self._is_loud():
            yield True, "sound goes to the caller, and back"
        elif self.witness.does("ModuleCheck", Module="app_echo.so"):
            yield False, "no sound comes back from the caller's side: has Asterisk codec_ulaw and codec_alaw?"
        else:
            yield (
                None,
                "whether sound goes both ways is not known: load = app_echo.so in modules.conf, which the doctor's call needs",
            )
        yield from self._key()

    def _key(self) -> Iterator[Finding]:
        try:
            self.witness.act("PlayDTMF", Channel=self.channel.removesuffix("2") + "1", Digit="7")
        except NotDone as error:
            yield None, f"whether keys are heard is not known: Asterisk did not press one ({error})"
            return
        if self._message(Key) is not None or self._event("DTMFEnd", lambda one: one.get("Digit") == "7"):
            yield True, "a key that the caller presses is heard"
        else:
            yield False, "a key that the caller presses is not heard: read = …,dtmf in manager_ivr.conf"

    def goes_on(self) -> Iterator[Finding]:
        """The call is sent to a queue."""
        try:
            self.witness.act("Setvar", Channel=self.channel, Variable="IVR_ROUTE", Value=f"queue,{QUEUE},0,,0,5")
        except NotDone as error:
            yield False, f"no call can be sent anywhere ({error}): write = …,call in manager_ivr.conf"
            raise _Ended from error
        assert self.line is not None
        self.line.sendall(HANGUP_MESSAGE)
        joined = self._event("QueueCallerJoin", lambda one: CALLER in one["Channel"])
        if joined is None:
            yield (
                False,
                f"the call does not arrive in its queue, {QUEUE}: copy queues_ivr.conf again (joinempty = yes stands in it), "
                '#include "queues_ivr.conf" in queues.conf (FreePBX: queues_custom.conf), and in manager_ivr.conf '
                f"read = …,agent, and {NO_FILTER}",
            )
        elif joined["Queue"] == QUEUE:
            yield True, "the call goes to the queue that it is sent to"
        else:
            yield (
                False,
                f"the call went to {joined['Queue']} and not to {QUEUE}, where it was sent: copy queues_ivr.conf and "
                "extensions_ivr.conf again",
            )

    def ends(self) -> None:
        """Hang up whatever is left of it."""
        for half in self.halves:  # by their ids: where no news comes, their names are not known
            self.witness.does("Hangup", Channel=half)  # gone by itself is as good
        if self.line is not None:
            self.line.close()

    # -- what comes

    def _event(self, name: str, is_it: Callable[[dict[str, str]], bool]) -> dict[str, str] | None:
        until = time.monotonic() + STEP_S
        while time.monotonic() < until:
            found = next((one for one in self.witness.events(name) if is_it(one)), None)
            if found or (name == "UserEvent" and self._failed()):
                return found
            time.sleep(0.02)
        return None

    def _failed(self) -> bool:
        return any(one.get("Response") == "Failure" for one in self.witness.events("OriginateResponse"))

    def _message(self, kind: type[Message]) -> Message | None:
        return self._read(lambda one: isinstance(one, kind))

    def _is_loud(self) -> bool:
        return self._read(lambda one: isinstance(one, Audio) and _peak(one.pcm) > LOUD) is not None

    def _read(self, is_it: Callable[[Message], bool]) -> Message | None:
        assert self.line is not None
        until = time.monotonic() + STEP_S
        try:
            while not any(map(is_it, self.heard)) and time.monotonic() < until:
                self.line.settimeout(max(0.01, until - time.monotonic()))
                chunk = self.line.recv(65536)
                if not chunk:
                    break
                self.heard += self.parser.feed(chunk)
                if self.heard and isinstance(self.heard[-1], Gone):
                    break
        except (TimeoutError, ConnectionError, ProtocolError):
            return None  # whoever asked says what that means
        return next(filter(is_it, self.heard), None)

    def _plays(self) -> None:
        """Our tone, at its own pace."""
        assert self.line is not None
        try:
            for _ in range(TONE_MS // FRAME_MS):
                self.line.sendall(encode_audio(TONE))
                time.sleep(FRAME_MS / 1000)
        except ConnectionError:
            return  # the next step finds that nobody is there


def _why_not(said: str) -> str:
    if "does not exist" in said:
        return "copy extensions_ivr.conf again, which has [ivr-doctor], and reload Asterisk"
    return "write = …,originate,call in manager_ivr.conf"


def _peak(pcm: bytes) -> int:
    samples: tuple[int, ...] = struct.unpack(f"<{len(pcm) // 2}h", pcm)
    return max(map(abs, samples))


def examine(witness: Witness, config: Config) -> Iterator[Finding]:
    """Make the call, and say of each step whether it works. ``witness`` is signed in as the server will be."""
    try:
        listener = socket.create_server((config.media.host, config.media.port))
    except OSError as error:
        if wrong := another_address(witness, config):
            yield False, f"callers are not heard: {wrong}"
        if health(config) is not None:
            yield (
                None,
                "no call of our own is tried while the server runs: it hears calls at "
                f"{config.media.host}:{config.media.port}; end it and run `ivr doctor` again for one",
            )
        else:
            yield None, f"no call of our own is tried: {not_ours('media', config.media.host, config.media.port, error)}"
        return
    with listener:
        trial = _Trial(witness, listener, config)
        try:
            for step in (trial.rings, trial.connects, trial.sounds, trial.goes_on):
                yield from step()
        except _Ended:
            return
        finally:
            trial.ends()
