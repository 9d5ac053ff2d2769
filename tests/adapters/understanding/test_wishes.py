"""Wishes and dangers in sentences that no dialogue file has."""

from __future__ import annotations

import pytest

from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.core.flow.intent import Hypothesis, Understood
from ivr.core.language import Language
from ivr.server.speech.publishing import read_flow
from tests.conftest import ROOT

DANGERS: dict[Language, tuple[str, ...]] = {
    "en": tuple(
        """my dad just dropped to the floor and i can't wake him
my wife is not responding to anything i say
he's stopped breathing what do i do
please send an ambulance to our place my mum is unconscious
there's blood all over the kitchen and he is very pale
i think my boyfriend has had a stroke his mouth is crooked
my baby is choking on a grape
my chest feels like it is being crushed and i am sweating
my daughter has swallowed washing powder
somebody has been knocked down by a lorry outside the shop
the building next to us is on fire
our kitchen is in flames
it stinks of gas in our hallway and i feel dizzy
there is a stranger in my flat please call the police
my neighbour is beating his wife i can hear her screaming
someone pulled a knife on me
i have taken a lot of sleeping tablets
i want to die please help me
my sister says she is going to kill herself
an old lady has fallen on the stairs and cannot move her leg
my grandfather fell out of bed and is bleeding from the head
my son fell from the tree and does not move
a man has fallen onto the tracks
my husband is having a seizure on the floor
she is having a fit and her lips are blue
the child fell into the pond and isn't breathing
my mother is diabetic and i can't wake her up
he ate peanuts and now his throat is swelling up
my wife is giving birth right now in the car
we've had a car accident and the driver is trapped
help there is a man with a gun
somebody is breaking in through the back door
he burnt himself badly with hot oil
my colleague has cut off his finger
the carbon monoxide alarm is going off and my kids are sleepy
there has been an explosion in the cellar
i feel like i am going to faint and i am all alone
my father can't breathe and he is turning blue
she has collapsed at the till
is anybody there my husband is dying
my little one has swallowed the battery out of the watch what do i do
to tell you the truth i am thinking of ending it all the watch can go to my brother
my girl is running a fever of forty one and her arms and legs are jerking
i am ten and alone at home and a strange man keeps banging on our door""".split("\n")
    ),
    "zh": tuple(
        """我爸爸突然晕倒了怎么办
我老婆没有反应叫不醒
他停止呼吸了快救救他
麻烦叫救护车我妈妈昏迷了
厨房着火了火很大
楼道里全是烟出不去
家里有很浓的煤气味
有个陌生人闯进我家里
有人拿刀要杀我
我吃了一瓶安眠药
我不想活了
老人从楼梯上摔下来不能动了
孩子被花生卡住喉咙了
我胸口疼得喘不过气
我老公在抽搐口吐白沫
门口出车祸了有人受伤
他流了好多血止不住
我老婆要生了来不及去医院
孩子掉进水里了
他触电了没有反应
我闺女烧到四十度一直在抽
叔叔家里就我一个人外面有人一直在砸门""".split("\n")
    ),
}
URGENT: dict[Language, tuple[str, ...]] = {
    "en": tuple(
        """i need my watch back today it is very urgent
please hurry the birthday is tomorrow
my watch stopped breathing so to speak
the watch has given up the ghost
my battery is dead and i have an exam today
i dropped it in the bath and the display is black
it fell down the stairs and the glass is gone
the strap tore and the watch landed on the stones
your parcel service drives me crazy
i am going mad with this hotline
this price nearly killed me
i am sick of your excuses
i broke my arm and can't come to the appointment
my husband is in hospital can you deliver on friday instead
my wife is ill so we have to move the date
my mother has died and i would like to cancel her order
the package was stolen from the hallway
somebody has ordered with my name
i have reported the theft to the police and need the invoice
the courier fell over our fence and the parcel is damaged
does the watch show the heart rate
is the watch safe for diving
the alarm doesn't go off in the morning
the pulse sensor says zero
can i wear it in the sauna
the charger gets very hot
it smells a bit burnt when i charge it
i am allergic to the leather of the strap
i have lost the papers in a fire last year
my car broke down i will come half an hour later
the baby is crying can you call later
i have to run the bus is coming
quick question what time do you close
help me find the right strap
please help me to return this
could somebody please answer me
i need to talk to someone immediately
connect me at once
this is the last straw
stop sending me letters
if my watch is not done by friday my wife is going to murder me
oh for crying out loud not another flipping robot
it is about my late husband's watch
something has come up at home so i won't be there on friday""".split("\n")
    ),
    "zh": tuple(
        """我的表很急用今天能好吗
明天就要用麻烦快一点
手表突然死机了
表掉进浴缸里屏幕黑了
手表摔下楼梯碎了
等你们的电话等得要疯了
这个价格吓死人
我住院了来不了想改时间
我那天不来了家里临时有事
这表贵得要我的命了能退吗
你们这帮骗子我要去告你们
我妈妈去世了要取消她的订单
包裹在楼道里被偷了
我已经报警了需要发票
手表能测心率吗
可以戴着游泳吗
闹钟早上不响
充电器很烫
孩子在哭等会儿再打
请马上帮我转人工
帮我挑一条表带
你们几点关门快告诉我
别再给我寄信了""".split("\n")
    ),
}
WISHES: dict[str, tuple[tuple[Language, str], ...]] = {
    "goodbye": (("en", "okay thanks a lot bye"), ("en", "alright goodbye then"), ("zh", "好的谢谢再见")),
    "dont_know": (
        ("en", "i really don't know that"),
        ("en", "i haven't got the number here"),
        ("zh", "我不记得号码了"),
    ),
    "drop": (
        ("en", "nope i have changed my mind about it"),
        ("en", "let's just forget about the whole thing"),
        ("zh", "还是算了吧我不约了"),
    ),
    "hold_on": (
        ("en", "hang on let me find my glasses"),
        ("en", "wait a moment i'll look"),
        ("zh", "等一下我去找找"),
        ("en", "let me just check with my husband"),
        ("zh", "我问一下我爱人"),
        ("zh", "让我再想一下"),
    ),
    "complaint": (
        ("en", "i'd like to complain about the driver"),
        ("en", "get me your supervisor"),
        ("zh", "我要投诉你们的快递"),
    ),
    "explain": (
        ("en", "sorry what do you mean by that"),
        ("en", "which times do you have free"),
        ("zh", "你说的是什么意思"),
    ),
    "who": (("en", "who am i talking to please"), ("en", "are you a computer"), ("zh", "你是机器人还是真人")),
    "call_back": (
        ("en", "could you ring me back later"),
        ("en", "please have someone call me back"),
        ("zh", "能不能给我回个电话"),
    ),
    "other_language": (
        ("en", "does anybody speak spanish"),
        ("en", "can i talk to you in german"),
        ("zh", "有会说日语的吗"),
    ),
}


