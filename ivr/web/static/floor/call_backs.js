// Customers who are to be called, or were.

import { clean, h, put, theirs } from "../shared/dom.js";
import { Listing, labelled, narrow } from "../shared/listing.js";

const STATES = ["", "waiting", "calling", "done", "given_up", "cancelled"];

export class CallBacksTab {
  constructor(office, story) {
    this.office = office;
    this.story = story;
    this.state = h("select", { id: "call-backs-state", on: { change: () => this.load() } });
    this.filters = h("form", { class: "filters", on: { submit: (event) => event.preventDefault() } });
    this.listing = new Listing(office, "call-backs", (query) => this.ask(query), () => this.draw());
    this.element = h("div", {}, this.filters, this.listing.rows, this.listing.more);
  }

  load() {
    return this.listing.load();
  }

  ask(query) {
    narrow(query, { state: this.state.value });
    return this.office.api.get(`/call-backs?${query}`);
  }

  draw() {
    const { t } = this.office;
    if (!this.filters.contains(document.activeElement)) {
      const chosen = this.state.value;
      put(this.state, STATES.map((one) => h("option", { value: one, selected: one === chosen }, one ? t.call_back_states[one] : t.everything)));
      put(this.filters, labelled(this.state, t.state));
    }
    this.listing.show((one) => this.row(one), t.no_call_backs);
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
