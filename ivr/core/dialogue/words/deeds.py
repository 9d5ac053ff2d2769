"""What a question asks to be done, and what names that deed in an answer: "then cancel it" is a yes to "Shall I cancel it?"."""

from __future__ import annotations

from ivr.core.language import Language

DEEDS: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        ("cancel; cancelling", "cancel; call off; call it off; call that off; scrub it; scrub that; scrap it; scrap that"),
        ("stop; stopping", "stop"), ("move", "move it; move that; change it; change that"),
    ),
    "zh": (
        ("改到", "改; 改吧; 就改; 改改; 改改改; 改了吧; 改过去; 改过去吧"),
        ("取消", "取消; 退掉; 退了; 撤掉; 撤了; 消掉; 取消掉; 取了; 取了吧; 取吧"),
    ),
}  # fmt: skip
"""Words of a question that asks whether to do something, and what then names that deed and is no answer by itself."""
KEEPS: dict[Language, str] = {
    "en": """keep it; keep that; keep them; leave it as it is; leave it as is; leave it be; leave it where it is;
        leave it how it is; don't change it; leave it alone; let it stand; both; keep both; i need both; i want both; need both;
        want both; keep them both; keep the two; keep both of them; both of them; leave it; the old one; keep the old one;
        stay with the old one; i'll keep it; i'll keep that; i'll keep both; i'll come; i'm coming""",
    "zh": """都留着; 都要; 两个都要; 都保留; 两个都留着; 两个都保留; 都留下; 不取消; 不取消了; 别取消; 留着; 先留着; 保留;
        不动; 别动; 不改了; 不用改了; 也要去; 都要去; 都别动; 不要动; 还是原来那个; 还是原来的; 原来那个; 原来的时间; 不麻烦了""",
}
"""A no where a cancellation is asked about."""
GIVES_UP: dict[Language, str] = {
    "en": "don't need it; don't need that; don't want it; i won't be there; not that; not this",
    "zh": "不要了; 不要; 不去了; 去不了; 来不了; 不来了; 不用了",
}
"""No no behind the deed, where a cancellation is asked about: 取消，那个不要了."""
