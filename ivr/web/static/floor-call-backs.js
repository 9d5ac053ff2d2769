// Customers who are to be called, or were.

import { clean, h, put, theirs } from "./dom.js";

const STATES = ["", "waiting", "calling", "done", "given_up", "cancelled"];

export class CallBacksTab {
  constructor(office, story) {
    this.office = office;
    this.story = story;
    this.found = null;
    this.next = null;
    this.state = h("select", { id: "call-backs-state", on: { change: () => this.load() } });
    this.filters = h("form", { class: "filters", on: { submit: (event) => event.preventDefault() } });
    this.rows = h("ol", { class: "rows call-backs" });
    this.more = h("button", { type: "button", class: "secondary more", on: { click: () => this.load(true) } });
    this.element = h("div", {}, this.filters, this.rows, this.more);
  }

  async load(further = false) {
    const asked = new URLSearchParams();
    if (this.state.value) asked.set("state", this.state.value);
    if (further) asked.set("cursor", this.next);
    const number = (this.asked = (this.asked ?? 0) + 1);
    try {
      const page = await this.office.api.get(`/call-backs?${asked}`);
      if (number !== this.asked) return; // a later question was faster
      this.found = further ? [...this.found, ...page.items] : page.items;
      this.next = page.next;
    } catch (refused) {
      this.office.complain(refused);
    }
    this.draw();
  }

  draw() {
    const { t } = this.office;
    if (!this.filters.contains(document.activeElement)) {
      const chosen = this.state.value;
      put(this.state, STATES.map((one) => h("option", { value: one, selected: one === chosen }, one ? t.call_back_states[one] : t.everything)));
      put(this.filters, h("div", { class: "field" }, h("label", { for: this.state.id }, t.state), this.state));
    }
    this.more.textContent = t.more;
    this.more.hidden = !this.next;
    if (!this.found) return;
    put(this.rows, this.found.length ? this.found.map((one) => this.row(one)) : h("li", { class: "quiet none" }, t.no_call_backs));
  }

  row(one) {
    const { t, reader } = this.office;
    const open = one.call ?? one.contact_id;
    const cancel = h("button", { type: "button", class: "secondary", on: { click: () => this.cancel(one) } }, t.cancel_call_back);
    const seen = h("button", { type: "button", class: "secondary", "data-call": clean(open), on: { click: () => this.story.open(open) } }, t.see_it);
    return h("li", { class: "row", "data-state": one.state },
      h("span", { class: "place" }, h("span", { class: "lamp", "aria-hidden": "true" }), t.call_back_states[one.state]),
      h("span", { class: "caller" }, theirs(one.number, "name"), h("span", { class: "quiet" }, t.call_back_whys[one.why])),
      h("span", { class: "matter" }, theirs(one.text || (one.words ? `“${clean(one.words)}”` : ""), "words"),
        h("span", { class: "quiet" }, [t.due_when(reader.day(one.due_at), reader.time(one.due_at)), one.attempts ? t.tried(one.attempts) : null, one.last ? t.call_back_lasts[one.last] ?? clean(one.last) : null].filter(Boolean).join(" · "))),
      h("span", { class: "end" }, open ? seen : null, one.state === "waiting" ? cancel : null));
  }

  async cancel(one) {
    const { t } = this.office;
    if (!(await this.office.sure(one.number, t.cancel_call_back_more, t.cancel_call_back))) return;
    try {
      await this.office.api.ask("DELETE", `/call-backs/${encodeURIComponent(one.id)}`);
    } catch (refused) {
      this.office.complain(refused);
    }
    this.load();
  }
}
