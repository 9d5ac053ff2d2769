// One card: who, why, what to say, what is known. The past stands beside it.

import { clean, clockTime, counter, h, memo, put, theirs } from "./dom.js";
import { icon } from "./icons.js";
import { Past } from "./past.js";

export class CardView {
  constructor() {
    this.pill = h("div", { class: "eyebrow" });
    this.who = h("header", { class: "who" });
    this.why = h("section", { class: "why" });
    this.opening = h("section", { class: "opening" });
    this.known = h("section", { class: "known" });
    this.reasons = h("section", { class: "reasons" });
    this.past = new Past();
    const read = h("div", { class: "read" }, this.pill, this.who, this.why, this.opening, this.known, this.reasons);
    this.element = h("article", { class: "card" }, read, this.past.element);
    this.read = read;
    this.call = null;
    this.draws = [
      memo((_language, ...shown) => drawEyebrow(this.pill, this.reader, ...shown)),
      memo((_language, ...shown) => drawWho(this.who, this.reader, ...shown)),
      memo((_language, ...shown) => drawWhy(this.why, this.reader, ...shown)),
      memo((_language, ...shown) => drawOpening(this.opening, this.reader, ...shown)),
      memo((_language, ...shown) => drawKnown(this.known, this.reader, ...shown)),
      memo((_language, ...shown) => drawReasons(this.reasons, this.reader, ...shown)),
    ];
  }

  draw(card, reader) {
    this.reader = reader;
    if (this.call !== card.call) {
      this.call = card.call;
      this.read.scrollTop = 0;
      this.past.start(card);
    }
    const { state, gone } = card;
    this.element.dataset.state = gone ? "gone" : state;
    this.element.dataset.call = card.call;
    this.element.setAttribute("aria-label", `${reader.t[state] ?? ""} ${heading(card, reader).text}`);
    const shown = [
      [state, gone ?? null, since(card), card.queue, Math.round(card.waited_s ?? 0), card.language],
      [card.who, card.language],
      [card.why],
      [card.opening, card.language],
      [card.known, card.patience],
      [card.reasons],
    ];
    this.draws.forEach((draw, place) => draw(reader.language, ...shown[place]));
    this.past.draw(card, reader);
  }
}

/** The moment that the clock of a card counts from. */
export function since(card) {
  const moment = { ringing: card.rang_at, connected: card.connected_at, wrap_up: card.ended_at }[card.state];
  return Date.parse(moment ?? card.since) || Date.now();
}

/** What the card is called: a name, a number, or that there is neither. */
export function heading(card, reader) {
  const who = card.who ?? {};
  if (who.name) return { text: clean(who.name), kind: "name" };
  if (who.number) return { text: clean(who.number), kind: "number" };
  return { text: reader.t.withheld, kind: "withheld" };
}

/** The state of a call and its clock. */
export function pill(state, gone, from, reader) {
  return h("span", { class: "pill", "data-state": gone ? "gone" : state },
    h("span", { class: "lamp", "aria-hidden": "true" }),
    h("span", {}, gone ? reader.name("gone", gone) : reader.t[state]),
    gone ? null : counter(from));
}

function drawEyebrow(place, reader, state, gone, from, queue, waited, language) {
  const { t } = reader;
  put(place,
    pill(state, gone, from, reader),
    h("span", { class: "about" },
      theirs(reader.of(queue?.title) || queue?.name),
      h("span", {}, t.waited(clockTime(waited))),
      h("span", {}, t.held_in(reader.name("languages", language)))),
  );
}

function drawWho(place, reader, who, language) {
  const { t } = reader;
  const title = heading({ who }, reader);
  const salutations = [who.salutation?.[reader.language], who.salutation?.[language]];
  const address = [...new Set(salutations.filter(Boolean).map(clean))];
  put(place,
    h("h1", { class: title.kind, title: title.text, dir: "auto" }, title.text),
    h("p", { class: "address" }, ...address.map((text) => theirs(text))),
    h("p", { class: "facts" }, ...facts(who, title, reader)),
    remark(who, t),
  );
}

