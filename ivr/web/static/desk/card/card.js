// One card: who, why, what to say, what is known. The past stands beside it.

import { clean, clockTime, h, memo, put, theirs } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";
import { heading, pill, since } from "../../shared/call_label.js";
import { Opening } from "./opening.js";
import { drawBrief, drawJourney } from "../../shared/brief_and_journey.js";
import { Past } from "../../shared/history.js";
import { popLink } from "./pop.js";
import { Settle } from "./offers.js";

export class CardView {
  /** `act` has setOpening(intent, language, text) and settle(call, offers, accepted). */
  constructor(act) {
    this.pill = h("div", { class: "eyebrow" });
    this.who = h("header", { class: "who" });
    this.why = h("section", { class: "why" });
    this.brief = h("section", { class: "brief" });
    this.opening = new Opening(act);
    this.settle = new Settle((...answer) => act.settle(...answer));
    this.journey = h("section", { class: "journey" });
    this.known = h("section", { class: "known" });
    this.reasons = h("section", { class: "reasons" });
    this.past = new Past();
    const read = h("div", { class: "read" },
      this.pill, this.brief, this.who, this.why, this.opening.element, this.settle.element, this.journey, this.known, this.reasons);
    this.element = h("article", { class: "card" }, read, this.past.element);
    this.read = read;
    this.call = null;
    this.draws = [
      memo((_language, ...shown) => drawEyebrow(this.pill, this.reader, ...shown)),
      memo((_language, ...shown) => drawWho(this.who, this.reader, ...shown)),
      memo((_language, ...shown) => drawWhy(this.why, this.reader, ...shown)),
      memo((_language, ...shown) => drawBrief(this.brief, this.reader, ...shown)),
      memo((_language, _day, ...shown) => drawJourney(this.journey, this.reader, ...shown)),
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
    this.element.setAttribute("aria-label", `${reader.t.states[state] ?? ""} ${heading(card, reader).text}`);
    const shown = [
      [where(card), since(card), card.queue, Math.round(card.waited_s ?? 0), card.language],
      [card.who, card.language, card.pop ?? null],
      [card.why],
      [card.brief ?? null, card.asked_by ?? null, card.why?.words ?? null],
      [new Date(reader.now()).toDateString(), card.journey ?? []],
      [card.known, card.patience],
      [card.reasons],
    ];
    this.draws.forEach((draw, place) => draw(reader.language, ...shown[place]));
    this.opening.draw(card, reader);
    this.settle.draw(card, reader);
    this.past.draw(card, reader);
  }
}

/** What the pill says, without the rest of the card. */
function where({ state, gone = null, held, consulting, asked_by, conference, dialling }) {
  return { state, gone, held, consulting, asked_by, conference, dialling };
}

function drawEyebrow(place, reader, stands, from, queue, waited, language) {
  const { t } = reader;
  put(place,
    pill(stands, from, reader),
    h("span", { class: "about" },
      theirs(reader.of(queue?.title) || queue?.name),
      h("span", {}, t.waited(clockTime(waited))),
      h("span", {}, t.held_in(reader.name("languages", language)))),
  );
}

function drawWho(place, reader, who, language, pop) {
  const { t } = reader;
  const title = heading({ who }, reader);
  const salutations = [who.salutation?.[reader.language], who.salutation?.[language]];
  const address = [...new Set(salutations.filter(Boolean).map(clean))];
  put(place,
    h("h1", { class: title.kind, title: title.text, dir: "auto" }, title.text),
    h("p", { class: "address" }, ...address.map((text) => theirs(text))),
    h("p", { class: "facts" }, ...facts(who, title, reader), popLink(pop, t)),
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
    const missing = { failed: t.lookup_failed, pending: t.lookup_pending, several: t.lookup_several };
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
      h("span", { class: "mark", "aria-hidden": "true" }, "“"), clean(why.words), "”",
      why.words_at ? h("footer", {}, t.said_at(reader.day(why.words_at), reader.time(why.words_at))) : null)
    : h("p", { class: "wordless" }, why.certainty === "chosen_by_key" ? t.no_words : t.no_words_yet);
  const addends = (why.shares ?? []).map((share) => h("span", { class: "addend" },
    theirs(reader.of(share.label)), " ", h("b", {}, Number(share.value).toFixed(2))));
  put(place,
    h("h2", {}, t.why),
    h("p", { class: "reason" },
      theirs(reader.of(why.title), "title"),
      why.certainty === "danger" ? null : confidence(why.confidence, t),
      h("span", { class: doubt || why.certainty === "danger" ? "certainty doubt" : "certainty" }, reader.name("certainty", why.certainty))),
    words,
    h("p", { class: "sum" }, addends,
      why.runner_up ? h("span", { class: "runner" }, `${t.or_else} `, theirs(reader.of(why.runner_up))) : null),
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
      h("b", {}, t.patience(patience.spent)), " ",
      patience.troubles.map((trouble, nth) => [nth ? " · " : "", theirs(reader.of(trouble))])) : null,
  );
}

function drawReasons(place, reader, reasons = []) {
  const items = reasons.map((share) => h("li", {},
    theirs(reader.of(share.label)), " ", h("b", {}, Number(share.value).toFixed(2))));
  put(place, ...(items.length ? [h("h2", {}, reader.t.why_you), h("ul", {}, items)] : []));
}
