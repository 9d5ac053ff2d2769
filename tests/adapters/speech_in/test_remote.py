"""Speech in on another machine: the same words, and nothing lost when that machine is."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import vosk
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ivr.adapters.speech_in.decoding import Wanted
from ivr.adapters.speech_in.remote import KEPT_FRAMES, RemoteRecogniser
from ivr.adapters.speech_in.remote_server import EngineLost, EngineTimes
from ivr.adapters.speech_in.vosk import VoskRecogniser
from ivr.calls.caller.ports import Transcript
from ivr.config.load import parse
from ivr.core.digit_words import digit_words
from ivr.core.endpointing import FRAME_BYTES, SILENCE_FRAME
from ivr.core.language import Language
from ivr.server.speech.speech_in import _speech_servers
from tests.adapters.vosk_server import Fault, VoskServer, serving
from tests.calls.fakes import Recogniser as Pretended
from tests.conftest import PATIENCE_S
from tests.waiting import until
from tools.speech_model.hearing import CALLS, recording
from tools.speech_model.sample_calls import MODEL

YES_NO = ("yes", "no")
QUICK = EngineTimes(connect_s=0.5, answer_s=0.5, failures=2, pause_s=0.05)
PATIENT = EngineTimes(connect_s=PATIENCE_S, answer_s=PATIENCE_S, failures=2, pause_s=0.05)
"""For servers that do answer, on a machine that is busy."""
WORDS = "my watch was due yesterday and it is not here"
DEAF = Pretended(hears=())


@pytest.fixture(scope="module")
def model(_from_the_root: None) -> Any:
    return vosk.Model(str(MODEL))


@pytest.fixture(scope="module")
def local(_from_the_root: None) -> Iterator[VoskRecogniser]:
    made = VoskRecogniser({"en": MODEL}, threads=1)
    yield made
    made.close()


@asynccontextmanager
async def remote(
    *servers: VoskServer, local: Any = DEAF, times: EngineTimes = PATIENT, language: Language = "en"
) -> AsyncIterator[RemoteRecogniser]:
    made = RemoteRecogniser({language: [server.address for server in servers]}, local, times)
    try:
        yield made
    finally:
        await made.close()


async def hear(
    recogniser: RemoteRecogniser | VoskRecogniser,
    name: str,
    how: Wanted | None = None,
    *,
    between: Callable[[int], object] | None = None,
    partial: Callable[[str], None] | None = None,
) -> Transcript:
    """One utterance, spoken faster than anybody can, with turns for everybody else; ``between`` is told each frame."""
    how, pcm = how or Wanted(), recording(CALLS / f"{name}.wav")
    listening = recogniser.listen("en", how.grammar, partial, how.otherwise_open, how.several)
    for at in range(0, len(pcm), FRAME_BYTES):
        listening.feed(pcm[at : at + FRAME_BYTES])
        if between:
            done = between(at // FRAME_BYTES)
            if asyncio.iscoroutine(done):
                await done
        await asyncio.sleep(0.001)  # a fiftieth of real time
    return replace(await listening.finish(), decode_ms=0.0)


@pytest.mark.parametrize(
    "how",
    [Wanted(), Wanted(YES_NO), Wanted(YES_NO, True), Wanted(digit_words("en"), True, True)],
    ids=["open", "yes or no", "yes, no or a sentence", "digits or a sentence"],
)
@pytest.mark.parametrize("name", ["yes", "late-watch", "order-4711"])
async def test_same_as_on_this_machine(name: str, how: Wanted, model: Any, local: VoskRecogniser) -> None:
    """Words, shares, confidences, times; and which of two hearings is believed."""
    async with serving(model) as server, remote(server) as far:
        assert await hear(far, name, how) == await hear(local, name, how)
        assert server.sound
        assert far.engines["en"][0].results == {"heard": 1}


async def test_server_is_told_what_the_question_needs(model: Any) -> None:
    async with serving(model) as server, remote(server) as far:
        await hear(far, "yes", Wanted(YES_NO, otherwise_open=True))
    narrow, free = sorted(server.configs, key=lambda config: "phrase_list" not in config)
    assert narrow == {"sample_rate": 8000, "phrase_list": ["yes", "no", "[unk]"], "words": True, "max_alternatives": 0}
    assert free == {"sample_rate": 8000, "words": False, "max_alternatives": 4}


async def test_partial_results_arrive_while_the_caller_speaks(model: Any) -> None:
    said: list[str] = []
    async with serving(model) as server, remote(server) as far:
        await hear(far, "late-watch", partial=said.append)
    assert said[0].split()[0] == "my"
    assert len(said[-1].split()) > len(said[0].split())


async def test_words_so_far_are_those_that_the_server_has_told(model: Any, local: VoskRecogniser) -> None:
    looks: list[Sequence[str]] = []
    async with serving(model) as server, remote(server) as far:
        pcm = recording(CALLS / "yes.wav") + bytes(FRAME_BYTES) * 20
        listening = far.listen("en", YES_NO, None, otherwise_open=True)
        listening.look(looks.append)
        for at in range(0, len(pcm), FRAME_BYTES):
            listening.feed(pcm[at : at + FRAME_BYTES])
        await until(lambda: listening.look(looks.append) or (looks and tuple(looks[-1]) == ("yes", "yes")))
        assert tuple(looks[0]) == ("", "")
        assert (await listening.finish()).text == "yes"
    async with remote(server, local=local, times=QUICK) as far:  # it is gone: the model here has its place
        listening, looks[:] = far.listen("en", None), []
        for at in range(0, len(pcm), FRAME_BYTES):
            listening.feed(pcm[at : at + FRAME_BYTES])
        await until(lambda: listening.look(looks.append) or (looks and tuple(looks[-1]) == ("yes",)))


async def test_nothing_said(model: Any) -> None:
    async with serving(model) as server, remote(server) as far:
        listening = far.listen("en", None)
        listening.feed(SILENCE_FRAME)
        assert (await listening.finish()).hypotheses == ()


# -- lost


async def test_killed_in_the_middle_of_an_utterance(model: Any, local: VoskRecogniser) -> None:
    async with serving(model) as server, remote(server, local=local) as far:

        def kill(frame: int) -> object:
            return server.stop() if frame == 80 else None

        assert (await hear(far, "late-watch", between=kill)).text == WORDS
        assert 0 < server.sound < len(recording(CALLS / "late-watch.wav"))
        assert far.engines["en"][0].results == {"lost": 1}
        await server.start()


async def never(*_: object) -> str:
    await asyncio.Event().wait()
    return ""


def slow(count: int, socket: object) -> object:
    return asyncio.ensure_future(never()) if count > 3 else None


def at_the_end(answer: str) -> Fault:
    """Vosk's own answers, and another one from the fourth on."""
    return lambda count, socket: answer if count > 3 else None