@pytest.fixture(scope="module")
def house(encoder: SentenceEncoder) -> Understanding:
    """The sample shop, with its wishes."""
    flow = read_flow(ROOT / "dialplans")
    return Understanding.train(list(flow.intents.values()), encoder, wishes=flow.wishes)


def heard(house: Understanding, text: str, language: Language) -> Understood:
    return house.understand([Hypothesis(text)], language)


def _reached(found: Understood) -> bool:
    """Whether the caller is told whom to call, or asked if somebody is in danger."""
    return found.wish == "emergency" and (found.wish_certainty == "sure" or found.certainty != "sure")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_dangers_are_heard(house: Understanding, language: Language) -> None:
    missed = [text for text in DANGERS[language] if not _reached(heard(house, text, language))]
    assert len(missed) <= len(DANGERS[language]) // 40, missed


BEHIND: dict[Language, tuple[str, ...]] = {
    "en": (
        "good morning i bought a watch from you last week", "hello i have an appointment with you tomorrow but",
        "the watch strap gave my boy a rash and", "my battery is dead and",
    ),
    "zh": ("你好我上周在你们店里买了一块表", "我本来想问一下我的订单可是", "我的手表坏了然后"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_dangers_behind_another_matter_are_heard(house: Understanding, language: Language) -> None:
    """The meaning of the whole sentence hides them: a part of it that is one is reason enough to ask."""
    joint = " " if language == "en" else ""
    said = [f"{BEHIND[language][at % len(BEHIND[language])]}{joint}{one}" for at, one in enumerate(DANGERS[language])]
    missed = [one for one in said if not (_reached(found := heard(house, one, language)) or found.wish_apart)]
    assert len(missed) <= len(said) // 10, missed


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_merely_urgent_is_taken_for_no_danger(house: Understanding, language: Language) -> None:
    found = {text: heard(house, text, language) for text in URGENT[language]}
    assert [text for text, one in found.items() if (one.wish, one.wish_certainty) == ("emergency", "sure")] == []
    assert sum(_reached(one) or one.wish_apart for one in found.values()) <= len(found) // 10, "asked about"


ELSEWHERE: dict[Language, tuple[str, ...]] = {
    "en": tuple(
        """he's taking the dog out around then
my wife's at the hairdresser's that morning
at ten my son is in nursery
she does her shopping on fridays
he'll be at his mother's on thursday
i've got the physio on wednesday
she's in a clinic on monday for a check up
my husband's up a ladder most mornings he's a painter
she's out cold callers bother her
dad's asleep in the afternoon
i'm at work at that time
we're in spain that week
nan can't get out before noon
the kids are home at two
i have a blood test on friday morning
he's down the pub at four
he's away with the fairies
mum's having her hip done in january
i'm driving then""".split("\n")
    ),
    "zh": tuple(
        """那天我老公出差
我妈睡午觉呢
孩子三点放学
我那天要去体检
我爸在外地呢
那个时间我在坐地铁
她那天做手术要改时间
我爷爷去下棋了""".split("\n")
    ),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_somebody_is_or_what_they_do_then_is_no_danger(house: Understanding, language: Language) -> None:
    found = {text: heard(house, text, language) for text in ELSEWHERE[language]}
    assert [text for text, one in found.items() if (one.wish, one.wish_certainty) == ("emergency", "sure")] == []
    assert sum(_reached(one) for one in found.values()) <= len(found) // 8, "asked about"


@pytest.mark.parametrize(("name", "language", "text"), [(name, *one) for name, some in WISHES.items() for one in some])
def test_wishes_are_heard_in_other_words(house: Understanding, name: str, language: Language, text: str) -> None:
    found = heard(house, text, language)
    assert (found.wish, found.wish_certainty) == (name, "sure")


@pytest.mark.parametrize(
    "text", ["nine", "at nine", "four seven one one", "he", "a man", "uh", "", "no", "hello", "九点", "嗯"]
)
def test_few_words_are_no_danger(house: Understanding, text: str) -> None:
    language: Language = "en" if text.isascii() else "zh"
    assert heard(house, text, language).wish != "emergency"


def test_phrases_of_the_house_are_no_wishes(house: Understanding) -> None:
    flow = read_flow(ROOT / "dialplans")
    matters = [(text, "en") for one in flow.intents.values() for text in one.phrases["en"]]
    sure = [text for text, _ in matters if heard(house, text, "en").wish_certainty == "sure"]
    assert sure == []


def test_two_matters_in_one_sentence(house: Understanding) -> None:
    found = heard(house, "my order is late and i also want to change my address", "en")
    assert (found.best and found.best.intent, found.second) == ("late_delivery", "change_address")
    assert heard(house, "my order is late and i am angry", "en").second is None


def assert_matter(house: Understanding, text: str, matter: str) -> None:
    found = heard(house, text, "en" if text.isascii() else "zh")
    assert found.best and found.best.intent == matter, found


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("i want to send it back no have my watch repaired", "repair"),
        ("i want to return my watch no wait i need a repair", "repair"),
        ("i don't want to return it i want to have my watch repaired", "repair"),
        ("i do not want a refund i just want to know where my order is", "late_delivery"),
        ("i want to make an appointment sorry i mean i want to cancel my appointment", "cancel_visit"),
        ("it's not about my order it's about my bill", "invoice"),
        ("my watch is broken actually i want my money back", "return_item"),
        ("我要退货，不对，我要修手表", "repair"),
        ("我不是要退货，我是要修手表", "repair"),
        ("不是要取消订单，是想改地址", "change_address"),
        ("我想预约，哦不，我要取消预约", "cancel_visit"),
    ],
)
def test_a_matter_that_is_taken_back_is_none(house: Understanding, text: str, matter: str) -> None:
    assert_matter(house, text, matter)


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("my order has not arrived", "late_delivery"),
        ("i want to return it because it does not fit", "return_item"),
        ("i don't know when my appointment is", "my_visit"),
        ("my watch is not working", "repair"),
        ("i can't make it to my appointment", "cancel_visit"),
        ("我的包裹还没到，不是说昨天送吗", "late_delivery"),
    ],
)
def test_a_denial_inside_a_matter_takes_nothing_back(house: Understanding, text: str, matter: str) -> None:
    assert_matter(house, text, matter)
