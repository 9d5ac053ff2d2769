"""The small words around an answer, by language: what says yes or no, what takes it back, what doubts, and what is harmless.

Phrases are longest first where they are looked for. What stands in none of the lists may change what was said, and makes it
doubtful.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ivr.core.language import Language

Sense = Literal["yes", "weak", "no", "not", "doubt", "but", "again", "hold", "harmless"]
"""What a phrase does to an answer: ``weak`` is a yes that is none for dear matters; ``not`` turns what follows it;
``but`` takes something away from a yes; ``again`` begins the answer anew, ``hold`` too, where an answer follows it, and is a
doubt where none does; ``doubt`` makes any answer none."""

_EN: Mapping[Sense, str] = {
    "yes": """obviously; isn't that what i just said; isn't that what i said; that's what i said; that's what i just said;
        i just said so; i just said that; i just told you; finally; at last;
        absolutely; definitely; certainly; indeed; it is; it does; it was; they are; i do; i am; i would; i agree;
        we do; that is it; that's it; that is the one; that's the one; that's the right one; that's me; the same;
        the same again; same again; same thing; the same thing; about that; that's mine; please do; go ahead; do it;
        do that; do so; do book it; book it; sounds good; sounds great; sounds right; sounds fine; that works;
        works for me; that's fine; that is fine; fine by me; that's good; that's great; that's perfect; perfect;
        alright; all right; agreed; affirmative; you bet; by all means; yup; yea; aye; ja; you got it; why not; true;
        that's true; no problem; of course; naturally; totally; i'd love to; i'd like that; i would like that;
        i'd love that; yes; yeah; yep; sure; correct; right; exactly; okay; ok; precisely; spot on; got it; please;
        with pleasure; very much so; i'm happy with that; happy with that; fine; great; lovely; good; wonderful;
        suits me; that suits me; that will do; that'll do; i will; i can; i confirm; confirmed; consent; i consent;
        i accept; accept; couldn't agree more; i don't see why not; don't see why not; no objection; no objections;
        go on; go on then; can't see why not; would be great; would be good; would be nice; would be lovely;
        would be perfect; would be fine; would be wonderful; would be ideal; wouldn't say no; wouldn't say no to that;
        won't say no; won't say no to that; can't say no; can't say no to that; couldn't say no; i should hope so;
        i'd say so; i would say so; too right; that it is; that i do; that i am; it certainly is; it sure is; can can;
        that would be great; that'd be great; that'd be lovely; that'd be grand; grand; brilliant; smashing; super;
        righto; right you are; rightio; okey dokey; okie dokie; wouldn't object; couldn't be better;
        could not be better; can't argue with that; cannot argue with that; why yes; well yes; oh yes; correctomundo;
        bingo; you've got it; you have got it; you guessed it; got it in one; that'll be the one; the very one;
        goes without saying; that goes without saying; couldn't have put it better; you're right; you are right;
        i can live with that; i can come; i can come then; we can come; i could come; it suits; that suits;
        works perfectly; would work; that would work; that'd work; you can; you could; i don't mind if i do; okey doke;
        lovely jubbly; thumbs up; i'd appreciate that; i'd appreciate it; i'm happy; happy; sure thing;
        that's the ticket; that suits me down to the ground; go right ahead; right ahead; i'd be delighted; delighted;
        i'd be happy to; happy to; i'd be glad to; glad to; do nicely; it'll do nicely; that'll do nicely; you may;
        you may indeed; suits me down to the ground; suits me fine; suits me perfectly; couldn't suit me better;
        couldn't suit better; wouldn't have it any other way; nothing would please me more; nothing better;
        can't see a problem; can't see any problem; don't see a problem; don't see any problem; not a problem;
        not a problem at all; no problem at all; no problem with that; no problems; no issue; no issues;
        no issues with that; no trouble; no trouble at all; hundred percent; a hundred percent; one hundred percent;
        100 percent; deal; it's a deal; done; done deal; let's go with that; let's go with it; let's have that;
        make it so; consider it done; if you would; if you'd be so kind; i'm in; count me in; works a treat; you're on;
        why ever not; i'm up for that; i'm game; fire away; ready when you are; that's a yes; it's a yes; it is a yes;
        lock it in; lock that in; pencil me in; pencil it in; that'd be super; that'd be nice; that'd be fine;
        that'd be good; that'd be perfect; that'd be ideal; that'd be wonderful; that would be super;
        that would be nice; that would be fine; that would be good; that would be perfect; that would be ideal;
        that would be wonderful; that would be splendid; that'd be splendid; splendid; excellent; fantastic; marvellous;
        terrific; cool; sweet; sounds like a plan; sounds like a plan to me; sounds lovely; sounds perfect;
        sounds wonderful; that's ideal; that's lovely; that's brilliant; that's excellent; i'll be there; see you then;
        see you there; roger; roger that; ten four; you know it; heck yes; hell yes; oh yes please; yes please;
        very good; jolly good; all good; good to go; all clear; that one; that's what i want; just what i want;
        just what i wanted; exactly what i want; exactly what i wanted; i can make it; i can make that; i can do that;
        i can manage that; we can do that; happy days; can do; no doubt about it; you've read my mind;
        took the words out of my mouth; that's settled; settled; that's agreed; put me down; put me down for that;
        put me down for it; stick me down; stick me down for it; stick me down for that; pop me down; pop me down for it;
        pop me down for that; pop me in; stick me in; put me in; put my name down; write me down; get it booked;
        get that booked; book me in; sign me up; let's do it; let's do that; let's go for it; go for it; go for that;
        do the needful; please do the needful; yes please do the needful;
        i'll take it; i'll take that; i'll have that; i'll have it; we'll take it""",
    "weak": """sounds about right; sounds right; sounds good; go on then; i guess; i guess so; i think so; i believe so;
        i suppose; i suppose so; i hope so; probably; presumably; more or less; if you must; if you like; as you like;
        if you say so; i don't mind; don't mind; if you want; kind of; sort of; i should think so; i'd think so;
        i dare say; i daresay; i reckon; i reckon so; not bad; wouldn't mind; i wouldn't mind; can't complain;
        you could say that; might as well; may as well; suppose so; guess so; if i must; if i have to; it'll have to do;
        that'll have to do; it will have to do; better than nothing; uh huh; that'll be it; that will be it;
        that is what i said; that's what i said; as i said; like i said; i said so; i just said so; i just said that;
        didn't i just say so; didn't i say so; didn't i say that; didn't i just say that; isn't that what i said;
        unless i'm mistaken; unless i am mistaken; if i'm not mistaken; as far as i know; rather; that's about it; mhm;
        mmhm; mhmm; mm; mmm; mm mm; yup yup; mm hm; aha; must be; should be; it should be; that should be""",
    "no": """no; nope; nah; no way; not at all; not really; not exactly; not quite; not now; not today; not yet;
        i've changed my mind; i changed my mind; changed my mind; prefer not; prefer not to; i'd prefer not to;
        i'm away; i am away; i'll be away; i'm busy; i am busy; i'll be busy; i'm at work; i have to work;
        i've got to work; i'm working; i have a meeting; i've got a meeting; i'm on holiday; i'll be on holiday;
        i'm abroad; i'm not there; i won't be there; no deal; i'll pass; i think i'll pass; i'll have to pass;
        give it a miss; i'll give it a miss; give that a miss; not going to work; isn't going to work; not gonna work;
        must decline; i must decline; have to decline; i have to decline; count me out; over my dead body; impossible;
        out of the question; too early; too late; too soon; too expensive; too dear; too far; too long; no can do;
        not a chance; no chance; not likely; not on your life; no good; no use; not in the mood; scratch it; bin it;
        let's not; best not; better not; had better not; i'd better not; not possible; not an option; doesn't suit;
        doesn't suit me; don't fancy it; don't fancy that; don't like it; don't like that; don't want to;
        don't want that; don't want it; don't need it; don't need that; don't need one; don't bother;
        don't trouble yourself; not interested; i'm out; hard pass; thumbs down; that's a no; it's a no; that is a no;
        it is a no; it has to be a no; i'd say no; i'll say no; i have to say no; i'm going to say no; not me; not that;
        not this; not not this one; not for me; no thank you; no thanks; i don't think so; i do not think so;
        don't think so; i wouldn't say so; i think not; i guess not; i hope not; probably not; rather not;
        i'd rather not; i would rather not; of course not; certainly not; absolutely not; definitely not; surely not;
        sure not; of course i don't; on no account; by no means; under no circumstances; never; never mind; nevermind;
        neither; negative; wrong; that's wrong; incorrect; false; untrue; forget it; forget that; leave it; drop it;
        scrap that; cancel that; stop; i refuse; i decline; far from it; anything but; nonsense; it's the other;
        the other one; the other thing; something else; somebody else; someone else; another one; no no""",
    "not": """please don't; please do not; not; isn't; aren't; wasn't; weren't; doesn't; didn't; can't; cannot;
        couldn't; won't; wouldn't; shouldn't; haven't; hasn't; hadn't; without; hardly; ain't; mustn't; needn't; don't;
        nothing; none""",
    "doubt": """maybe; perhaps; yes and no; no and yes; yes or no; possibly; not sure; not so sure; not certain;
        not entirely sure; unsure; don't know; do not know; dunno; no idea; no clue; can't say; cannot say;
        couldn't say; can't tell; cannot tell; hard to say; difficult to say; one moment; one moment please;
        just a moment; a moment; a second; one second; just a second; a minute; one minute; give me a moment;
        let me think; let me see; let me check; let me look; i'll check; i'd have to check; i have to ask;
        i need to ask; i must ask; it depends; that depends; depends; what; pardon; excuse me; who; why; when; where;
        which; how; could be; might be; may be; can be; it could; it might; if; whether; or; either; both; can't hear;
        cannot hear; didn't hear; did not hear; didn't catch; did not catch; didn't get; did not get; don't understand;
        do not understand; didn't understand; did not understand; don't get; can't understand; can't decide;
        cannot decide; don't care; haven't decided; have not decided; undecided; don't remember; can't remember;
        cannot remember; forgot; say again; say that again; repeat; repeat that; are you sure; is it; is that;
        is that so; really; what if; in two minds; no preference; not necessarily; you tell me; ask; later;
        tomorrow maybe; question; do i; do i have to; should i; must i; have i; did i""",
    "but": """but; except; unless; apart from; other than; only; until; however; though; although; provided; instead;
        before; after; too; first; as long as; just not; almost; nearly; partly; half""",
    "again": """i mean; i meant; i mean to say; sorry; actually; rather; scratch that; correction; let me correct;
        i misspoke; on second thought; on second thoughts; come to think of it""",
    "hold": """wait; hold on; hang on; wait a minute; wait a moment; wait a second; hang on a minute; hold on a minute;
        hold on a second""",
    "harmless": """mum says; mom says; my mum says; my mom says; dad says; my dad says; he says; she says; they say;
        my wife says; my husband says; says;
        thanks; thank you; thank you very much; thanks a lot; many thanks; oh; ah; well; um; uh; er; erm;
        that'll; it'll; i'll; we'll; that'd; it'd; i'd; we'd; you'd; there's; with me; by me; be there; lovely to; say;
        don't worry about it; don't worry; any more; anymore; any longer; i'm afraid; afraid; unfortunately; mate; pal;
        luv; my dear; my love; boss; chief; buddy; friend; my friend; bless you; bless; cheers; ta; blimey; crikey; wow;
        heavens; good heavens; good lord; good grief; gracious; my goodness; oh my; hmm; ooh; hey; so; then; and; that;
        it; is; it's; that's; the; a; an; i; i'm; you; me; my; your; we; us; this; one; very; much; just; now;
        right now; right away; straight away; at once; for me; for us; with that; here; there; dear; darling; love; sir;
        madam; miss; ma'am; young man; young lady; god; gosh; goodness; my god; lord; hello; hi; there you go; you know;
        you see; let's; let us; be; am; are; do; does; did; would; could; can; will; should; want; like; to; for; of;
        on; in; at; as; all; want to; i want to; i would like to; i'd like to; i want that; i want it; would be; nice;
        kind; so kind; that kind; very kind; always; again; what a; bit; little; think; believe; said; saying; answer;
        have; got; get; make; go; take; them; already; has; had; been; was; quite; completely; entirely; clearly;
        obviously; honestly; if you please; if you would; if you could; if you don't mind; if possible; if i may;
        isn't it; aren't they; doesn't it; wasn't it; isn't that right; how often must i say it; how many times;
        i told you; what i said; what i want; that's what i want; what i mean; that's what i mean; really good;
        ha; haha; hah; lol; bruv; bro; bruh; man; hun; hon; duck; chick; babe; sweetheart; sweetie; petal; hen; kindly;
        innit; safe; honest;
        no doubt; without a doubt; no question; can't wait; no worries; is that right; after all""",
}
_ZH: Mapping[Sense, str] = {
    "yes": """当然; 当然可以; 当然是; 没问题; 没有问题; 好啊; 好呀; 好嘞; 行啊; 可以的; 可以啊; 没错; 正确; 正是; 要;
        要的; 需要; 我要; 我愿意; 愿意; 同意; 我同意; 就是; 就是的; 就这样; 就它; 就这个; 不是不行; 不是不可以;
        没什么不行; 没什么不可以; 有何不可; 对啊; 对呀; 对对; 对对对; 是啊; 是呀; 是是; 是的是的; 确定; 确认; 肯定;
        没有错; 不错; 可不是; 好极了; 太好了; 成; 中; 必须的; 有; 能; 接受; 我接受; 就这么定; 就这么定了; 就这样定;
        就这样定了; 定了; 就这么着; 那就这么着; 说定了; 要得; 要得嘛; 对头; 中啊; 中呗; 得嘞; 妥了; 妥; 嗯呐; 是嘞; 系;
        系啊; 冇问题; 冇错; 好喔; 好哒; 好滴; 好的呀; 没毛病; 可以可以; 行行; 行行行; 好好好; 好好; 没有问题的; 能来;
        能到; 能过来; 我能过来; 我可以; 我没问题; 定吧; 订上吧; 订上; 帮我订上; 帮我订上吧; 这么定了; 这么定;
        就这么定吧; 我看行; 我看可以; 我看中; 挺好的; 挺好; 定下来; 定下来吧; 没啥问题; 没什么问题; 没啥毛病;
        没有什么问题; 没得问题; ok; okay; 欧克; 整; 整吧; 敢情好; 那敢情好; 再合适不过了; 再合适不过; 按你说的办;
        就按你说的办; 按您说的办; 就按您说的办; 就按您说的; 求之不得; 正合适; 刚刚好; 刚好; 正好; 挺合适; 挺合适的;
        合适; 方便; 我方便; 要得要得; 好得嘛; 巴适; 安排; 安排上; 给安排上; 可以安排; 约上吧; 定上; 来吧; 就来这个;
        没二话; 那必须; 那必须的; 好使; 能行; 我能来; 我能到; 我来得了; 到时候见; 不见不散; 一言为定; 说定了啊; 就这天;
        就那天; 就那天吧; 就这天吧; 妥妥的; 杠杠的; 巴不得; 棒; 太棒了; 完美; 赞成; 支持; 没得说; 还用说; 那还用说;
        不用改了; 不改了; 没问题的; 必须; 当然要; 约一个; 约一个吧; 那就约一个; 就约一个; 行嘛; 好嘛; 可以嘛; 晓得了;
        要的嘛; 中得很; 错不了; 这回错不了; 就这么办; 再好不过; 好得很; 是这么回事; 说得对; 你说得对; 就按这个;
        就按你说的; 按你说的来; 就它吧; 就这个吧; 就这个时间; 帮我定了; 帮我约上; 约上; 约吧; 订吧; 就那个; 没意见;
        没跑儿; 昂; 约约; 约约约; 预约吧; 预约呗; 对喽; 是喽;
        行呗; 好呗; 约; 订; 嘿啊; 是滴; 对滴; 没错喔; 这回对了; 这下对了; 这次对了; 好啦; 行啦; 好哒好哒;
        好喽; 行喽; 给我记上; 给我记上吧; 记上吧; 给我定下来; 不说了嘛; 我不是说了嘛; 说了嘛; 我说了嘛; 不是说了吗; 我刚说了;
        不是说了嘛; 没错儿; 没得错; 那可不; 可不; 可不嘛; 可不就是; 废话; 废话嘛; 不然呢;
        要不然呢; 嗯哼; 就是那件事; 就是那个事; 就是那个; 还是那件事; 还是那个事; 还是那个; 同一件事; 就是这件事; 是; 是的;
        对; 对的;
        好; 好的; 可以; 行""",
    "weak": """凑合吧; 凑合; 将就吧;
        嗯; 嗯嗯; 好吧; 应该是; 应该对; 应该吧; 大概是; 差不多; 算是; 我想是; 我想是的; 是吧; 对吧; 也行; 也可以;
        也好; 行吧; 可以吧; 随便; 随你""",
    "no": """不; 不是; 不是的; 不对; 不行; 不可以; 不要; 不用; 不用了; 不需要; 不同意; 不愿意; 不好; 不太对; 不太好;
        我要上班; 要上班; 得上班; 在上班; 那天有事; 有事; 我有事; 换个时间; 换个时间吧; 换一天; 换一天吧; 改主意了;
        我改主意了; 别订; 别定; 还是别了; 别了; 别了吧; 太早了; 太早; 太晚了; 太晚; 太贵了; 太贵; 太远了; 太远; 太久了;
        拉倒吧; 拉倒; 还是不要了; 还是不要; 还是不了; 不要了; 还是算了; 还是算了吧; 不中; 莫得时间; 没得时间; 没得空;
        莫得空; 不得行; 不合适; 不太合适; 不大合适; 不是很合适; 不巴适; 甭约了; 甭; 甭约; 甭了; 不去了; 不来了; 来不了;
        去不了; 不想来; 不想去; 不想约; 不想订; 到不了; 赶不上; 来不及; 没戏; 没门; 门儿都没有; 不感兴趣; 没兴趣;
        用不着; 犯不着; 不划算; 不方便的; 冇时间; 唔得; 唔使; 唔好; 唔要; 勿要; 伐要; 冇空; 不太行; 不太方便; 不方便;
        当然不; 当然不是; 当然不行; 当然不要; 肯定不是; 肯定不; 才不是; 才不; 不想; 不想要; 算了; 算了吧; 不了;
        不是不是; 不对头; 没必要; 大可不必; 不干; 不成不成; 不必; 不必了; 错; 错了; 不正确; 不准确; 先不; 先不要;
        先不用; 免了; 没有; 没; 别; 千万别; 绝不; 绝对不; 绝对不行; 从不; 拒绝; 我拒绝; 不接受; 不能; 不会; 不成;
        不确认; 取消; 另一个; 别的; 其他的; 不完全是; 不全是; 并不是; 并不; 哪有; 否; 没空; 没时间; 不去; 不订; 不约;
        不定; 那可不行; 可不行; 别约; 先不约; 先别约; 先别订; 不约了; 可不能; 那可不能; 可不要""",
    "not": """没法; 无法; 未; 非; 无; 不太; 不大; 不怎么; 不是很; 不是太; 不够; 没那么""",
    "doubt": """不知道; 不清楚; 不确定; 不太确定; 不一定; 不好说; 说不准; 说不好; 难说; 拿不准; 没想好; 还没想好;
        没决定; 还没决定; 可能; 可能吧; 也许; 或许; 大概; 等等; 等一下; 等会儿; 等会; 等一会; 稍等; 稍等一下; 请稍等;
        等下; 慢着; 让我想想; 我想想; 想一想; 考虑; 考虑一下; 看情况; 看看; 问问; 问一下; 没听清; 没听清楚; 没听懂;
        没听见; 没听到; 听不清; 听不清楚; 听不懂; 听不见; 不明白; 没明白; 不懂; 没懂; 什么; 为什么; 怎么; 谁; 哪; 哪个;
        几; 多少; 再说一遍; 再说一次; 吗; 如果; 要是; 除非; 还是; 或者; 或; 对不对; 是不是; 好不好; 行不行; 可不可以;
        能不能; 要不要; 有没有; 忘了; 记不得; 不记得; 真的吗; 不要紧; 都行; 都可以; 无所谓; 没关系; 以后再说; 再说;
        回头再说; 改天; 的话; 不要钱; 要不要钱; 扣不扣钱; 收不收费""",
    "but": """但; 但是; 不过; 可是; 只是; 除了; 只有; 只; 才; 之前; 之后; 以前; 以后; 前提; 差一点; 一半; 部分; 太""",
    "again": """我是说; 我说的是; 我的意思是; 说错了; 说错; 我说错了; 更正; 改成; 其实; 应该说; 不对不对""",
    "hold": """等等; 等一下; 等会儿; 等会; 等一会; 稍等; 稍等一下; 请稍等; 等下; 慢着""",
    "harmless": """请; 不用谢; 谢谢; 谢谢你; 谢谢您; 多谢; 麻烦; 麻烦你; 麻烦您; 麻烦你了; 麻烦您了; 辛苦了; 您; 你; 我;
        我们; 的; 了; 吧; 啊; 呀; 呢; 哦; 噢; 哎; 唉; 啦; 嘛; 哈; 嘿; 呃; 喂; 你好; 您好; 那; 那么; 那就; 就; 这个;
        这样; 这; 那个; 它; 帮我; 帮忙; 给我; 一下; 对不起; 不好意思; 抱歉; 不客气; 没事; 一个; 个; 说; 想; 我想; 觉得;
        都; 很; 非常; 完全; 真; 真的; 也; 先; 现在; 马上; 吧好; 今天; 没有疑问; 毫无疑问; 当然了; 妈妈说; 爸爸说;
        他说; 她说; 我妈说; 我爸说; 我老公说; 我老婆说; 爷爷说; 奶奶说; 孩子说; 赶紧; 赶紧的; 快点;
        哟; 诶; 欸; 唔该; 麻烦晒; 喔; 噻; 撒; 咧; 小姑娘; 姑娘; 小伙子; 美女; 帅哥; 大姐; 大哥; 妹子; 师傅; 老师; 同志; 亲;
        快点儿; 快点吧; 麻利点; 麻溜的; 利索点; 别磨蹭; 别废话""",
}


def _listed(senses: Mapping[Sense, str], language: Language) -> dict[tuple[str, ...], Sense]:
    found: dict[tuple[str, ...], Sense] = {}
    for sense in ("harmless", "weak", "yes", "no", "not", "but", "doubt", "again", "hold"):
        for phrase in senses[sense].split(";"):
            words = "".join(phrase.split()) if language == "zh" else phrase.split()
            if words:
                found[tuple(words)] = sense
    return found


SENSES: Mapping[Language, Mapping[tuple[str, ...], Sense]] = {"en": _listed(_EN, "en"), "zh": _listed(_ZH, "zh")}
"""By a phrase's words (Chinese: its characters)."""