FAULTS = {
    "silent": slow,
    "garbage": at_the_end("{partial"),
    "a list": at_the_end("[1, 2]"),
    "nothing in it": at_the_end("{}"),
    "wrong types": at_the_end('{"text": 5}'),
    "words without times": at_the_end('{"text": "yes", "result": [{"word": "yes"}]}'),
    "confidence is text": at_the_end('{"alternatives": [{"text": "yes", "confidence": "1"}]}'),
    "confidence is no number": at_the_end('{"alternatives": [{"text": "yes", "confidence": NaN}]}'),
    "too much": at_the_end('{"text": "' + "a" * (1 << 21) + '"}'),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_server_that_does_not_answer_as_it_should(fault: Fault, model: Any, local: VoskRecogniser) -> None:
    async with serving(model, fault) as server, remote(server, local=local, times=QUICK) as far:
        assert (await hear(far, "late-watch")).text == WORDS
        assert far.engines["en"][0].results == {"lost": 1}


async def test_server_that_refuses(local: VoskRecogniser) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        far = RemoteRecogniser({"en": [f"ws://127.0.0.1:{taken.getsockname()[1]}"]}, local, QUICK)
        assert (await hear(far, "late-watch")).text == WORDS
        await far.close()


async def test_without_a_model_here_the_one_who_waits_is_told(model: Any) -> None:
    async with serving(model, FAULTS["garbage"]) as server, remote(server) as far:
        with pytest.raises(EngineLost, match=f"{server.address}: an answer that is none"):
            await hear(far, "late-watch")


def broken(count: int, socket: object) -> str:
    return "{partial"


async def test_left_alone_after_failures_and_back_by_itself(model: Any, local: VoskRecogniser) -> None:
    async with serving(model, broken) as server, remote(server, local=local) as far:
        engine = far.engines["en"][0]
        for _ in range(QUICK.failures):
            assert engine.usable
            await hear(far, "yes")
        assert not engine.usable
        asked = server.sound
        assert (await hear(local, "late-watch")).text == WORDS == (await hear(far, "late-watch")).text
        tries = server.sound - asked
        assert tries % 1600 == 0, "no caller's sound went there, only that of trying"
        server.fault = None
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*far.trying)
        assert (await hear(far, "late-watch")).text == WORDS
        assert engine.results == {"lost": QUICK.failures, "heard": 1}


