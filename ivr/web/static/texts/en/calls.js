// What is said of calls and callers, at the desk and on the floor.

export default {
  states: {
    available: "Available",
    paused: "Paused",
    offline: "Offline",
    busy: "On a call",
    ringing: "Ringing",
    connected: "Connected",
    wrap_up: "Wrap-up",
  },
  // agent and top bar
  pause_for: "Pause",
  waiting: "waiting",
  // connection
  lost: "Connection lost.",
  asterisk_lost: "The telephone system does not answer.",
  // card
  withheld: "Number withheld",
  why: "Why they call",
  certainty: {
    danger: "was told whom to call",
    earlier: "goes on with an earlier call",
    sure: "understood",
    confirmed: "confirmed by the caller",
    chosen_by_key: "chosen by key",
    unsure: "Assistant not sure: ask once",
    unknown: "Assistant does not know: ask",
    agent: "corrected by a colleague",
  },
  patience: (spent) => `Tried the caller’s patience ${spent === 1 ? "once" : `${spent} times`}:`,
  past: { history: "History", this_call: "This call" },
  // past
  signals: "Told by other systems",
  orders: "Orders",
  cases: "Cases",
  timeline: "Timeline",
  nothing_past: "No earlier contact.",
  nothing_said: "Nobody has said anything yet.",
  mine: "you",
  solved: "solved",
  unsolved: "not solved",
  due: (d) => `due ${d}`,
  order_status: {
    processing: "processing", shipped: "shipped", delivered: "delivered",
    late: "late", returned: "returned", cancelled: "cancelled",
  },
  case_status: { open: "open", waiting: "waiting", closed: "closed" },
  channel: {
    phone: "phone", chat: "chat", mail: "mail", app: "app", sms: "text message", device: "device", shop: "shop",
  },
  speaker: { machine: "Assistant", caller: "Caller", note: "Note" },
  pressed: "pressed",
  tier: { standard: "Standard", silver: "Silver", gold: "Gold", vip: "VIP" },
  // gone
  gone: {
    no_answer: "Not answered: offered to somebody else",
    elsewhere: "Answered by a colleague",
    hung_up: "The caller hung up",
    cancelled: "Your colleague goes on alone",
    busy: "Your phone was busy: offered to somebody else",
    passed_on: "Passed on",
    "ended unseen": "Over",
    closed: "Closed",
  },
  // dock
  outcome: "Outcome",
  // where a call stands
  held: "On hold",
  asking: (name) => `Asking ${name}`,
  asked_by: (name) => `${name} asks you`,
  asked: (name) => `Talking with ${name}`,
  conference: "Conference",
  // brief and journey
  brief: {
    blind: (name) => `${name} passed this on`, consult: (name) => `${name} wants you to take this`,
    wrong_place: (name) => `${name} sent this on: it came to the wrong place`, phone: (name) => `${name} passed this on`,
    pick_up: () => "You picked this up", agent_gone: (name) => `${name}’s line was lost`,
    moved: () => "A supervisor sent this to you", call_back: () => "We call: pick up, and their phone rings",
  },
  dialling: "Their phone rings",
  brief_asks: (name) => `${name} asks`,
  brief_none: "Nothing was written with it.",
  caller_said: "Caller",
  so_far: "So far",
  you: "You",
  since: (time) => `since ${time}`,
  rang_only: "did not answer",
  went_to: (name) => `to ${name}`,
  // panels
  passed_why: {
    other_matter: "another matter", no_authority: "not theirs to decide", no_skill: "outside their skills", language: "another language",
    asked_for: "the caller asked for you", other: "another reason",
  },
  // a call as a test
  test_title: "Make a test of this call",
  test_find: "What was it about?",
  test_make: "Make the test",
  test_as_it_is: "as it was understood or put right",
  test_none: "None of our reasons",
  test_about: "It goes into the corpus under another name and number: what was said to the assistant, with its sound where the caller has agreed.",
  test_made: (name, sound) => `Test ${name} made${sound ? "" : ", in text: there is no recording"}.`,
  // day
  outcomes: { solved: "solved", follow_up: "follow up", wrong_place: "wrong place", nobody_there: "nobody there" },
};
