"""Conditions as operators write them; whatever is no condition is refused with a sentence, and nothing is ever run."""

from __future__ import annotations

import contextlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.flow.condition import ALWAYS, All, Any, Compare, Condition, Is, Not, facts_of, holds
from ivr.wire.flow.conditions import ConditionError, read

KNOWN, WAITING = Is("known"), Compare("queue.orders.waiting", ">=", 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("always", ALWAYS),
        (" always\t", ALWAYS),
        ("known", KNOWN),
        ("  known ", KNOWN),
        ("open.shop", Is("open.shop")),
        ("result.order.state", Is("result.order.state")),
        ("known  # a note", KNOWN),
        ("not known", Not(KNOWN)),
        ("not not known", Not(Not(KNOWN))),
        ("known and queue.orders.waiting >= 5", All((KNOWN, WAITING))),
        ("known or queue.orders.waiting >= 5", Any((KNOWN, WAITING))),
        ("not known and proved or heard", Any((All((Not(KNOWN), Is("proved"))), Is("heard")))),
        ("not (known and (proved or heard))", Not(All((KNOWN, Any((Is("proved"), Is("heard"))))))),
        ("known and proved and heard", All((KNOWN, Is("proved"), Is("heard")))),
        ("5 <= queue.orders.waiting", WAITING),
        ("5 > failures", Compare("failures", "<", 5)),
        ("5 == failures", Compare("failures", "==", 5)),
        ("tier == 'gold'", Compare("tier", "==", "gold")),
        ('region != "Berlin"', Compare("region", "!=", "Berlin")),
        ("'林' == slot.name", Compare("slot.name", "==", "林")),
        ("failures > -1", Compare("failures", ">", -1)),
        ("result.account.balance < -12.5", Compare("result.account.balance", "<", -12.5)),
        ("result.order.paid == True", Compare("result.order.paid", "==", True)),
        ("tier == ''", Compare("tier", "==", "")),
    ],
)
def test_read(text: str, expected: Condition) -> None:
    assert read(text) == expected


NOT_CONDITIONS = (
    "", "   ", "known and", "and", "(known", "known)", "known proved", "known = 5", "known; proved", "known\nproved",
    "5", "'text'", "True", "None", "known == None", "known == proved", "5 == 5", "1 < failures < 3", "failures + 1 > 2",
    "failures in (1, 2)", "failures is 1", "tier == b'x'", "failures == 1j", "failures == -'x'", "failures == -True",
    "failures == +1", "failures == --1", "known()", "open['shop']", "open.shop()", "f'{known}'", "lambda: known", "[known]",
    "known if proved else heard", "(x := 5)", "known and 5", "not 5", "-known", "~known", "known == ...", "*known", "await known",
    "'a'.b", "5 .real", "__import__('os').system('true')", "().__class__", "known & proved", "known && proved", "!known",
    "known\x00",
    "(" * 500 + "known" + ")" * 500, "not " * 3000 + "known", "a" + ".b" * 3000, "-" * 3000 + "1 == failures",
    "failures == " + "9" * 5000,
)  # fmt: skip


@pytest.mark.parametrize("text", NOT_CONDITIONS)
def test_what_is_no_condition_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ConditionError) as refused:
        read(text)
    assert str(refused.value).startswith(repr(text))


def test_the_sentence_says_what_cannot_stand_there() -> None:
    with pytest.raises(ConditionError, match=r"“known\(\)” cannot stand in a condition; there are facts"):
        read("proved and known()")
    with pytest.raises(
        ConditionError, match="one side of a comparison is a fact, the other a number or a text in quotes"
    ):
        read("known == proved")
    with pytest.raises(ConditionError, match="“'a'” is no fact"):
        read("'a'.b")


def test_a_long_list_is_a_condition() -> None:
    text = " or ".join(f"dnis == '{number}'" for number in range(2000))
    assert holds(read(text), lambda name: "1999") and not holds(read(text), lambda name: "x")


names = st.from_regex(r"[a-z][a-z_]{0,8}(\.[a-z]{1,5}){0,2}", fullmatch=True).filter(
    lambda name: not {"and", "or", "not", "is", "in", "if", "as", "for", "def", "del", "try", "else", "from", "with", "pass",
                      "class", "async", "await", "break", "elif", "while", "yield", "raise", "lambda", "return", "import",
                      "except", "global", "assert", "finally", "continue", "nonlocal"} & set(name.split(".")) and name != "always"
)  # fmt: skip
written = st.recursive(
    st.one_of(names, st.builds("{} {} {!r}".format, names, st.sampled_from(("==", "!=", "<", "<=", ">", ">=")),
                               st.one_of(st.integers(-99, 99), st.text("abcxyz林 '\"\\", max_size=5)))),
    lambda inner: st.one_of(st.builds("not ({})".format, inner), st.builds("({}) and ({})".format, inner, inner),
                            st.builds("({}) or ({})".format, inner, inner)),
    max_leaves=6,
)  # fmt: skip


@given(written, st.dictionaries(names, st.integers(0, 9)))
def test_it_means_what_python_would_make_of_it(text: str, facts: dict[str, int]) -> None:
    condition = read(text)
    assert set(facts_of(condition)) <= {n for n in text.replace("(", " ").replace(")", " ").split() if n[0].isalpha()}
    assert holds(condition, lambda name: facts.get(name, 0)) in (True, False)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    with contextlib.suppress(ConditionError):
        assert all(set(name) <= set(unicodedata.normalize("NFKC", text)) for name in facts_of(read(text)))
