// What can be done with the call on the screen: one row of buttons, each with its key; only what works now is enabled.

import { h, memo, put } from "../shared/dom.js";

const AGAIN_MS = 2500;
export const KEYS = {
  answer: "A", hold: "H", resume: "H", transfer: "T", complete: "C", conference: "G", wrong_place: "W", note: "N",
  mute: "M", keypad: "K", hang_up: "E", test: "X",
};

/** The acts of a card in the order of the row, each with whether it can be done now. */
export function actsOf(card, model, phone) {
  const line = model.link.state === "open" && model.asterisk === "connected";
  const talking = card?.state === "connected" && !card.gone;
  const mine = talking && !card.asked_by && !card.conference;
  const { consulting, held } = card ?? {};
  const here = phone.state === "talking";
  const acts = [];
  if (phone.there && card?.state === "ringing") acts.push(["answer", phone.state === "ringing"]);
  acts.push([mine && (held || consulting) ? "resume" : "hold", line && mine]);
  if (mine && consulting) acts.push(["complete", line], ["conference", line && asked(card, model)]);
  else acts.push(["transfer", line && mine], ["wrong_place", line && mine && !held]);
  acts.push(["note", Boolean(card) && !card.gone && card.state !== "ringing"]);
  if (phone.there && talking) acts.push([phone.muted ? "unmute" : "mute", here], ["keypad", here]);
  if (card?.state === "wrap_up") acts.push(["test", model.link.state === "open" && !card.gone]);
  acts.push(["hang_up", talking && (line || here)]);
  return acts;
}

/** Together only once the colleague has answered; before that their phone still rings. */
function asked(card, model) {
  const colleague = model.places.agents.find((one) => one.name === card.consulting);
  return !colleague || colleague.state !== "ringing";
}

export class Acts {
  /** `act` has a function for every name in `KEYS`; `say(text)` tells the agent something. */
  constructor(element, act, say) {
    this.element = element;
    this.act = act;
    this.say = say;
    this.able = new Map();
    this.armed = 0;
    this.drawAll = memo((_language, acts) => put(element, ...acts.map(([name, able]) => this.button(name, able))));
  }

  draw(card, model, phone, reader) {
    this.reader = reader;
    const acts = card ? actsOf(card, model, phone) : [];
    this.able = new Map(acts);
    this.element.hidden = !card;
    this.element.setAttribute("aria-label", reader.t.acts_label);
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    this.drawAll(reader.language, acts);
    if (focused && document.activeElement?.dataset?.act !== focused) this.element.querySelector(`[data-act="${focused}"]`)?.focus();
  }

  button(name, able) {
    const key = KEYS[name === "unmute" ? "mute" : name];
    return h("button", {
      type: "button", class: "act", "data-act": name, disabled: !able, "aria-keyshortcuts": key, on: { click: () => this.act[name]() },
    }, h("kbd", { "aria-hidden": "true" }, key), h("span", {}, this.reader.t.acts[name]));
  }

  /** By key: does nothing that its button could not do. Ending a call by one slip of a finger would be too easy. */
  press(...names) {
    const name = names.find((one) => this.able.get(one));
    if (!name) return;
    if (name === "hang_up" && Date.now() - this.armed > AGAIN_MS) {
      this.armed = Date.now();
      this.say(this.reader.t.end_again);
      return;
    }
    this.armed = 0;
    this.act[name]();
  }
}
