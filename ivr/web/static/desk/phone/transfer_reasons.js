// Why a call is passed on: a row of small choices. Nobody has to choose, and nothing is chosen beforehand.

import { h } from "../../shared/dom.js";

const WHYS = ["other_matter", "no_authority", "no_skill", "language", "asked_for", "other"];

export class Whys {
  /** `keep` is told what is chosen, or null. */
  constructor(chosen, t, keep) {
    this.chosen = WHYS.includes(chosen) ? chosen : null;
    this.keep = keep;
    this.buttons = WHYS.map((why, place) => h("button", {
      type: "button", class: "whyso", "data-why": why, on: { click: () => this.choose(why) },
    }, h("span", {}, t.whys[why]), h("kbd", { "aria-hidden": "true" }, place + 1)));
    this.element = h("fieldset", { class: "whys" }, h("legend", {}, t.whys_label, h("span", {}, t.whys_keys)), h("div", {}, this.buttons));
    this.mark();
  }

  /** Choosing the same once more takes it back. */
  choose(why) {
    this.chosen = this.chosen === why ? null : why;
    this.keep(this.chosen);
    this.mark();
  }

  mark() {
    const at = Math.max(WHYS.indexOf(this.chosen), 0);
    this.buttons.forEach((button, place) => {
      button.setAttribute("aria-pressed", String(WHYS[place] === this.chosen));
      button.tabIndex = place === at ? 0 : -1; // one stop of the Tab key for all of them; the arrows go on from there
    });
  }

  /** Alt and a figure from anywhere in the panel, for figures alone are written; by its place, as Alt makes another sign of it. */
  key(event) {
    const why = event.altKey && !event.ctrlKey && !event.metaKey ? WHYS[Number(event.code.replace("Digit", "")) - 1] : undefined;
    if (why) {
      this.choose(why);
      return true;
    }
    const at = this.buttons.indexOf(event.target);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (at < 0 || !step) return false;
    this.buttons[(at + step + WHYS.length) % WHYS.length].focus();
    return true;
  }
}
