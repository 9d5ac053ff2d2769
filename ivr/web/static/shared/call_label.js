// What a call is called, where it stands, and since when.

import { clean, counter, h } from "./dom.js";

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

/** Where a call stands with this agent, as one word for styles and one for people. */
export function standing(card, reader) {
  const { t } = reader;
  const { state, gone } = card;
  if (gone) return ["gone", reader.name("gone", gone)];
  if (state === "ringing" && card.asked_by) return ["ringing", t.asked_by(clean(card.asked_by))];
  if (state !== "connected") return [state, t.states[state]];
  if (card.dialling) return ["dialling", t.dialling];
  if (card.conference) return ["conference", t.conference];
  if (card.consulting) return ["consulting", t.asking(clean(card.consulting))];
  if (card.held) return ["held", t.held];
  if (card.asked_by) return ["asked", t.asked(clean(card.asked_by))];
  return [state, t.states[state]];
}

/** The state of a call and its clock. */
export function pill(card, from, reader) {
  const [name, text] = standing(card, reader);
  return h("span", { class: "pill", "data-state": name },
    h("span", { class: "lamp", "aria-hidden": "true" }),
    h("span", { class: "text", dir: "auto", title: text }, text),
    name === "gone" ? null : counter(from));
}
