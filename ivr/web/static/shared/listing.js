// Lists that the API gives page by page: what filters let through, the first of it, and the rest when it is asked for.

import { h, put } from "./dom.js";

export class Listing {
  /** `name` is the list's class; `ask` gets the query with the cursor in it, adds the filters and reads a page; `draw` shows the tab. */
  constructor(office, name, ask, draw) {
    this.office = office;
    this.ask = ask;
    this.draw = draw;
    this.items = null;
    this.next = null;
    this.asked = 0;
    this.rows = h("ol", { class: `rows ${name}` });
    this.more = h("button", { type: "button", class: "secondary more", on: { click: () => this.load(true) } });
  }

  async load(further = false) {
    const query = new URLSearchParams(further ? { cursor: this.next } : {});
    const number = ++this.asked;
    try {
      const page = await this.ask(query);
      if (number !== this.asked) return; // a later question was faster
      this.items = further ? [...this.items, ...page.items] : page.items;
      this.next = page.next;
    } catch (refused) {
      this.office.complain(refused);
    }
    this.draw();
  }

  /** Every item as `row` makes it; `none` when there are no items. */
  show(row, none) {
    this.more.textContent = this.office.t.more;
    this.more.hidden = !this.next;
    if (!this.items) return;
    put(this.rows, this.items.length ? this.items.map(row) : h("li", { class: "quiet none" }, none));
  }
}

/** Filters that say something, in the query. */
export function narrow(query, filters) {
  for (const [name, value] of Object.entries(filters)) if (value) query.set(name, value);
}

/** A filter with its label. */
export function labelled(control, label) {
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control);
}

/** Midnight of a day of this browser's, some days later; empty for none. */
export function midnight(day, later) {
  if (!day) return "";
  const date = new Date(`${day}T00:00`);
  date.setDate(date.getDate() + later);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