function facts(who, title, reader) {
  const { t } = reader;
  const found = [];
  if (title.kind === "name") {
    found.push(who.number ? theirs(who.number, "number") : h("span", { class: "quiet" }, t.withheld));
  }
  if (!who.known) {
    const missing = { failed: t.lookup_failed, pending: t.lookup_pending };
    const text = missing[who.lookup] ?? (who.number ? t.no_record : t.no_number);
    found.push(h("span", { class: who.lookup === "failed" ? "caution" : "" }, text));
    return found;
  }
  if (who.language) found.push(h("span", {}, reader.name("languages", who.language)));
  if (who.tier) found.push(h("span", { class: "tier", "data-tier": who.tier }, reader.name("tier", who.tier)));
  if (who.region) found.push(theirs(who.region));
  if (who.customer_id) found.push(theirs(who.customer_id, "id"));
  return found;
}

function remark(who, t) {
  if (who.note) return theirs(who.note, "remark", "p");
  if (!who.known && who.shown_name) {
    return h("p", { class: "remark" }, `${t.network_says} `, theirs(who.shown_name), ` (${t.unchecked})`);
  }
  return null;
}

/** Five dots and the number. */
function confidence(value, t) {
  const sure = Math.min(1, Math.max(0, Number(value) || 0));
  const number = sure.toFixed(2);
  const dots = [1, 2, 3, 4, 5].map((dot) => h("i", { class: dot <= Math.round(sure * 5) ? "on" : "" }));
  return h("span", { class: "confidence" },
    h("span", { class: "dots", role: "img", "aria-label": `${t.confidence} ${number}` }, dots),
    h("span", { class: "number", "aria-hidden": "true" }, number));
}

function drawWhy(place, reader, why) {
  const { t } = reader;
  const doubt = why.certainty === "unsure" || why.certainty === "unknown";
  place.dataset.certainty = why.certainty;
  const words = why.words
    ? h("blockquote", { lang: why.heard_language === "zh" ? "zh-Hans" : "en", dir: "auto" },
      h("span", { class: "mark", "aria-hidden": "true" }, "“"), clean(why.words), "”")
    : h("p", { class: "wordless" }, why.certainty === "chosen_by_key" ? t.no_words : t.no_words_yet);
  const addends = (why.shares ?? []).map((share) => h("span", { class: "addend" },
    theirs(reader.of(share.label)), " ", h("b", {}, Number(share.value).toFixed(2))));
  put(place,
    h("h2", {}, t.why),
    h("p", { class: "reason" },
      theirs(reader.of(why.title), "title"),
      confidence(why.confidence, t),
      h("span", { class: doubt ? "certainty doubt" : "certainty" }, reader.name("certainty", why.certainty))),
    words,
    h("p", { class: "sum" }, addends,
      why.runner_up ? h("span", { class: "runner" }, `${t.or_else} `, theirs(reader.of(why.runner_up))) : null),
  );
}

function drawOpening(place, reader, opening, language) {
  const first = opening?.[language] ?? reader.of(opening);
  const second = opening?.[reader.language];
  const tag = (code) => (code === "zh" ? "zh-Hans" : "en");
  // It is read out to the caller, so the caller's language comes first; the agent's own stands below it.
  put(place,
    h("h2", {}, reader.t.open_with),
    h("p", { class: "line", lang: tag(language), dir: "auto" }, clean(first)),
    second && second !== first
      ? h("p", { class: "gloss", lang: tag(reader.language), dir: "auto" }, clean(second)) : null,
  );
}

function drawKnown(place, reader, known = [], patience = null) {
  const { t } = reader;
  const rows = known.map((fact) => h("div", { class: "fact" },
    h("dt", {}, theirs(reader.of(fact.label))),
    h("dd", {},
      fact.value ? theirs(fact.value, "value") : null,
      h("span", { class: fact.checked ? "how checked" : "how" },
        fact.checked ? icon("check") : null,
        fact.checked ? `${reader.name("how", fact.how)}, ${t.checked}` : reader.name("how", fact.how)))));
  put(place,
    h("h2", {}, t.known),
    rows.length ? h("dl", {}, rows) : h("p", { class: "quiet" }, t.nothing_known),
    patience?.spent ? h("p", { class: "patience" },
      h("b", {}, t.patience(patience.spent, patience.of)), " ",
      patience.troubles.map((trouble, nth) => [nth ? " · " : "", theirs(reader.of(trouble))])) : null,
  );
}

function drawReasons(place, reader, reasons = []) {
  const items = reasons.map((share) => h("li", {},
    theirs(reader.of(share.label)), " ", h("b", {}, Number(share.value).toFixed(2))));
  put(place, ...(items.length ? [h("h2", {}, reader.t.why_you), h("ul", {}, items)] : []));
}
