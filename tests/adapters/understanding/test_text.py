"""A keyword that is denied is none."""

from __future__ import annotations

import pytest

from ivr.adapters.understanding.text import has
from ivr.core.language import Language


@pytest.mark.parametrize(
    ("text", "keyword", "language", "said"),
    [
        ("it's not an emergency i only need a check up", "emergency", "en", False),
        ("i do not want the operator i want to book", "operator", "en", False),
        ("not a real person please just tell me", "person", "en", False),
        ("i don't have a toothache i have a question", "toothache", "en", False),
        ("nothing is swollen i just want a check up", "swollen", "en", False),
        ("i do not want to talk to an operator", "operator", "en", False),
        ("no the operator please", "operator", "en", True),
        ("my watch has not come i want the operator", "operator", "en", True),
        ("this is not working i need a person", "person", "en", True),
        ("i don't know get me a person", "person", "en", True),
        ("not the invoice but the operator", "operator", "en", True),
        ("not the operator the invoice and then the operator", "operator", "en", True),
        ("i can't read my bill", "bill", "en", True),
        ("i have not got my invoice", "invoice", "en", True),
        ("the billing", "bill", "en", False),
        ("我不要人工我要查订单", "人工", "zh", False),
        ("不是发票的问题", "发票", "zh", False),
        ("我要人工", "人工", "zh", True),
        ("没收到我要人工", "人工", "zh", True),
    ],
)
def test_keyword_counts_where_nothing_denies_it(text: str, keyword: str, language: Language, said: bool) -> None:
    assert has(text, keyword, language) is said
