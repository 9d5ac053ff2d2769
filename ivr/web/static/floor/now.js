// What goes on now: queues, calls and agents, as the server tells them row by row.

import { Connection } from "../shared/connection.js";
import { clean, counter, h, put, theirs, tick } from "../shared/dom.js";
import { sheet } from "../shared/forms.js";
import { heading } from "../shared/call_label.js";

const PLACES = ["ringing", "queue", "machine", "agent", "held", "wrap_up", "elsewhere"];
const STATES = ["available", "ringing", "busy", "paused", "offline"];
const PAUSES = ["break", "lunch", "meeting", "training"];

export class NowTab {
  constructor(office, story) {
    this.office = office;
    this.story = story;
    this.rows = { queues: new Map(), agents: new Map(), calls: new Map() };
    this.today = {};
    this.troubles = [];
    this.link = "opening";
    /** How far the server's clock is ahead of this one, in ms. */
    this.ahead = 0;
    this.trouble = h("p", { class: "trouble", role: "status", hidden: true });
    this.figures = h("dl", { class: "figures" });
    this.queues = h("ul", { class: "tiles" });
    this.calls = h("section", { class: "calls" });
    this.agents = h("section", { class: "agents" });
    this.element = h("div", {}, this.trouble, this.figures, this.queues, h("div", { class: "sides" }, this.calls, this.agents));
    // A button that is being pressed must not be exchanged for another: the click would be lost.
    this.pressed = false;
    this.element.addEventListener("pointerdown", () => { this.pressed = true; });
    for (const end of ["pointerup", "pointercancel"]) {
      addEventListener(end, () => {
        if (this.pressed) setTimeout(() => { this.pressed = false; this.draw(); });
      });
    }
    this.line = new Connection((message) => this.take(message), (state) => this.linked(state), "/ws/floor");
    story.watch = (call) => this.line.say({ type: "watch", call });
    story.changed = () => this.drawCalls();
    story.where = (call) => this.rows.calls.get(call);
    story.places = () => [...this.rows.queues.values(), ...this.rows.agents.values()];
  }

  open() {
    this.line.open();
  }

  load() {}

  linked(link) {
    if (link.state === "signed_out") location.assign("/sign-in");
    this.link = link.state;
    this.draw();
  }

  take(message) {
    if (message.type === "hello") {
      this.ahead = Date.parse(message.now) - Date.now() || 0;
      this.troubles = message.troubles;
      this.today = message.today ?? {};
      for (const kind of Object.keys(this.rows)) this.rows[kind] = new Map(message[kind].map((row) => [row.id, row]));
      this.story.watched();
    } else if (message.type === "rows") {
      const rows = this.rows[message.kind];
      for (const row of message.changed) rows.set(row.id, row);
      for (const id of message.gone) rows.delete(id);
      if (message.kind === "calls") this.story.moved();
    } else if (message.type === "troubles") {
      this.troubles = message.troubles;
    } else if (message.type === "today") {
      this.today = message.today;
    } else if (message.type === "story") {
      this.story.take(message.story);
      return;
    }
    this.draw();
  }

  draw() {
    const { t } = this.office;
    const trouble = this.link === "lost" ? t.lost : this.troubles.map((name) => t.troubles[name] ?? name).join(" ");
    this.trouble.textContent = trouble;
    this.trouble.hidden = !trouble;
    this.drawFigures();
    put(this.queues, [...this.rows.queues.values()].map((queue) => this.queue(queue)));
    this.drawCalls();
    this.drawAgents();
    tick(Date.now() + this.ahead);
  }

  drawFigures() {
    const { t } = this.office;
    const { calls = 0, by_machine = 0, level = null, abandoned = 0, offered = 0, mean_s = 0 } = this.today;
    const waiting = [...this.rows.queues.values()].reduce((sum, queue) => sum + queue.waiting, 0);
    const figure = (label, value, name = "", more = "") => h("div", { class: name || null },
      h("dt", {}, label), h("dd", {}, value, more ? h("small", {}, more) : null));
    put(this.figures,
      figure(t.waiting_now, waiting, waiting ? "busy" : ""),
      figure(t.calls_now, this.rows.calls.size),
      figure(t.service_level, level === null ? "–" : percent(level)),
      figure(t.mean_wait, offered ? t.seconds(mean_s) : "–"),
      figure(t.abandoned, abandoned, "", offered ? t.of_so_many(offered) : ""),
      figure(t.by_machine, by_machine, "", calls ? t.of_so_many(calls) : ""));
  }

  queue({ id, title, waiting, since, free, here, today }) {
    const { t, reader } = this.office;
    return h("li", { class: "tile", "data-busy": waiting && !free ? "true" : null, "data-queue": clean(id) },
      theirs(reader.of(title), "name", "h3"),
      h("p", { class: "waits" }, h("b", {}, waiting), " ", t.waiting, since ? [" · ", counter(Date.parse(since))] : null),
      h("p", { class: "quiet" }, t.free_of(free, here), today && today.level !== null ? ` · ${percent(today.level)}` : null));
  }

