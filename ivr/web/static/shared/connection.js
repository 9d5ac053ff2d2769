// The line to the server: comes back by itself, waits longer each time, and knows when it is only half there.

const DELAYS_MS = [300, 1000, 2000, 4000, 8000, 15000];
const PING_MS = 20_000;
const ANSWER_MS = 10_000;
const SESSION_OVER = 4401;

export class Connection {
  /** `take(message)` gets every message but answers; `link({state, retryAt})` hears how the line is. */
  constructor(take, link, path = "/ws") {
    this.path = path;
    this.take = take;
    this.link = link;
    this.socket = null;
    this.tries = 0;
    this.next = 1;
    this.asked = new Map();
    this.timers = new Set();
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
  }

  open() {
    this.quiet();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${this.path}`);
    this.socket = socket;
    this.greeted = false;
    this.later(ANSWER_MS, () => this.greeted || this.lose(socket));
    socket.addEventListener("message", (event) => this.socket === socket && this.heard(event.data));
    socket.addEventListener("close", (event) => this.lose(socket, event.code));
  }

  /** Say something that needs no answer. */
  say(message) {
    if (this.greeted) this.socket.send(JSON.stringify(message));
    return this.greeted;
  }

  /** Ask for something; resolves when done, rejects with a text in both languages, or with null without a line. */
  ask(message) {
    const id = this.next++;
    return new Promise((done, refused) => {
      if (!this.say({ ...message, id })) {
        refused(null);
        return;
      }
      this.asked.set(id, { done, refused });
    });
  }

  heard(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return; // not ours
    }
    clearTimeout(this.answer);
    if (message.type === "ack") {
      const asked = this.asked.get(message.id);
      this.asked.delete(message.id);
      if (message.ok) asked?.done();
      else asked?.refused(message.error ?? null);
      return;
    }
    if (message.type === "hello") {
      this.greeted = true;
      this.tries = 0;
      this.link({ state: "open" });
      this.later(PING_MS, () => this.ping(), true);
    }
    this.take(message);
  }

  ping() {
    const socket = this.socket;
    this.ask({ type: "ping" }).catch(() => undefined);
    clearTimeout(this.answer);
    this.answer = setTimeout(() => this.lose(socket), ANSWER_MS);
  }

  async lose(socket, code = 0) {
    if (this.socket !== socket) return;
    const greeted = this.greeted;
    this.quiet();
    this.socket = null;
    this.greeted = false;
    socket.close();
    for (const { refused } of this.asked.values()) refused(null);
    this.asked.clear();
    // A refused handshake does not tell why; a plain request does.
    if (code === SESSION_OVER || (!greeted && (await signedOut()))) {
      this.link({ state: "signed_out" });
      return;
    }
    const delay = DELAYS_MS[Math.min(this.tries++, DELAYS_MS.length - 1)];
    const wait = delay * (0.8 + 0.4 * Math.random()); // not every desk in the same moment
    this.link({ state: "lost", retryAt: Date.now() + wait });
    this.retry = setTimeout(() => this.again(), wait);
  }

  again() {
    clearTimeout(this.retry);
    this.retry = null;
    this.link({ state: "lost", retryAt: null });
    this.open();
  }

  hurry() {
    if (this.retry) this.again();
  }

  later(ms, act, every = false) {
    const timer = every ? setInterval(act, ms) : setTimeout(act, ms);
    this.timers.add([timer, every]);
  }

  quiet() {
    for (const [timer, every] of this.timers) (every ? clearInterval : clearTimeout)(timer);
    this.timers.clear();
    clearTimeout(this.answer);
  }
}

async function signedOut() {
  try {
    const answer = await fetch("/api/v1/me", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
    return answer.status === 401;
  } catch {
    return false; // nobody there at all
  }
}
