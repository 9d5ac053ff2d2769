// Beside the card: orders, cases and earlier contacts, or what was said in this call.

import { clean, h, memo, put, theirs } from "./dom.js";
import { icon } from "./icons.js";

export class Past {
  constructor() {
    this.shown = "history";
    this.tabs = {};
    this.panels = {};
    for (const name of ["history", "this_call"]) {
      this.tabs[name] = h("button", {
        type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`,
        on: { click: () => this.show(name), keydown: (event) => this.arrow(event) },
      });
      this.panels[name] = h("div", {
        class: "panel", role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, tabindex: "0",
      });
    }
    this.element = h("aside", { class: "past" },
      h("div", { class: "tabs", role: "tablist" }, Object.values(this.tabs)),
      Object.values(this.panels));
    this.drawHistory = memo((_language, _day, card) => {
      put(this.panels.history, ...history(card, this.reader));
    });
    this.drawCall = memo((_language, transcript) => {
      put(this.panels.this_call, said(transcript, this.reader));
    });
  }

  /** Another call: begin with what says more about it. */
  start(card) {
    const empty = !card.signals?.length && !card.orders?.length && !card.cases?.length && !card.timeline?.length;
    this.show(empty && card.transcript?.length ? "this_call" : "history");
    for (const panel of Object.values(this.panels)) panel.scrollTop = 0;
  }

  draw(card, reader) {
    this.reader = reader;
    for (const [name, tab] of Object.entries(this.tabs)) {
      if (tab.textContent !== reader.t.past[name]) tab.textContent = reader.t.past[name];
    }
    const { signals = [], orders = [], cases = [], timeline = [], transcript = [] } = card;
    // The day is part of it: at midnight "today" becomes "yesterday".
    this.drawHistory(reader.language, new Date(reader.now()).toDateString(), { signals, orders, cases, timeline });
    this.drawCall(reader.language, transcript);
  }

  show(name) {
    this.shown = name;
    for (const [other, tab] of Object.entries(this.tabs)) {
      tab.setAttribute("aria-selected", String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
      this.panels[other].hidden = other !== name;
    }
  }

  toggle() {
    this.show(this.shown === "history" ? "this_call" : "history");
  }

  arrow(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    this.toggle();
    this.tabs[this.shown].focus();
  }
}

function history({ signals, orders, cases, timeline }, reader) {
  const { t } = reader;
  const parts = [];
  if (signals.length) {
    parts.push(h("h2", {}, t.signals), h("ul", { class: "things" }, signals.map((one) => signal(one, reader))));
  }
  if (orders.length) parts.push(h("h2", {}, t.orders), h("ul", { class: "things" }, orders.map((o) => order(o, reader))));
  if (cases.length) parts.push(h("h2", {}, t.cases), h("ul", { class: "things" }, cases.map((c) => matter(c, reader))));
  if (timeline.length) {
    parts.push(h("h2", {}, t.timeline), h("ol", { class: "timeline" }, timeline.map((past) => contact(past, reader))));
  }
  return parts.length ? parts : [h("p", { class: "quiet nothing" }, t.nothing_past)];
}

/** What another system has told before the customer called. */
function signal(one, reader) {
  return h("li", {},
    theirs(one.text, "what"),
    h("span", { class: "detail" },
      h("span", {}, reader.day(one.at), " ", reader.time(one.at)),
      one.order ? theirs(one.order, "id") : null,
      one.product ? theirs(one.product) : null));
}

function order(one, reader) {
  const due = one.due_at && one.status !== "delivered" ? reader.t.due(reader.day(one.due_at)) : reader.day(one.ordered_at);
  return h("li", {},
    theirs(one.product, "what"),
    h("span", { class: "status", "data-status": one.status }, reader.name("order_status", one.status)),
    h("span", { class: "detail" }, theirs(one.id, "id"), h("span", {}, due)),
    one.amount ? theirs(one.amount, "amount") : null);
}

function matter(one, reader) {
  const team = reader.of(one.queue_title);
  return h("li", {},
    theirs(one.subject, "what"),
    h("span", { class: "status", "data-status": one.status }, reader.name("case_status", one.status)),
    h("span", { class: "detail" },
      theirs(one.id, "id"), h("span", {}, reader.day(one.opened_at)), team ? theirs(team) : null));
}

function contact(past, reader) {
  const { t } = reader;
  const day = reader.day(past.at);
  const mark = past.solved === true ? ["check", t.solved] : past.solved === false ? ["open", t.unsolved] : null;
  const by = past.mine ? t.mine : past.agent_name ? clean(past.agent_name) : null;
  return h("li", { class: past.mine ? "mine" : null },
    h("time", { datetime: clean(past.at), title: reader.full(past.at) },
      h("span", { class: "day" }, day), h("span", { class: "hour" }, reader.time(past.at))),
    h("span", { class: "channel", title: reader.name("channel", past.channel) },
      icon(past.channel), h("span", { class: "unseen" }, reader.name("channel", past.channel))),
    entry(past, by, mark, reader));
}

/** One line; where more was kept of it, it opens to what the caller said and what was noted. */
function entry(past, by, mark, reader) {
  const { t } = reader;
  const said = by || mark || past.outcome ? h("span", { class: "by" },
    by ? h("bdi", {}, by) : null,
    mark ? h("span", { class: `mark ${mark[0]}` }, icon(mark[0]), mark[1]) : null) : null;
  const more = [
    past.words && !String(past.summary).includes(past.words) ? theirs(`“${clean(past.words)}”`, "words", "p") : null,
    past.note && past.note !== past.summary ? theirs(past.note, "note", "p") : null,
    past.outcome ? h("p", { class: "quiet" }, `${t.outcome}: ${reader.name("outcomes", past.outcome)}`) : null,
  ].filter(Boolean);
  if (!more.length) return h("span", { class: "what" }, theirs(past.summary), said);
  return h("details", { class: "what" },
    h("summary", {}, h("span", {}, theirs(past.summary), icon("down")), said), more);
}

/** What was said, line by line. */
export function said(transcript, reader) {
  const { t } = reader;
  if (!transcript.length) return h("p", { class: "quiet nothing" }, t.nothing_said);
  return h("ol", { class: "said" }, transcript.map((line) => h("li", { "data-speaker": line.speaker },
    h("span", { class: "speaker" },
      reader.name("speaker", line.speaker), h("time", { datetime: clean(line.at) }, reader.time(line.at))),
    h("p", { lang: line.language === "zh" ? "zh-Hans" : "en", dir: "auto" },
      line.by === "keys" ? h("span", { class: "pressed" }, t.pressed) : null, clean(line.text)))));
}
