// Parts of a page in tabs that its address remembers.

import { h, put } from "./dom.js";

export class Tabs {
  /** `parts` are the tabs by name, in order: each has `element`, `draw()` and `load()`; their names for people are the texts `tabs`. */
  constructor(main, office, parts) {
    this.office = office;
    this.parts = parts;
    this.names = Object.keys(parts);
    this.shown = null;
    this.buttons = this.each((name) => h("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`,
      on: { click: () => this.show(name), keydown: (event) => this.arrow(event, name) },
    }));
    this.panels = this.each((name) => h("section", {
      role: "tabpanel", id: `panel-${name}`, class: "panel", "aria-labelledby": `tab-${name}`,
    }, parts[name].element));
    put(main, h("div", { class: "tabs", role: "tablist" }, Object.values(this.buttons)), Object.values(this.panels));
    addEventListener("hashchange", () => this.fromAddress());
  }

  each(make) {
    return Object.fromEntries(this.names.map((name) => [name, make(name)]));
  }

  show(name, focus = false) {
    if (location.hash !== `#${name}`) history.replaceState(null, "", `#${name}`);
    const fresh = this.shown !== name;
    this.shown = name;
    this.draw();
    if (focus) this.buttons[name].focus();
    if (fresh) this.parts[name].load();
  }

  draw() {
    for (const name of this.names) {
      this.buttons[name].textContent = this.office.t.tabs[name];
      this.buttons[name].setAttribute("aria-selected", String(name === this.shown));
      this.buttons[name].tabIndex = name === this.shown ? 0 : -1;
      this.panels[name].hidden = name !== this.shown;
    }
    if (this.shown) this.parts[this.shown].draw();
  }

  arrow(event, name) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.show(this.names[(this.names.indexOf(name) + step + this.names.length) % this.names.length], true);
  }

  fromAddress() {
    const name = location.hash.slice(1);
    this.show(this.names.includes(name) ? name : this.names[0]);
  }
}
