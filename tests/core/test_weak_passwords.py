"""Which passwords are refused although they are long enough."""

from __future__ import annotations

import pytest

from ivr.core.weak_passwords import is_weak, words_of

KNOWN = words_of("Chen Wei", "chen.wei", "Harbour Watches, hello.", "海港钟表", "desk.harbour-watches.example")
WEAK = [
    "passwordpassword", "Password123!", "P4ssw0rd2026", "passwort2025", "aaaaaaaaaaaa", "abababababab", "1111111111",
    "1234567890", "0987654321", "12345678901234567890", "qwertyuiop", "qwertzuiop123", "asdfghjkl1", "1qaz2wsx3edc",
    "abcdefghijkl", "zyxwvutsrq", "chenwei1985", "Chen.Wei.2026", "weichenwei", "harbourwatches2026", "Harbour-Watches-1",
    "H4rb0urW4tches", "watcheswatches", "海港钟表海港钟表2026", "Summer2026!!", "letmein2026ab", "welcome123456", "iloveyou2026",
    "adminadmin12", "mondaymonday1", "Monday-Tuesday", "changeme!!!!!", "          ", "woaini1314520", "qazwsxedcrfv",
    "abc123abc123",
]  # fmt: skip
STRONG = [
    "correct horse", "twelve letters", "a new password", "a long password", "tulip gravel seven", "xK9#mPq2vL", "8362937405",
    "harbour watches sink slowly", "Wei likes rhubarb", "七只猫在屋顶上睡觉", "plum-coloured gramophone", "s3a-g0at-kn1t",
]  # fmt: skip


@pytest.mark.parametrize("password", WEAK)
def test_what_everybody_tries_first_is_weak(password: str) -> None:
    assert is_weak(password, KNOWN)


@pytest.mark.parametrize("password", STRONG)
def test_what_is_of_nobody_s_list_is_not(password: str) -> None:
    assert not is_weak(password, KNOWN)


def test_names_count_only_where_they_lie_near() -> None:
    assert is_weak("rosalind1985", words_of("Rosalind Quark")) and not is_weak("rosalind1985", words_of("Tom"))


@pytest.mark.parametrize("password", ["a" * 1023 + "b", "ab" * 512, "qwertyuiop" * 100, "a1" * 300 + "b2" * 200])
def test_long_ones_are_weak_when_they_repeat(password: str) -> None:
    """Whatever looked at every pair of places would still be at it when pytest ends the test."""
    assert is_weak(password, KNOWN)
