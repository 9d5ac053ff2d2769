"""A small house in two languages, as an operator would write it, and where its encoder lies."""

from __future__ import annotations

from ivr.core.flow.intent import Intent
from tests.conftest import ROOT

CACHE = ROOT / ".cache" / "encoder"


def house() -> list[Intent]:
    """Four reasons for calling, as an operator would write them."""
    return [
        Intent(
            name="late_delivery",
            title={"en": "Late delivery", "zh": "送货晚了"},
            phrases={
                "en": (
                    "where is my parcel",
                    "my order has not arrived yet",
                    "the watch was due yesterday and nobody brought it",
                    "i am still waiting for my delivery",
                    "when will my package come",
                    "it should have been here last week",
                    "the tracking has not moved for days",
                ),
                "zh": ("我的包裹在哪里", "我的快递还没到", "订单怎么还没送来", "东西什么时候能到", "物流好几天没动了"),
            },
            keywords={"en": ("tracking number",), "zh": ("快递单号",)},
            queue="delivery",
        ),
        Intent(
            name="invoice",
            title={"en": "A question about a bill", "zh": "账单问题"},
            phrases={
                "en": (
                    "there is a mistake on my bill",
                    "i was charged twice",
                    "why is my invoice so high",
                    "i do not understand this charge",
                    "you took too much money from my account",
                    "can you explain my last invoice",
                    "i want to question a payment",
                ),
                "zh": ("我的账单不对", "你们多扣了我的钱", "为什么收我两次费用", "这笔费用是什么", "发票金额错了"),
            },
            keywords={"en": ("bill",), "zh": ("发票",)},
            queue="billing",
        ),
        Intent(
            name="return",
            title={"en": "Return an article", "zh": "退货"},
            phrases={
                "en": (
                    "i want to send something back",
                    "the shoes do not fit i want to return them",
                    "how do i return an article",
                    "it arrived broken and i want my money back",
                    "can i exchange this for another size",
                    "i would like a refund",
                    "i changed my mind and do not want it any more",
                ),
                "zh": ("我想退货", "鞋子不合脚想退掉", "怎么申请退款", "收到的东西是坏的", "可以换一个尺码吗"),
            },
            keywords={},
            queue="returns",
        ),
        Intent(
            name="lawyer",
            title={"en": "Legal matters"},
            phrases={},
            keywords={"en": ("my lawyer", "solicitor")},
            queue="office",
        ),
    ]
