"use strict";
// Every sentence of the report, in both languages: the page is read from a disk, without a server, so it brings its own.
const TEXTS = {
  en: {
    other: "中文",
    title: "Replay",
    // the list of calls
    calls: "calls", failed: "could not be replayed", shown: "shown",
    search: "name, words, place", all_reasons: "every reason", all_tags: "every tag",
    wrong: "only what went wrong", turned: "only what changed",
    call: "call", wants: "wants", taken: "taken for", place: "came to", right: "right place",
    questions: "questions", seconds: "seconds", wer: "words wrong", response: "slowest answer",
    none: "none of these", unknown: "not known",
    // figures
    below: "Below the thresholds", speed: "speed, × real time", matrix: "What was taken for what",
    compared: "Against the old version", old: "old", new: "new", change: "change", interval: "95 % interval",
    better: "better", worse: "worse", same: "same",
    figures: {},
    // one call
    close: "Close", turned_what: "Changed", reasons: "Why there", missing: "Missing on the card",
    said_heard: "Said, and heard", caller: "caller", machine: "assistant", no_audio: "No sound was kept.",
    story: "What happened",
    kinds: {
      said: "says", heard: "hears", key: "key", no_input: "no answer", understood: "understands", asked_source: "looks up",
      proof: "proof", trouble: "trouble", problem: "problem", decided: "decides", known: "knows", language: "language",
    },
    waterfall: "From the end of their speech to the answer",
    endpoint_ms: "silence until the end was noticed", decode_ms: "the last words",
    understand_ms: "what they mean", speak_ms: "until the answer sounds",
    slots: "Known at the end", wanted: "wanted", got: "got",
  },
  zh: {
    other: "English",
    title: "回放",
    calls: "通电话", failed: "无法回放", shown: "条",
    search: "名称、去向", all_reasons: "所有来意", all_tags: "所有标签",
    wrong: "只看出错的", turned: "只看有变化的",
    call: "电话", wants: "来意", taken: "识别为", place: "转到", right: "应到",
    questions: "提问数", seconds: "秒", wer: "词错率", response: "最慢回应",
    none: "都不是", unknown: "未知",
    below: "未达到的门槛", speed: "速度（实时倍数）", matrix: "来意识别对照",
    compared: "与旧版本相比", old: "旧", new: "新", change: "变化", interval: "95% 区间",
    better: "变好", worse: "变差", same: "相同",
    figures: {
      wer: "词错率", first_accuracy: "第一句话听懂", intent_accuracy: "来意正确", oos_recall: "“都不是”识别出",
      oos_precision: "拒绝正确", false_rejections: "误拒", slot_accuracy: "信息正确", route_accuracy: "一次转对",
      needless_transfers: "不必要的转接", card_complete: "卡片完整", questions: "每通提问数",
      seconds_to_place: "到正确去向的秒数", false_barge_ins: "每通误打断", cut_offs: "每通被截断",
      made_up: "每通补充的回答", pop_p95_ms: "振铃到弹屏 95 百分位", response_p50_ms: "回应中位数",
      response_p95_ms: "回应 95 百分位",
    },
    close: "关闭", turned_what: "变化", reasons: "转到那里的理由", missing: "卡片上缺少",
    said_heard: "所说与所听", caller: "来电者", machine: "语音助手", no_audio: "没有保存录音。",
    story: "经过",
    kinds: {
      said: "说", heard: "听到", key: "按键", no_input: "没有回答", understood: "理解", asked_source: "查询",
      proof: "验证", trouble: "问题", problem: "故障", decided: "决定", known: "已知", language: "语言",
    },
    waterfall: "从说完到回答",
    endpoint_ms: "判断说完的静音", decode_ms: "识别结尾",
    understand_ms: "理解", speak_ms: "到开始回答",
    slots: "最后已知", wanted: "应为", got: "实为",
  },
};