async def test_languages_are_heard_where_a_server_or_a_model_is(model: Any, local: VoskRecogniser) -> None:
    async with serving(model, broken) as server, remote(server, local=local, language="zh") as far:
        assert far.hears("en") and far.hears("zh")
        for _ in range(QUICK.failures):
            listening = far.listen("zh", None)
            listening.feed(SILENCE_FRAME * 20)
            with pytest.raises(EngineLost):
                await listening.finish()
        assert far.hears("en") and not far.hears("zh"), "keys, until the server is back"


async def test_utterances_are_spread_over_servers(model: Any) -> None:
    async with serving(model) as one, serving(model) as two, remote(one, two) as far:
        results = await asyncio.gather(*(hear(far, "late-watch") for _ in range(4)))
        assert {result.text for result in results} == {WORDS}
        assert [engine.results["heard"] for engine in far.engines["en"]] == [2, 2]


async def test_utterance_that_is_thrown_away(model: Any) -> None:
    async with serving(model) as server, remote(server) as far:
        engine = far.engines["en"][0]
        cancelled = far.listen("en", None)
        cancelled.feed(SILENCE_FRAME)
        cancelled.cancel()
        assert (await cancelled.finish()).hypotheses == ()
        endless = far.listen("en", None)
        for _ in range(KEPT_FRAMES + 1):
            endless.feed(SILENCE_FRAME)
        assert (await endless.finish()).hypotheses == ()
        assert engine.under_way == 0 and engine.usable


# -- answers that are odd

EMPTY, EMPTY_OF_SEVERAL = '{"text": ""}', '{"alternatives": [{"text": "", "confidence": 1.0}]}'
LATE = "my watch is late"


def parts(*answers: str) -> Fault:
    """These answers, the last of them again and again."""
    return lambda count, socket: answers[min(count, len(answers)) - 1]


def told(*partials: str) -> Fault:
    return parts(*(f'{{"partial": "{partial}"}}' for partial in partials))


