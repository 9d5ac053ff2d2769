// The calls that do not have the screen: one slim line each.

import { heading, pill, since } from "../../shared/call_label.js";
import { h, memo, put, theirs } from "../../shared/dom.js";

export class Strips {
  constructor(element, choose) {
    this.element = element;
    this.choose = choose;
    this.drawAll = memo((_language, cards) => this.fill(cards));
  }

  draw(model, reader) {
    this.reader = reader;
    this.element.setAttribute("aria-label", reader.t.other_calls);
    this.drawAll(reader.language, model.others().map((card) => ({
      call: card.call, state: card.state, held: card.held, consulting: card.consulting, asked_by: card.asked_by,
      conference: card.conference, from: since(card), who: card.who, title: card.why?.title,
    })));
  }

  fill(cards) {
    put(this.element, ...cards.map((card, place) => h("button", {
      type: "button", class: "strip", "data-call": card.call, "data-state": card.state,
      on: { click: () => this.choose(card.call) },
    },
    pill(card, card.from, this.reader),
    theirs(heading(card, this.reader).text, "name"),
    theirs(this.reader.of(card.title), "title"),
    place === 0 ? h("kbd", {}, "S") : null)));
  }
}
