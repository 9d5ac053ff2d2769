// What is said of calls and callers, at the desk and on the floor.

export default {
  states: { available: "空闲", paused: "暂停", offline: "离线", busy: "通话中", ringing: "来电中", connected: "通话中", wrap_up: "话后处理" },
  // agent and top bar
  pause_for: "暂停",
  waiting: "等待",
  // connection
  lost: "连接已断开。",
  asterisk_lost: "电话系统没有响应。",
  // card
  withheld: "号码未显示",
  why: "来电原因",
  certainty: {
    danger: "已告知急救电话",
    earlier: "接续之前的来电",
    sure: "已理解",
    confirmed: "客户已确认",
    chosen_by_key: "按键选择",
    unsure: "语音助手不确定：请问一次",
    unknown: "语音助手不清楚：请询问",
    agent: "同事已更正",
  },
  patience: (spent) => `自动服务未成功 ${spent} 次：`,
  past: { history: "历史记录", this_call: "本次通话" },
  // past
  signals: "其他系统通知",
  orders: "订单",
  cases: "工单",
  timeline: "时间线",
  nothing_past: "没有以往联系记录。",
  nothing_said: "还没有对话内容。",
  mine: "您",
  solved: "已解决",
  unsolved: "未解决",
  due: (d) => `应于${d}送达`,
  order_status: {
    processing: "处理中", shipped: "已发货", delivered: "已送达",
    late: "延误", returned: "已退货", cancelled: "已取消",
  },
  case_status: { open: "未完成", waiting: "等待中", closed: "已完成" },
  channel: {
    phone: "电话", chat: "在线聊天", mail: "邮件", app: "应用", sms: "短信", device: "设备", shop: "门店",
  },
  speaker: { machine: "语音助手", caller: "客户", note: "备注" },
  pressed: "按键",
  tier: { standard: "普通会员", silver: "银卡会员", gold: "金卡会员", vip: "贵宾" },
  // gone
  gone: {
    no_answer: "无人接听：已转给其他同事",
    elsewhere: "同事已接听",
    hung_up: "客户已挂断",
    cancelled: "同事已取消咨询",
    busy: "您的电话占线：已转给其他同事",
    passed_on: "已转走",
    "ended unseen": "已结束",
    closed: "已完成",
  },
  // dock
  outcome: "结果",
  // where a call stands
  held: "保持中",
  asking: (name) => `正在咨询${name}`,
  asked_by: (name) => `${name}向您咨询`,
  asked: (name) => `与${name}通话中`,
  conference: "三方通话",
  // brief and journey
  brief: {
    blind: (name) => `${name}转来`, consult: (name) => `${name}希望您接手`,
    wrong_place: (name) => `${name}转来：先前转错部门`, phone: (name) => `${name}转来`,
    pick_up: () => "您代接了此来电", agent_gone: (name) => `${name}的线路已断开`,
    moved: () => "班长转来", call_back: () => "回拨：您接起后将呼叫客户",
  },
  dialling: "正在呼叫客户",
  brief_asks: (name) => `${name}咨询`,
  brief_none: "没有附言。",
  caller_said: "客户",
  so_far: "此前经过",
  you: "您",
  since: (time) => `${time} 起`,
  rang_only: "未接听",
  went_to: (name) => `转至${name}`,
  // panels
  passed_why: {
    other_matter: "其他事项", no_authority: "权限不足", no_skill: "技能不符", language: "语言不通", asked_for: "客户指定要找您", other: "其他原因",
  },
  // a call as a test
  test_title: "将此通话转为测试用例",
  test_find: "实际是什么事？",
  test_make: "生成测试用例",
  test_as_it_is: "按系统理解或已更正的原因",
  test_none: "不属于任何已有原因",
  test_about: "将以化名和替换后的号码存入语料库：包含对语音助手所说的内容；客户同意录音的，也包含声音。",
  test_made: (name, sound) => `测试用例 ${name} 已生成${sound ? "" : "（仅文字，没有录音）"}。`,
  // day
  outcomes: { solved: "已解决", follow_up: "需跟进", wrong_place: "转错部门", nobody_there: "无人应答" },
};
