"""Speech in through the real Vosk decoder, with the bundled model and the sample calls."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.speech_in.decoding import Wanted
from ivr.adapters.speech_in.lanes import Rank, Workers
from ivr.adapters.speech_in.recognisers import Decoding, Recognisers
from ivr.adapters.speech_in.vosk import BACKLOG_FRAMES, ModelUnusable, VoskListening, VoskRecogniser
from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.core.digit_words import digit_words
from ivr.core.endpointing import FRAME_BYTES, SILENCE_FRAME
from ivr.core.flow.flow import Flow
from ivr.core.flow.intent import ALTERNATIVES, Hypothesis, joined
from tests.conftest import CACHE, PATIENCE_S, RealParts
from tools.speech_model.hearing import CALLS, heard, recording
from tools.speech_model.sample_calls import DIALOGUES, MODEL, Said, hear, read_flow, said, taken_for
from tools.speech_model.sentences import Dialogue

SAID = said()
BY_NAME = {one.name: one for one in SAID}
YES_NO = ("yes", "no")
SECOND = SILENCE_FRAME * 50


@pytest.fixture(scope="module")
def recogniser(_from_the_root: None) -> Iterator[VoskRecogniser]:
    made = VoskRecogniser({"en": MODEL}, threads=2)
    yield made
    made.close()


@pytest.fixture(scope="module")
def flow(_from_the_root: None) -> Flow:
    return read_flow()


@pytest.fixture(scope="module")
def understanding(flow: Flow) -> Understanding:
    return Understanding.train(list(flow.intents.values()), SentenceEncoder.find(CACHE / "encoder"))


def sound(name: str) -> bytes:
    return recording(CALLS / f"{name}.wav")


# -- the sample calls


@pytest.mark.parametrize("one", SAID, ids=lambda one: one.name)
async def test_sample_call_is_heard_word_for_word(one: Said, recogniser: VoskRecogniser, real_parts: RealParts) -> None:
    result = await heard(recogniser, recording(one.path))
    assert result.text == one.words
    real_parts.used("Vosk decoder", f"libvosk with {MODEL}")


@pytest.mark.parametrize("one", [one for one in SAID if one.wanted is not None], ids=lambda one: one.name)
async def test_sample_call_is_understood(
    one: Said, recogniser: VoskRecogniser, flow: Flow, understanding: Understanding
) -> None:
    result = await hear(recogniser, one, flow)
    assert taken_for(one, result, flow, understanding) == one.wanted


def test_every_recording_is_described(_from_the_root: None) -> None:
    assert {path.stem for path in CALLS.glob("*.wav")} == set(BY_NAME)


def test_model_knows_every_word_of_the_dialogue(_from_the_root: None) -> None:
    lines = (MODEL / "graph" / "words.txt").read_text().splitlines()
    known = {line.split()[0] for line in lines}
    wanted = Dialogue.read(DIALOGUES).words() | set(digit_words("en"))
    assert len(wanted) > 150
    assert not wanted - known, "rebuild the model: python -m tools.speech_model.build"


# -- one utterance


async def test_open_question_gives_ranked_readings(recogniser: VoskRecogniser) -> None:
    several = 0
    for one in SAID:
        result = await heard(recogniser, recording(one.path))
        shares = [reading.share for reading in result.hypotheses]
        assert 1 <= len(shares) <= ALTERNATIVES
        assert sum(shares) == pytest.approx(1)
        assert shares == sorted(shares, reverse=True)
        assert len({reading.text for reading in result.hypotheses}) == len(shares)
        assert result.confidence is None and result.words == ()
        several += len(shares) > 1
    assert several > 3


async def test_grammar_gives_confidences_and_times(recogniser: VoskRecogniser) -> None:
    result = await heard(recogniser, sound("order-4711"), digit_words("en"))
    assert [word for word, *_ in result.words] == ["four", "seven", "one", "one"]
    assert result.confidence is not None and 0.9 < result.confidence <= 1
    ends = 0.3  # the recording begins with the noise of the line
    for _, start, end, confidence in result.words:
        assert ends <= start < end
        assert 0 <= confidence <= 1
        ends = end
    assert [reading.share for reading in result.hypotheses] == [1.0]


@pytest.mark.parametrize("grammar", [YES_NO, digit_words("en")], ids=["yes or no", "digits"])
@pytest.mark.parametrize("name", ["late-watch", "charged-twice", "off-topic", "yes", "order-4802"])
async def test_grammar_limits_what_can_be_heard(
    name: str, grammar: tuple[str, ...], recogniser: VoskRecogniser
) -> None:
    result = await heard(recogniser, sound(name), grammar)
    assert set(result.text.split()) <= set(grammar)
    assert "[unk]" not in result.text


async def test_long_pause_does_not_end_the_utterance(recogniser: VoskRecogniser) -> None:
    both = sound("charged-twice") + SECOND + SECOND + sound("where-order")
    result = await heard(recogniser, both)
    assert result.text == "i was charged twice where is my order"
    assert sum(reading.share for reading in result.hypotheses) == pytest.approx(1)


async def test_partial_results_arrive_while_the_caller_speaks(recogniser: VoskRecogniser) -> None:
    partials: asyncio.Queue[str] = asyncio.Queue()
    pcm = sound("late-watch")
    listening = recogniser.listen("en", None, partials.put_nowait)
    half = len(pcm) // 640 * 320
    for start in range(0, half, 320):
        listening.feed(pcm[start : start + 320])
    first = await asyncio.wait_for(partials.get(), PATIENCE_S)
    assert first.split()[0] == "my"
    listening.feed(pcm[half:])
    assert (await listening.finish()).text == BY_NAME["late-watch"].words


async def test_words_so_far_are_told_once_by_every_hearing(recogniser: VoskRecogniser) -> None:
    looks: asyncio.Queue[Sequence[str]] = asyncio.Queue()
    for name, grammar, expected in (
        ("late-watch", None, (BY_NAME["late-watch"].words,)),
        ("yes", YES_NO, ("yes", "yes")),
    ):
        listening = recogniser.listen("en", grammar, None, otherwise_open=grammar is not None)
        listening.look(looks.put_nowait)
        assert await asyncio.wait_for(looks.get(), PATIENCE_S) == ("",) * len(expected), "nothing was said yet"
        pcm = sound(name) + SILENCE_FRAME * 10
        for start in range(0, len(pcm), FRAME_BYTES):
            listening.feed(pcm[start : start + FRAME_BYTES])
        listening.look(looks.put_nowait)
        assert await asyncio.wait_for(looks.get(), PATIENCE_S) == expected
        assert (await listening.finish()).text == expected[-1] and looks.empty()


async def test_a_look_changes_nothing_of_what_is_heard(recogniser: VoskRecogniser) -> None:
    looks: asyncio.Queue[Sequence[str]] = asyncio.Queue()
    for one in SAID[:6]:
        pcm = recording(one.path)
        plain = await heard(recogniser, pcm)
        listening = recogniser.listen("en", None)
        for start in range(0, len(pcm), FRAME_BYTES):
            listening.feed(pcm[start : start + FRAME_BYTES])
            if start // FRAME_BYTES % 20 == 0:
                listening.look(looks.put_nowait)
                await asyncio.wait_for(looks.get(), PATIENCE_S)
        assert (await listening.finish()).hypotheses == plain.hypotheses, one.name


async def test_nobody_is_told_of_what_was_thrown_away(recogniser: VoskRecogniser) -> None:
    looks: list[Sequence[str]] = []
    listening = recogniser.listen("en", None)
    listening.feed(sound("yes"))
    listening.cancel()
    listening.look(looks.append)
    other = recogniser.listen("en", None)
    other.feed(sound("yes"))
    assert (await other.finish()).text == "yes" and looks == []


@pytest.mark.parametrize("pcm", [b"", SILENCE_FRAME, SECOND * 3], ids=["nothing", "a frame", "three seconds"])
async def test_silence_is_no_reading_at_all(pcm: bytes, recogniser: VoskRecogniser) -> None:
    for grammar in (None, YES_NO):
        result = await heard(recogniser, pcm, grammar)
        assert result.hypotheses == () and result.text == "" and result.confidence is None


async def test_what_comes_after_the_end_is_not_heard(recogniser: VoskRecogniser) -> None:
    listening = recogniser.listen("en", None)
    listening.feed(sound("yes"))
    finishing = asyncio.ensure_future(listening.finish())
    await asyncio.sleep(0)  # lets finish begin
    listening.feed(sound("late-watch"))
    assert (await finishing).text == "yes"


# -- many at once


async def test_eight_at_once_are_heard_as_alone(recogniser: VoskRecogniser) -> None:
    names = [one.name for one in SAID][:8]
    alone = [await heard(recogniser, sound(name)) for name in names]
    together = await asyncio.gather(*(heard(recogniser, sound(name)) for name in names))
    assert [r.hypotheses for r in together] == [r.hypotheses for r in alone]


async def test_interleaved_utterances_keep_their_own_words(
    recogniser: VoskRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # so many at once are more than a busy machine hears in time, and what is late is given up
    patient = partial(VoskListening, late_s=PATIENCE_S)
    monkeypatch.setattr("ivr.adapters.speech_in.vosk.VoskListening", patient)
    lanes = [(one, recording(one.path), recogniser.listen("en", None)) for one in SAID]
    for start in range(0, max(len(pcm) for _, pcm, _ in lanes), 320):
        for _, pcm, listening in lanes:
            if start < len(pcm):
                listening.feed(pcm[start : start + 320])
    results = [await listening.finish() for _, _, listening in reversed(lanes)]
    assert [result.text for result in reversed(results)] == [one.words for one, _, _ in lanes]


async def test_cancelled_utterance_is_forgotten(recogniser: VoskRecogniser) -> None:
    cancelled = recogniser.listen("en", None)
    cancelled.cancel()
    cancelled.feed(sound("late-watch"))
    assert (await cancelled.finish()).hypotheses == ()
    half_heard = recogniser.listen("en", None)
    half_heard.feed(sound("late-watch"))
    half_heard.cancel()
    assert (await heard(recogniser, sound("charged-twice"))).text == "i was charged twice"


class Busy:
    """A lane that holds the only thread until it is told to let go."""

    def __init__(self) -> None:
        self.begun, self.over = threading.Event(), threading.Event()

    def turn(self) -> None:
        self.begun.set()
        self.over.wait()


async def test_utterance_that_falls_behind_is_given_up() -> None:
    busy, workers = Busy(), Workers(1)
    workers.submit(busy, Rank.SPOKEN)
    listening = VoskListening(
        workers, Decoding(None, Wanted(), Recognisers()), None
    )  # never decoded: no model is needed
    for _ in range(BACKLOG_FRAMES + 1):
        listening.feed(SILENCE_FRAME)
    finishing = asyncio.ensure_future(listening.finish())
    busy.over.set()
    assert (await finishing).hypotheses == ()
    workers.close()


# -- models


def test_language_without_a_model(recogniser: VoskRecogniser) -> None:
    assert recogniser.hears("en") and not recogniser.hears("zh")
    assert recogniser.names == {"en": "bundled-en"}


async def test_listening_in_a_language_without_a_model(recogniser: VoskRecogniser) -> None:
    with pytest.raises(KeyError):
        recogniser.listen("zh", None)


def test_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="is no Vosk model folder") as raised:
        VoskRecogniser({"en": tmp_path}, threads=1)
    assert str(tmp_path) in str(raised.value)


def test_broken_model(tmp_path: Path) -> None:
    (tmp_path / "am").mkdir()
    (tmp_path / "am" / "final.mdl").write_bytes(b"\0Bnonsense")
    with pytest.raises(ModelUnusable, match="cannot load the model") as raised:
        VoskRecogniser({"en": tmp_path}, threads=1)
    assert str(tmp_path) in str(raised.value)


# -- putting the stretches of an utterance together

words = st.text("abc", min_size=1, max_size=3)
readings = st.lists(st.tuples(words, st.floats(0.001, 1)), min_size=1, max_size=6, unique_by=lambda pair: pair[0])


@given(st.lists(readings, max_size=5))
def test_joined_readings_are_the_likeliest_combinations(raw: list[list[tuple[str, float]]]) -> None:
    segments = [[Hypothesis(text, share) for text, share in segment] for segment in raw]
    whole = joined(segments)
    if not segments:
        assert whole == ()
        return
    assert 1 <= len(whole) <= ALTERNATIVES
    assert sum(h.share for h in whole) == pytest.approx(1)
    assert [h.share for h in whole] == sorted((h.share for h in whole), reverse=True)
    best = [max(segment, key=lambda h: h.share).share for segment in segments]
    first = [dict(pairs)[word] for pairs, word in zip(raw, whole[0].text.split(), strict=True)]
    assert first == best
    for hypothesis in whole:
        assert all(word in dict(pairs) for pairs, word in zip(raw, hypothesis.text.split(), strict=True))


async def test_what_does_not_fit_yes_or_no_is_heard_with_the_whole_model(recogniser: VoskRecogniser) -> None:
    answers = ("yes", "yeah", "sure", "right", "no", "nope", "wrong")
    for name in ("yes", "no", "late-watch"):
        listening = recogniser.listen("en", answers, None, True)
        pcm = sound(name)
        for at in range(0, len(pcm) - 319, 320):
            listening.feed(pcm[at : at + 320])
        assert (await listening.finish()).text == BY_NAME[name].words


@pytest.mark.parametrize("one", SAID, ids=lambda one: one.name)
async def test_whole_sentence_is_never_taken_for_yes_or_no(one: Said, recogniser: VoskRecogniser, flow: Flow) -> None:
    """Asked for yes or no, as the sample shop asks: a correction must be heard as the correction that it is."""
    answers = (*flow.yes["en"], *flow.no["en"])
    listening = recogniser.listen("en", answers, None, True)
    pcm = recording(one.path)
    for at in range(0, len(pcm), FRAME_BYTES):
        listening.feed(pcm[at : at + FRAME_BYTES])
    assert (await listening.finish()).text == one.words


# -- the tones of keys

ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)


def key_tone(low: int, high: int) -> bytes:
    """100 ms of a key's two tones on a quiet line, as a telephone sends them in the sound itself."""
    at = np.arange(800) / 8000
    sound = np.random.default_rng(low + high).normal(0, 30, 8800)
    sound[2400:3200] += (np.sin(2 * np.pi * low * at) + np.sin(2 * np.pi * high * at)) * 3700
    return bytes(sound.astype("<i2").tobytes())


@pytest.mark.parametrize("grammar", [YES_NO, digit_words("en")], ids=["yes or no", "digits"])
async def test_tone_of_a_key_is_no_answer(grammar: tuple[str, ...], recogniser: VoskRecogniser) -> None:
    """The key itself comes beside the sound; a word heard in its tone would be a second answer."""
    for low in ROWS:
        for high in COLUMNS:
            assert (await heard(recogniser, key_tone(low, high), grammar)).text == ""