ODD: dict[str, tuple[Fault, tuple[str, ...], str]] = {
    "all of it in the last partial": (told("my", "my watch", LATE), (EMPTY,), LATE),
    "… with readings": (told("my", LATE), (EMPTY_OF_SEVERAL,), LATE),
    "… no readings at all": (told("my", LATE), ('{"alternatives": []}',), LATE),
    "a partial, and then nothing, at the end": (told("my"), (f'{{"partial": "{LATE}"}}',), LATE),
    "a partial, and then the result, at the end": (told("my"), ('{"partial": "my watch"}', f'{{"text": "{LATE}"}}'), LATE),
    "a partial, and then an empty result, at the end": (told("my"), (f'{{"partial": "{LATE}"}}', EMPTY), LATE),
    "an empty partial beside the result": (told("my"), (f'{{"partial": "", "text": "{LATE}"}}',), LATE),
    "an old partial beside the result": (told("my"), (f'{{"partial": "my", "text": "{LATE}"}}',), LATE),
    "nothing, and nothing": (told(""), (EMPTY,), ""),
    "what was not recognised": (told("[unk]"), (EMPTY,), ""),
    "the result as ever": (told("my watch is slate"), (f'{{"text": "{LATE}"}}',), LATE),
    "its second half": (
        parts('{"partial": "my"}', '{"text": "my watch"}', '{"partial": "is late"}'),
        (EMPTY,), LATE,
    ),
    "its second half, told with the first": (
        parts('{"partial": ""}', '{"text": "my watch"}', f'{{"partial": "{LATE}"}}'),
        (EMPTY,), LATE,
    ),
    "readings in no order": (
        told("my"),
        (
            '{"alternatives": [{"text": "", "confidence": 1.0}, {"text": "my", "confidence": 2},'
            f' {{"text": "{LATE}", "confidence": 9}}]}}',
        ),
        LATE,
    ),
    "a noise after it": (
        parts('{"partial": ""}', f'{{"text": "{LATE}"}}', '{"partial": "the"}'), (EMPTY,), LATE,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "at_the_end", "heard"), ODD.values(), ids=ODD)
async def test_what_a_server_has_told_is_heard(
    fault: Fault, at_the_end: tuple[str, ...], heard: str, model: Any
) -> None:
    async with serving(model, fault) as server, remote(server) as far:
        server.at_the_end = at_the_end
        assert (await hear(far, "late-watch")).text == heard
        assert far.engines["en"][0].results == {"heard": 1}


async def test_words_that_are_gone_from_the_result_are_heard_here(model: Any, local: VoskRecogniser) -> None:
    async with serving(model, told("my", LATE)) as server, remote(server, local=local) as far:
        server.at_the_end = (EMPTY,)
        assert (await hear(far, "late-watch")).text == WORDS
        assert far.engines["en"][0].usable, "it is there, and answers"


# -- TLS, and what the doctor says


def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(here, critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


ASK = "import asyncio, sys; from ivr.adapters.speech_in.remote_server import reached; asyncio.run(reached(sys.argv[1]))"


async def test_tls_with_a_certificate_that_is_trusted_and_with_one_that_is_not(model: Any, tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pem)

    async def ask(trusted: dict[str, str]) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", ASK, server.address, stderr=asyncio.subprocess.PIPE, env={**os.environ, **trusted}
        )
        _, said = await process.communicate()
        return process.returncode, said.decode()

    async with serving(model, tls=tls) as server:
        assert server.address.startswith("wss://")
        assert await ask({"SSL_CERT_FILE": str(pem)}) == (0, "")
        code, said = await ask({})
        assert code == 1 and "no connection" in said and "CERTIFICATE_VERIFY_FAILED" in said


async def test_doctor_says_what_is_without_a_server(model: Any) -> None:
    async with serving(model) as server:
        config = parse({"speech_in": {"remote_en": server.address, "remote_zh": [server.address]}}, "my.toml", {})
        found = await asyncio.to_thread(lambda: list(_speech_servers(config, {"en"})))
        assert found == [
            (True, f"speech server en: {server.address} answers"),
            (True, f"speech server zh: {server.address} answers"),
        ]
        server.fault = broken
        (en, said_en), (zh, said_zh) = await asyncio.to_thread(lambda: list(_speech_servers(config, {"en"})))
        assert en is None and said_en.endswith(
            "an answer that is none: '{partial'; meanwhile the model here takes its place"
        )
        assert zh is False and said_zh.endswith("; meanwhile callers have keys only")
