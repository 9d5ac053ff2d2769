// Settle it: up to three ways, what each costs, how often others accepted it, and what the caller said to it here.

import { h, memo, put, theirs } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";

const KEYS = ["7", "8", "9"];

export class Settle {
  /** `answer(call, offers, accepted)` tells what the caller has said; resolves to true when it was booked. */
  constructor(answer) {
    this.answer = answer;
    this.element = h("section", { class: "settle-it" });
    this.card = null;
    this.asked = false;
    this.drawAll = memo((_language, _call, ...shown) => this.fill(...shown));
  }

  draw(card, reader) {
    this.reader = reader;
    this.card = card;
    const talks = !card.gone && card.state !== "ringing";
    this.drawAll(reader.language, card.call, card.settle ?? null, card.language, talks, this.asked);
  }

  /** The key of a way: the caller has accepted it. */
  press(key) {
    const way = this.ways()[KEYS.indexOf(key)];
    if (way?.allowed) this.say(way, true);
    return Boolean(way);
  }

  ways() {
    return this.card?.settle?.ways ?? [];
  }

  async say(way, accepted) {
    if (this.asked || this.card.gone || this.card.state === "ringing") return;
    const { card } = this;
    this.asked = true;
    this.draw(card, this.reader);
    await this.answer(card.call, way.offers.map((offer) => offer.name), accepted);
    this.asked = false;
    if (this.card) this.draw(this.card, this.reader);
  }

  fill(settle, language, talks, asked) {
    const { t } = this.reader;
    const ways = settle?.ways ?? [];
    const done = new Map((settle?.done ?? []).map((one) => [one.name, one]));
    if (!ways.length && !done.size) {
      put(this.element);
      return;
    }
    put(this.element,
      h("h2", {}, t.settle_it, h("span", { class: "most" }, t.within(settle.most))),
      h("ul", {}, ways.map((way, place) => this.way(way, place, language, talks && !asked, done))),
      settle.product ? note(settle.product, this.reader) : null);
  }

  way(way, place, language, open, done) {
    const { t } = this.reader;
    const title = way.offers.map((offer) => this.reader.of(offer.title)).join(" + ");
    const answers = way.offers.map((offer) => done.get(offer.name)?.accepted);
    const said = answers.every((one) => one === true) ? true : answers.every((one) => one === false) ? false : null;
    const button = (text, accepted) => h("button", {
      type: "button", class: accepted ? "yes" : "no", disabled: !open || (accepted && !way.allowed),
      "aria-pressed": String(said === accepted), on: { click: () => this.say(way, accepted) },
    }, accepted && said ? icon("check") : null, text);
    return h("li", { class: way.allowed ? "way" : "way beyond", "data-said": said === null ? null : String(said) },
      h("kbd", {}, KEYS[place]),
      h("div", { class: "what" },
        theirs(title, "title"),
        theirs(way.offers.map((offer) => offer.say?.[language] ?? this.reader.of(offer.say)).join(" "), "say"),
        h("span", { class: "figures" },
          way.asked ? t.accepted_of(way.accepted, way.asked) : t.not_offered_yet,
          way.allowed || said ? null : h("b", {}, t.beyond))),
      h("span", { class: "cost" }, way.cost),
      h("span", { class: "answers" }, button(t.accepted, true), button(t.declined, false)));
  }
}

/** The product in small. */
function note(product, reader) {
  const { t } = reader;
  const complaints = product.complaints.map((one) => `${reader.of(one.title)} ${one.count}`).join(" · ");
  const answers = product.answers
    .map((one) => `${reader.of(one.title)} ${one.accepted}/${one.asked}`).join(" · ");
  return h("p", { class: "product" },
    theirs(product.name, "name"), " ",
    complaints ? h("span", {}, t.others_call_about, " ", theirs(complaints)) : null,
    complaints && answers ? " · " : null,
    answers ? h("span", {}, t.others_accepted, " ", theirs(answers)) : null);
}
