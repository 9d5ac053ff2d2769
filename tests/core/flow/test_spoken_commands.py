"""What a caller may say at any point: every phrase, with every politeness, and nothing beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.flow.spoken_commands import COMMANDS, PHRASES, STAR_KEYS, CommandName, command_in
from ivr.core.language import LANGUAGES, Language

EVERY = [(name, language, phrase) for name in COMMANDS for language in LANGUAGES for phrase in PHRASES[name][language]]


@pytest.mark.parametrize(("name", "language", "phrase"), EVERY)
def test_every_phrase_is_its_own_command(name: CommandName, language: Language, phrase: str) -> None:
    assert command_in(phrase, language, PHRASES) == name
    assert command_in(f" {phrase.upper()}! ", language, PHRASES) == name
    polite = f"um {phrase} please" if language == "en" else f"麻烦您{phrase}吧"
    assert command_in(polite, language, PHRASES) == name


def test_every_command_has_words_in_every_language() -> None:
    assert set(PHRASES) == set(COMMANDS) >= set(STAR_KEYS.values())
    assert all(PHRASES[name].get(language) for name in COMMANDS for language in LANGUAGES)


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("speak up i'm deaf as a post", "en", "louder"),
        ("sorry love i can't hear you", "en", "louder"),
        ("you what", "en", "repeat"),
        ("i didn't catch a word of that", "en", "repeat"),
        ("could you go a bit slower please", "en", "slower"),
        ("能大点儿声不 我听不见", "zh", "louder"),
        ("你声音太小了 我耳朵背", "zh", "louder"),
        ("慢点儿说嘛 我跟不上", "zh", "slower"),
        ("麻烦您说慢一些 我岁数大了", "zh", "slower"),
        ("啥 你说啥 再讲一遍", "zh", "repeat"),
        ("啥子", "zh", "repeat"),
        ("Can you speak English please", "zh", "language"),
        ("can i speak to a person please", "en", "person"),
        ("i would like to talk to someone", "en", "person"),
        ("i'd like a person", "en", "person"),
        ("could you say that again", "en", "repeat"),
        ("sorry what was that", "en", "repeat"),
        ("can you slow down please", "en", "slower"),
        ("I can't hear you.", "en", "louder"),
        ("well, let me start over", "en", "start_over"),
        ("请问能说什么", "zh", "help"),
        ("我能说什么", "zh", "help"),
        ("你说什么", "zh", "repeat"),
        ("您说什么？", "zh", "repeat"),
        ("请您再说一遍好吗", "zh", "repeat"),
        ("能不能慢一点", "zh", "slower"),
        ("我想转人工", "zh", "person"),
        ("人 工", "zh", "person"),
        ("could you talk a bit slower i am old", "en", "slower"),
        ("could you speak a little more slowly please my hearing is bad", "en", "slower"),
        ("i'm hard of hearing", "en", "louder"),
        ("sorry the line is bad could you say that again", "en", "repeat"),
        ("what", "en", "repeat"),
        ("i didn't catch that", "en", "repeat"),
        ("i just want to talk to a real person now", "en", "person"),
        ("do you speak chinese", "en", "language"),
        ("能不能说慢一点我年纪大了", "zh", "slower"),
        ("对不起我没听清请再说一遍", "zh", "repeat"),
        # more than a command, or something else
        ("can you help me", "en", None),
        ("i would like to talk to someone about my order", "en", None),
        ("please don't repeat that", "en", None),
        ("the slower one", "en", None),
        ("i want to go back to my old number", "en", None),
        ("my order is late again", "en", None),
        ("send it back", "en", None),
        ("back in may i ordered a watch", "en", None),
        ("i want my money back", "en", None),
        ("the agent told me to call again", "en", None),
        ("no", "en", None),
        ("please", "en", None),
        ("okay", "en", None),
        ("the", "en", None),
        ("", "en", None),
        ("...", "en", None),
        ("please please um", "en", None),
        ("operators", "en", None),
        ("上一步我没做", "zh", None),
        ("请", "zh", None),
        ("你能", "zh", None),
        ("", "zh", None),
        ("帮助我退货", "zh", None),
        # each in its own language
        ("人工", "en", None),
        ("operator", "zh", None),
    ],
)
def test_command_in(text: str, language: Language, name: CommandName | None) -> None:
    assert command_in(text, language, PHRASES) == name


def test_what_the_operator_wrote_takes_the_place_of_the_phrases() -> None:
    own: dict[CommandName, dict[Language, tuple[str, ...]]] = {
        "repeat": {"en": ("One more time, please!", "Excuse me")}
    }
    assert command_in("one more time", "en", own) == "repeat"
    assert command_in("could you one more time please", "en", own) == "repeat"
    assert command_in("excuse me", "en", own) == "repeat", (
        "words of politeness alone may be a command of the operator's"
    )
    assert command_in("repeat", "en", own) is None
    assert command_in("重复", "zh", own) is None


@given(st.text(), st.sampled_from(LANGUAGES))
def test_whatever_is_said_it_does_not_fail(text: str, language: Language) -> None:
    assert command_in(text, language, PHRASES) in (None, *COMMANDS)


@given(st.sampled_from(EVERY), st.sampled_from(("money", "watch", "four", "tomorrow", "invoice")))
def test_a_command_with_one_word_more_is_none(every: tuple[CommandName, Language, str], more: str) -> None:
    _, language, phrase = every
    said = f"{phrase} {more}" if language == "en" else f"{phrase}退货"
    assert command_in(said, language, PHRASES) is None