  drawCalls() {
    const { t, reader } = this.office;
    if (this.pressed) return;
    const calls = [...this.rows.calls.values()].sort((a, b) => PLACES.indexOf(a.place) - PLACES.indexOf(b.place) || (a.since < b.since ? -1 : 1));
    const focused = document.activeElement?.dataset?.call;
    put(this.calls, h("h2", {}, t.calls_here),
      calls.length ? h("ol", { class: "rows" }, calls.map((call) => this.call(call, reader))) : h("p", { class: "quiet none" }, t.no_calls));
    if (focused) this.calls.querySelector(`[data-call="${CSS.escape(focused)}"]`)?.focus();
  }

  call(call, reader) {
    const { t } = this.office;
    const title = heading({ who: call.who }, reader);
    const where = [call.call_back ? t.tabs.call_backs : null, call.queue ? reader.of(call.queue.title) : null, ...call.agents.map((agent) => agent.name)].filter(Boolean);
    return h("li", {}, h("button", {
      type: "button", class: "row", "data-call": clean(call.id), "data-place": call.place,
      "aria-pressed": String(this.story.call === call.id), on: { click: () => this.story.open(call.id) },
    },
    h("span", { class: "place" }, h("span", { class: "lamp", "aria-hidden": "true" }), t.places[call.place] ?? call.place, " ", counter(Date.parse(call.since))),
    h("span", { class: "caller" }, theirs(title.text, title.kind),
      call.who.tier && call.who.tier !== "standard" ? h("span", { class: "tier" }, reader.name("tier", call.who.tier)) : null),
    h("span", { class: "matter" }, theirs(reader.of(call.why.title)), call.why.words ? theirs(`“${clean(call.why.words)}”`, "words") : null),
    theirs(where.join(" · "), "quiet at")));
  }

  drawAgents() {
    const { t } = this.office;
    if (this.pressed) return;
    const agents = [...this.rows.agents.values()].sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || a.name.localeCompare(b.name));
    const focused = document.activeElement?.dataset?.agent;
    put(this.agents, h("h2", {}, t.agents_here), h("ol", { class: "rows" }, agents.map((agent) => this.agent(agent))));
    if (focused) this.agents.querySelector(`[data-agent="${CSS.escape(focused)}"]`)?.focus();
  }

  agent(agent) {
    const { t, reader } = this.office;
    const state = agent.state === "paused" && agent.reason ? t.pauses[agent.reason] ?? clean(agent.reason) : t.states[agent.state];
    return h("li", {}, h("button", {
      type: "button", class: "row", "data-agent": clean(agent.id), "data-state": agent.state, on: { click: () => this.agentSheet(agent.id) },
    },
    h("span", { class: "caller" }, theirs(agent.name, "name")),
    h("span", { class: "place" }, h("span", { class: "lamp", "aria-hidden": "true" }), state, " ", counter(Date.parse(agent.since))),
    h("span", { class: "quiet at" }, t.so_many_calls(agent.calls), agent.calls ? ` · ${reader.hours(agent.talk_s)}` : null)));
  }

  /** One agent: where they work, and what a supervisor may do. */
  agentSheet(id) {
    const { t, reader } = this.office;
    const agent = this.rows.agents.get(id);
    if (!agent) return;
    const queues = agent.queues.map((name) => reader.of(this.rows.queues.get(name)?.title) || name).join(", ");
    const speaks = agent.languages.map((one) => reader.name("languages", one)).join(", ");
    const paused = agent.state === "paused";
    const why = h("select", { id: "why" }, PAUSES.map((one) => h("option", { value: one }, t.pauses[one])));
    const content = [
      h("dl", { class: "facts" },
        fact(t.state, t.states[agent.state]), fact(t.queues, queues || "–"), fact(t.speaks, speaks), fact(t.region, agent.region ?? "–")),
      agent.call ? h("p", {}, h("button", { type: "button", class: "secondary", on: { click: () => { this.story.open(agent.call); document.querySelector("dialog[open]")?.close(); } } }, t.see_call)) : null,
      paused ? null : h("div", { class: "field" }, h("label", { for: "why" }, t.pause_for), why),
    ];
    sheet(this.office, agent.name, content, paused ? t.take_back : t.pause, () => this.office.api.ask("POST", `/agents/${encodeURIComponent(id)}/state`,
      paused ? { state: "available" } : { state: "paused", reason: why.value }));
  }
}

const fact = (label, value) => h("div", {}, h("dt", {}, label), theirs(value, "", "dd"));

export function percent(share) {
  return `${Math.round(share * 100)} %`;
}
