"""The list of pronunciations: what it changes, what it leaves alone, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.speech_out.pronunciation import BadPronunciation, Pronunciation, read_pronunciation
from ivr.adapters.speech_out.voice import PromptVoice, Speaker, VoiceSettings
from ivr.core.language import Language
from tests.conftest import ROOT

WORDS = Pronunciation(
    {
        "en": {"IVR": "I V R", "IVR server": "phone machine", "GmbH": "G M B H", "C++": "C plus plus", "林": "Lin"},
        "zh": {"重庆": "虫庆", "重庆路": "虫庆路", "IVR": "I V R"},
    }
)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Our IVR is new.", "en", "Our I V R is new."),
        ("our ivr, the Ivr", "en", "our I V R, the I V R"),
        ("IVRs and SIVR and IVR2", "en", "IVRs and SIVR and IVR2"),
        ("(IVR) IVR-like", "en", "(I V R) I V R-like"),
        ("The IVR server", "en", "The phone machine"),
        ("Écivr ivré", "en", "Écivr ivré"),
        ("C++ is fine", "en", "C plus plus is fine"),
        ("Call 林美", "en", "Call Lin美"),
        ("I V R", "en", "I V R"),
        ("请到重庆来", "zh", "请到虫庆来"),
        ("在重庆路上", "zh", "在虫庆路上"),
        ("请拨IVR号码", "zh", "请拨I V R号码"),
        ("重 庆", "zh", "重 庆"),
        ("GmbH", "zh", "GmbH"),
        ("", "en", ""),
    ],
)
def test_words_are_said_as_the_list_says(text: str, language: Language, said: str) -> None:
    assert WORDS.apply(text, language) == said


def test_letters_that_match_without_being_the_same() -> None:
    """In a search without capitals, Turkish and other letters match i, s and k."""
    odd = Pronunciation({"en": {"sick": "ill"}})
    for text in ("SICK", "ſick", "sıck", "sİck", "sic\u212a"):
        assert isinstance(odd.apply(text, "en"), str)
    assert odd.apply("SICK", "en") == "ill"


@given(
    st.text(max_size=60),
    st.dictionaries(st.text(min_size=1, max_size=5).filter(str.strip), st.text(max_size=5), max_size=4),
)
def test_any_text_and_list_is_no_crash(text: str, known: dict[str, str]) -> None:
    Pronunciation({"en": known}).apply(text, "en")


def test_project_s_own_list_is_right() -> None:
    assert (
        read_pronunciation(ROOT / "audio/pronunciation.toml").apply("The IVR of the GmbH", "en")
        == "The I V R of the G M B H"
    )


def test_no_file_is_an_empty_list(tmp_path: Path) -> None:
    assert read_pronunciation(tmp_path / "none.toml").apply("IVR", "en") == "IVR"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('[fr]\n"a" = "b"', "[fr]: unknown language; known are en, zh"),
        ('en = "IVR"', "en: a table of words is needed"),
        ('[en]\n"IVR" = 5', '[en] "IVR": how to say it is needed, as text in quotes, not 5'),
        ('[en]\n"IVR" = ""', '[en] "IVR": how to say it is needed'),
        ('[en]\n"IVR" = ["I V R"]', '[en] "IVR": how to say it is needed'),
        ('[en]\n"" = "x"', "[en] '': a word without spaces around it is needed"),
        ('[en]\n" IVR" = "x"', "[en] ' IVR': a word without spaces around it is needed"),
        ('[en]\n"IVR" = "x"\n"ivr" = "y"', '[en] "ivr": stands there twice, also as "IVR"'),
        ('[en]\n"IVR" = "x"\n"IVR" = "y"', "not TOML"),
        ("[en\n", "not TOML"),
    ],
)
def test_errors_are_refused_by_name(text: str, wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "pronunciation.toml"
    path.write_text(text)
    with pytest.raises(BadPronunciation) as bad:
        read_pronunciation(path)
    assert wrong in str(bad.value) and str(path) in str(bad.value)


def test_every_error_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pronunciation.toml"
    path.write_text('[fr]\n"a" = "b"\n[en]\n"x" = 1\n"y" = 2')
    with pytest.raises(BadPronunciation) as bad:
        read_pronunciation(path)
    assert len(bad.value.problems) == 3


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "pronunciation.toml"
    path.write_bytes(b'[en]\n"M\xfcller" = "x"')
    with pytest.raises(BadPronunciation, match="save it as UTF-8"):
        read_pronunciation(path)
    with pytest.raises(BadPronunciation, match="is a folder"):
        read_pronunciation(tmp_path)


# -- and the cache


class Noting(Speaker):
    """The real voice; notes what it is asked to say."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    async def render(self, text: str, settings: VoiceSettings, path: Path) -> None:
        self.said.append(text)
        await super().render(text, settings, path)


async def test_new_pronunciation_renders_anew_only_what_it_touches(tmp_path: Path) -> None:
    speaker = Noting()
    settings: dict[Language, VoiceSettings] = {"en": VoiceSettings("gmw/en-us", 155)}
    texts = ("The IVR is new.", "Hello.")
    try:
        for words, rendered in (
            (Pronunciation({}), ["The IVR is new.", "Hello."]),
            (Pronunciation({"en": {"IVR": "I V R"}}), ["The I V R is new."]),
            (Pronunciation({"en": {"IVR": "I V R", "watch": "wotch"}}), []),
            (Pronunciation({"en": {"IVR": "machine"}}), ["The machine is new."]),
            (Pronunciation({}), []),
        ):
            speaker.said.clear()
            house = PromptVoice(tmp_path, settings, speaker, words)
            for text in texts:
                await house.speak(text, "en")
            assert speaker.said == rendered
    finally:
        await speaker.close()
