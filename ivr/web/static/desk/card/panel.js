// One panel over the foot of the page: type to find, arrows to choose, Enter to do it. The card stays in sight above.

import { h, put, theirs } from "../../shared/dom.js";

const SHOWN = 60;

export class Panel {
  /** `dialog` is the element; `redraw` is called when it closes. */
  constructor(dialog) {
    this.dialog = dialog;
    this.open = null;
    this.at = 0;
    dialog.addEventListener("keydown", (event) => this.key(event));
    // told a moment later, when it may have been opened again
    dialog.addEventListener("close", () => { if (!dialog.open) this.open = null; });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }

  /**
   * `wanted` has: call; title; find, what the field is for; empty(text), what to say when nothing fits; fields, elements beside
   * the list; items(text) → [{ id, title, kind, state, about, off }], where `off` cannot be chosen;
   * buttons [{ title, key, run(item) }], where `run` resolves to null or to what was wrong; and
   * perhaps key(event), which is true when it has taken a key; `over`: it is about a call that has ended.
   */
  show(wanted, reader) {
    this.reader = reader;
    this.open = wanted;
    this.at = 0;
    this.busy = false;
    this.input = h("input", {
      type: "text", id: "find", role: "combobox", "aria-expanded": "true", "aria-controls": "found", "aria-autocomplete": "list",
      autocomplete: "off", spellcheck: "false", maxlength: "64", placeholder: wanted.find, "aria-label": wanted.find,
      on: { input: () => { this.at = 0; this.fill(); } },
    });
    this.list = h("ul", { id: "found", role: "listbox", class: "found", "aria-label": wanted.find });
    this.wrong = h("p", { class: "wrong", role: "alert" });
    this.buttons = wanted.buttons.map((one, place) => h("button", {
      type: "button", class: place ? "plain" : "primary", on: { click: () => this.run(place) },
    }, h("span", {}, one.title), h("kbd", { "aria-hidden": "true" }, one.key)));
    const leave = h("button", { type: "button", class: "plain leave", on: { click: () => this.dialog.close() } },
      h("span", {}, reader.t.cancel), h("kbd", { "aria-hidden": "true" }, "Esc"));
    this.dialog.setAttribute("aria-label", wanted.title);
    put(this.dialog,
      h("div", { class: "choose" }, h("h2", { dir: "auto" }, wanted.title), this.input, this.list),
      h("div", { class: "with" }, wanted.fields, this.wrong, h("div", { class: "buttons" }, this.buttons, leave)));
    this.fill();
    if (!this.dialog.open) this.dialog.showModal();
    this.input.focus();
  }

  /** News: who is free may have changed; what is chosen stays chosen, also when it moves in the list. */
  refresh(card, reader) {
    if (!this.open || this.open.over) return; // a call that is over cannot go away
    const mine = card?.call === this.open.call ? card : null;
    if (!mine || mine.gone || mine.state !== "connected") {
      put(this.wrong, reader.t.gone_while);
      for (const button of this.buttons) button.disabled = true;
      return;
    }
    this.fill(this.chosen?.id);
  }

  fill(keep = null) {
    const found = this.open.items(this.input.value.trim()).slice(0, SHOWN);
    const kept = keep === null ? -1 : found.findIndex((one) => one.id === keep);
    if (kept >= 0) this.at = kept;
    this.found = found;
    if (found[this.at]?.off) this.at = found.findIndex((one) => !one.off);
    this.at = Math.min(Math.max(this.at, 0), Math.max(found.length - 1, 0));
    const shape = JSON.stringify(found);
    if (shape !== this.shape || !this.list.firstChild) {
      this.shape = shape;
      put(this.list, ...(found.length ? found.map((one, place) => this.option(one, place))
        : [h("li", { class: "quiet", role: "presentation" }, this.open.empty(this.input.value.trim()))]));
    }
    this.mark();
  }

  option(one, place) {
    return h("li", {
      role: "option", id: `option-${place}`, class: "option", "aria-disabled": String(Boolean(one.off)),
      on: { click: () => { if (!one.off) { this.at = place; this.mark(); } }, dblclick: () => { if (!one.off) this.run(0); } },
    },
    one.state ? h("span", { class: "lamp", "data-state": one.state, "aria-hidden": "true" }) : null,
    theirs(one.title, "title"), one.kind ? h("span", { class: "kind" }, one.kind) : null, theirs(one.about ?? "", "more"));
  }

  mark() {
    const { chosen } = this;
    [...this.list.children].forEach((option, place) => {
      const on = place === this.at && Boolean(chosen);
      if (option.getAttribute("role") === "option") option.setAttribute("aria-selected", String(on));
      if (on) option.scrollIntoView({ block: "nearest" });
    });
    this.input.setAttribute("aria-activedescendant", chosen ? `option-${this.at}` : "");
    this.buttons.forEach((button) => {
      button.disabled = !chosen || this.busy;
    });
  }

  get chosen() {
    const one = this.found?.[this.at];
    return one && !one.off ? one : null;
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229 || !this.open) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (this.open.key?.(event)) this.mark();
    else if (step && event.target.tagName !== "TEXTAREA") this.move(step);
    else if (event.key === "Enter" && event.target.tagName !== "BUTTON") this.run(event.shiftKey && this.open.buttons[1] ? 1 : 0);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(step) {
    const many = this.found.length;
    for (let tries = 0, at = this.at; tries < many; tries += 1) {
      at = (at + step + many) % many;
      if (!this.found[at].off) {
        this.at = at;
        break;
      }
    }
    this.mark();
  }

  async run(place) {
    const { open, chosen } = this;
    if (!chosen || this.busy || this.buttons[place].disabled) return;
    this.busy = true;
    this.mark();
    const wrong = await open.buttons[place].run(chosen);
    if (this.open !== open) return;
    this.busy = false;
    if (wrong === null) {
      this.dialog.close();
      return;
    }
    put(this.wrong, theirs(wrong));
    this.mark();
  }
}
