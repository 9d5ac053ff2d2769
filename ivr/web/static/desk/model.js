// What the desk knows. Messages change it; the pages are drawn from it and from nothing else.

const ORDER = { ringing: 0, connected: 1, wrap_up: 2 };

export class Model {
  constructor(language) {
    this.language = language;
    this.agent = null;
    this.state = { state: "offline", reason: null, since: null };
    this.pauseReasons = [];
    this.outcomes = [];
    this.cards = new Map();
    this.queues = [];
    this.places = { agents: [], queues: [], regions: [], outside: false };
    this.intents = [];
    this.today = { calls: 0, solved: 0, talk_s: 0, transfers: 0 };
    this.history = [];
    this.softphone = null;
    this.asterisk = "connected";
    this.link = { state: "opening" };
    this.chosen = null;
    this.skew = 0;
  }

  /** The server's time: the clocks of desks are never right. */
  now() {
    return Date.now() + this.skew;
  }

  /** The card that has the screen. */
  card() {
    return this.cards.get(this.chosen) ?? null;
  }

  others() {
    return [...this.cards.values()].filter((card) => card.call !== this.chosen && !card.gone);
  }

  /** Take one message; true when it was one of ours. */
  take(message) {
    const take = TAKES[message?.type];
    if (!take) return false;
    take(this, message);
    return true;
  }

  choose(call) {
    if (this.cards.has(call)) this.chosen = call;
  }

  chooseNext() {
    const calls = [...this.cards.values()].filter((card) => !card.gone).map((card) => card.call);
    if (calls.length) this.chosen = calls[(calls.indexOf(this.chosen) + 1) % calls.length];
  }

  /** Forget a card that was shown as gone, unless it has come back since. */
  drop(card) {
    if (this.cards.get(card.call) !== card) return;
    this.cards.delete(card.call);
    this.settle();
  }

  remove(call) {
    this.cards.delete(call);
    this.settle();
  }

  /** Somebody must have the screen: who rings before who talks, who talks before what is to be written up. */
  settle() {
    if (this.cards.has(this.chosen)) return;
    const left = [...this.cards.values()].filter((card) => !card.gone);
    left.sort((a, b) => ORDER[a.state] - ORDER[b.state]);
    this.chosen = left[0]?.call ?? null;
  }
}

function put(model, card) {
  if (!card?.call || !(card.state in ORDER)) return;
  const before = model.cards.get(card.call);
  const changed = before?.state !== card.state || before?.gone;
  const fresh = { ...card };
  if (card.state === "wrap_up") fresh.ended_at ??= before?.ended_at ?? new Date(model.now()).toISOString();
  model.cards.set(card.call, fresh);
  // A ring takes the eye; a call that was picked up, too. News about a call in hand does not.
  if (changed && card.state !== "wrap_up") model.chosen = card.call;
  model.settle();
}

function withdraw(model, { call, reason }) {
  const card = model.cards.get(call);
  if (!card) return;
  if (reason === "closed") {
    model.remove(call);
  } else if (card.state === "connected") {
    model.cards.set(call, { ...card, state: "wrap_up", ended_at: new Date(model.now()).toISOString() });
  } else if (card.state === "ringing") {
    model.cards.set(call, { ...card, gone: reason });
    const ringing = model.others().find((other) => other.state === "ringing");
    if (model.chosen === call && ringing) model.chosen = ringing.call;
  }
}

function hello(model, message) {
  model.agent = message.agent ?? null;
  model.language = message.language ?? model.language;
  model.oversees = message.oversees ?? model.oversees ?? false;
  model.state = message.state ? stateOf(message.state) : model.state;
  model.pauseReasons = message.pause_reasons ?? [];
  model.outcomes = message.outcomes ?? [];
  model.queues = message.queues ?? [];
  model.places = message.places ?? model.places;
  model.intents = message.intents ?? [];
  model.today = message.today ?? model.today;
  model.history = message.history ?? model.history;
  model.softphone = message.softphone ?? null;
  model.asterisk = message.asterisk ?? "connected";
  const now = Date.parse(message.now);
  model.skew = Number.isNaN(now) ? 0 : now - Date.now();
  const before = model.cards;
  const chosen = model.chosen;
  model.cards = new Map();
  for (const card of message.cards ?? []) {
    const kept = before.get(card.call);
    put(model, kept?.ended_at ? { ...card, ended_at: card.ended_at ?? kept.ended_at } : card);
  }
  // Coming back must not take the card away that somebody is reading, unless a new call rings.
  const rings = [...model.cards.values()].find((card) => card.state === "ringing");
  model.chosen = rings && !before.has(rings.call) ? rings.call : chosen;
  model.settle();
}

/** The server pauses an agent itself while they talk and write up; to them that is one thing, and "available" ends it. */
function stateOf({ state, reason, since }) {
  const ours = state === "paused" && (reason === "call" || reason === "wrap_up");
  return { state: ours ? "wrap_up" : state, reason: ours ? null : reason ?? null, since };
}

const TAKES = {
  hello,
  card: (model, message) => put(model, message.card),
  withdraw,
  state: (model, { state, reason, since }) => {
    model.state = stateOf({ state, reason, since });
  },
  queues: (model, message) => {
    model.queues = message.queues ?? [];
  },
  places: (model, message) => {
    model.places = message.places ?? model.places;
  },
  history: (model, message) => {
    model.history = message.history ?? [];
  },
  today: (model, message) => {
    model.today = message.today ?? model.today;
  },
  asterisk: (model, message) => {
    model.asterisk = message.state;
  },
};
