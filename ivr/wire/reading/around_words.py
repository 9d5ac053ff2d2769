"""The words that change nothing about a value which stands beside them, by language.

Politeness, fillers, what one comes for and how one says that a day suits. No word of time, number, order or comparison is
among them: "the week before Christmas" is not Christmas.
"""

from __future__ import annotations

import re

HARMLESS = frozenset(
    """a an the i i'm i'd i'll i've im me my mine you you're your yours we we're we'd we'll us our it it's its that
    that's this these those there there's here he she they them one's is are am be been was were would could can
    should will shall may might do does did have has had having got get getting give given go going come coming came
    make making take taking takes let's let put set see look say said tell call ring phone write think thinking guess
    believe suppose hope hoping know like liked love want wanted wants need needs needed please thanks thank okay ok
    yes yeah yep yup sure right correct exactly fine good great perfect lovely nice best better well oh ah um uh er
    erm hm hmm mm hello hi hey dear sir madam miss mister so then and for to of on at in with if that'd what's what
    how when where which who whether possible possibly available free open suits suit suited works convenient alright
    all book booking booked reserve reservation arrange arranged schedule scheduled appointment visit meeting meet
    table order ordered delivery deliver delivered parcel package repair repaired technician fix service pick collect
    collection drop bring send sent return move moved moving change changed start starts starting begin beginning end
    ends due date dates day time number code digits digit amount price total sum money cost costs paid pay payment
    bill invoice name account customer post postcode zip pin birthday born again just now simply actually probably
    really very much lot bit also though anyway always answer question try trying myself ourselves everything
    anything something exact precisely o'clock oclock sharp out into off back house home shop store office place town
    people persons person guests guest between round pop popping squeeze squeezed slot fit fitted watch broken
    workshop watchmaker garage clinic practice branch
    counter battery strap check checked inspection mended serviced cleaned looked someone
    somebody innit bruv bro mate pal love duck chick hun please'll kindly ma'am
    somebody manage chance euro euros dollar dollars pound pounds cent cents yuan""".split()
)
"""English. Words of small change stay out: "by Monday" is not Monday."""

_ZH = """请 请问 谢谢 麻烦 您 你 我 我们 咱们 他 她 的 了 吧 啊 呀 呢 哦 噢 嗯 呃 哎 唉 啦 嘛 哈 喂 你好 您好 那 那个
这个 这 就 就是 是 在 于 想 想要 要 可以 能 能不能 可不可以 行 行吗 好 好的 好吗 吗 有 有空 有时间 没问题 方便 合适
比较 最好 应该 大家 希望 需要 帮 帮我 给 给我 一下 来 去 到 过来 过去 上门 预约 预订 订 约 安排 改 换 送 送货 送到 取
取货 拿 维修 修 修理 师傅 上 办 办理 服务 时间 日期 号码 电话 手机 编号 订单 订单号 单号 邮编 密码 金额 价格 多少
一共 总共 付 付了 花 花了 块钱 钱 名字 叫 姓 都 也 还 对 对的 没错 是的 嗯嗯 谢谢您 谢谢你 对不起 不好意思 抱歉 见
挪 挪到 推到 延到 换到 手表 表 1下 1个 修一下
看看 看一下 送修 保养 电池 表带 开始 生日 出生 说 写 打 打给 打到 回 回家 家 店 公司 人 位 个 张 件 台 份 的话 整 钟 号 日"""
HARMLESS_ZH = re.compile("|".join(sorted((word for word in set(_ZH.split())), key=len, reverse=True)) + r"|[|\s]")
"""Chinese, longest first."""
