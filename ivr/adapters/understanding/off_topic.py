"""Sentences that callers say and that no house serves: counterexamples for "none of these".

Own-written; small talk, wrong numbers, people beside the phone, television, talk about the line itself. What comes close
to a house's own phrases is left out when it is trained (see ``model.py``), so a house that sells umbrellas may speak of rain.
"""

from __future__ import annotations

from ivr.core.language import Language

_EN = """
sorry i think i have the wrong number
who is this
is this the pizza place on the corner
i was trying to reach my sister
is doctor miller in today
did somebody call me from this number
i must have pressed redial by accident
you called me first
hang on a second i am driving
wait a moment somebody is at the door
can you hear me now
you are breaking up i cannot hear you
the line is really bad today
say that again i did not catch it
why are you asking me that
i already told you that
are you a real person or a machine
do you have feelings
how old are you
where do you live
do you speak portuguese
what is your favourite colour
tell me something funny
sing me a song please
will you marry me
you have a lovely voice
you sound tired today
i am so bored right now
i just felt like talking to somebody
it is a beautiful day outside
it has been raining the whole week here
will it snow tomorrow do you think
my knees hurt when the weather changes
i slept badly last night
my back is killing me
i have a terrible headache
the dog is barking again be quiet
stop that right now or you go to your room
put your shoes on we are leaving
dinner is ready come downstairs
did you feed the cat this morning
turn the television down i am on the phone
mum where is my blue jumper
not now darling i am talking to someone
have you seen my glasses anywhere
leave the window open it is hot in here
what do you want on your sandwich
could you pass me the salt
the kettle is boiling
and now the weather for the coming days
the president said on tuesday that talks would go on
police are looking for witnesses after the accident
he shoots and it is a goal
the score is two to one at half time
coming up next after the break
previously on our show
this song was a number one hit in the eighties
who won the match last night
how tall is the eiffel tower
what is the capital of mongolia
how many planets are there
who wrote the first novel ever
what does the word serendipity mean
what is seventeen times twenty four
how do you spell rhythm
how long do i have to boil an egg
what can i cook with leeks and potatoes
what is a good recipe for banana bread
which film should i watch tonight
do you know a good book for a ten year old
when is the next full moon
are there sharks in the mediterranean
why is the sky blue
how far away is the sun
my neighbour keeps parking in front of my gate
my son has his driving test tomorrow
my daughter is getting married in june
we are going to the seaside on sunday
i have to pick up the kids at four
my train was late again this morning
the traffic on the motorway was awful
who are you going to vote for
politicians are all the same
everything used to be better in the old days
life is hard these days
do you believe in ghosts
what is the meaning of life
i had the strangest dream
i found a nice little restaurant by the river
the new haircut suits you
my football team lost again
i am learning to play the guitar
i cannot decide what to wear
do you know where i left my keys
remind me to water the plants
set the alarm for half past six
turn the lights off in the kitchen
play some jazz music
one two three testing
la la la la la
blah blah blah whatever
this is a test do not answer
i am not talking to you
i will ring my brother later
we should meet for coffee some time
"""

_ZH = """
不好意思打错了
你是哪位
你是谁啊
这里是不是东门的披萨店
我想找我姐姐
王医生今天在吗
刚才是不是有人用这个号码打给我
我不小心按到重拨了
是你先打给我的
等一下我在开车
等一会儿有人敲门
你现在听得到我说话吗
你的声音断断续续的
今天信号太差了
你再说一遍我没听清
你问我这个干什么
我刚才不是跟你说过了吗
你是真人还是机器人
你有感情吗
你今年多大了
你住在什么地方
你会说葡萄牙语吗
你最喜欢什么颜色
给我讲个笑话
给我唱首歌吧
你愿意嫁给我吗
你的声音真好听
我现在好无聊啊
我就是想找个人聊聊天
今天天气真不错
这里下了一个星期的雨
明天会不会下雪
一变天我的膝盖就疼
我昨天晚上没睡好
我腰疼得厉害
我头疼死了
狗又在叫了别吵
别闹了再闹就回房间去
快把鞋穿上我们要走了
饭做好了快下来吃饭
你早上喂猫了没有
把电视声音关小一点我在打电话
妈我的蓝毛衣在哪儿
宝贝等一下妈妈在跟别人说话
你看见我的眼镜了吗
窗户开着吧屋里太热了
你想吃米饭还是面条
帮我把盐递过来
水开了
下面请看未来三天的天气预报
总统星期二表示会谈还将继续
警方正在寻找事故的目击者
射门球进了
上半场结束比分二比一
广告之后马上回来
这首歌是八十年代的老歌
昨天晚上的比赛谁赢了
长城一共有多长
蒙古的首都是哪里
太阳系有几颗行星
红楼梦是谁写的
这个成语是什么意思
十七乘以二十四等于多少
这个字怎么写
鸡蛋要煮几分钟
土豆和茄子能做什么菜
红烧肉怎么做才好吃
今天晚上看什么电影好
有什么适合小孩看的书
下一次月圆是哪一天
海里有多少种鲨鱼
天为什么是蓝的
太阳离我们有多远
邻居老是把车停在我家门口
我儿子明天考驾照
我女儿六月份结婚
我们星期天去海边玩
我四点要去接孩子放学
今天早上火车又晚点了
高速上堵得一塌糊涂
现在的年轻人都不爱说话
以前的日子比现在好
这日子过得真累
你相信世界上有鬼吗
人活着是为了什么
我做了一个很奇怪的梦
河边新开了一家小饭馆
你的新发型挺好看的
我支持的球队又输了
我最近在学弹吉他
我不知道穿什么衣服出门
我的钥匙放到哪里去了
提醒我给花浇水
明天早上六点半叫我起床
把厨房的灯关掉
放一首轻音乐
一二三测试测试
啦啦啦啦啦
随便你怎么说吧
我没跟你说话
晚一点我再给我弟弟打电话
改天一起喝杯咖啡
麻将三缺一你来不来
春节你回老家吗
广场舞的音乐太吵了
"""

OFF_TOPIC: dict[Language, tuple[str, ...]] = {
    "en": tuple(_EN.split("\n")[1:-1]),
    "zh": tuple(_ZH.split("\n")[1:-1]),
}
"""About a hundred sentences in each language."""
