// The calls that were: filters, the newest first, page by page.

import { clean, clockTime, h, put, theirs } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { Listing, labelled, midnight, narrow } from "../shared/listing.js";

const OUTCOMES = ["", "solved", "follow_up", "wrong_place", "nobody_there"];

export class CallsTab {
  constructor(office, story) {
    this.office = office;
    this.story = story;
    const changed = { change: () => this.load() };
    const text = (id, more = {}) => h("input", { id, maxlength: 64, autocomplete: "off", spellcheck: "false", on: changed, ...more });
    this.since = text("calls-since", { type: "date" });
    this.until = text("calls-until", { type: "date" });
    this.number = text("calls-number", { inputmode: "tel" });
    this.queue = h("select", { id: "calls-queue", on: changed });
    this.outcome = h("select", { id: "calls-outcome", on: changed });
    this.passed = h("input", { id: "calls-passed", type: "checkbox", on: changed });
    this.filters = h("form", { class: "filters", on: { submit: (event) => { event.preventDefault(); this.load(); } } });
    this.listing = new Listing(office, "past-calls", (query) => this.ask(query), () => this.draw());
    this.element = h("div", {}, this.filters, this.listing.rows, this.listing.more);
    this.titles = [];
  }

  load() {
    return this.listing.load();
  }

  async ask(query) {
    narrow(query, {
      since: midnight(this.since.value, 0), until: midnight(this.until.value, 1), number: this.number.value.trim(),
      queue: this.queue.value, outcome: this.outcome.value, passed_on: this.passed.checked ? "true" : "",
    });
    if (!this.titles.length) this.titles = (await this.office.api.get("/queues")).items;
    return this.office.api.get(`/calls?${query}`);
  }

  draw() {
    const { t, reader } = this.office;
    if (!this.filters.contains(document.activeElement)) {
      const [queue, outcome] = [this.queue.value, this.outcome.value];
      put(this.queue, h("option", { value: "" }, t.everything), this.titles.map((one) => h("option", { value: one.name, selected: one.name === queue }, clean(reader.of(one.title)))));
      put(this.outcome, OUTCOMES.map((one) => h("option", { value: one, selected: one === outcome }, one ? reader.name("outcomes", one) : t.everything)));
      put(this.filters, labelled(this.since, t.from_day), labelled(this.until, t.until), labelled(this.number, t.number),
        labelled(this.queue, t.queue), labelled(this.outcome, t.outcome),
        h("label", { class: "box" }, this.passed, h("span", {}, t.only_passed_on)));
    }
    this.listing.show((call) => this.row(call), t.no_calls_found);
  }

  row(call) {
    const { t, reader } = this.office;
    const lasted = call.ended ? clockTime((Date.parse(call.ended) - Date.parse(call.began)) / 1000) : t.not_over;
    const queue = this.titles.find((one) => one.name === call.queue);
    const came = [queue ? reader.of(queue.title) : call.queue, call.agent].filter(Boolean).join(" · ");
    const end = call.outcome ? reader.name("outcomes", call.outcome) : call.solved && !call.agents ? t.by_machine_one : "";
    return h("li", {}, h("button", { type: "button", class: "row", "data-call": clean(call.id), on: { click: () => this.story.open(call.id) } },
      h("time", { datetime: clean(call.began), title: reader.full(call.began) }, `${reader.day(call.began)} ${reader.time(call.began)}`),
      h("span", { class: "caller" }, theirs(call.customer ?? call.ani ?? t.withheld, "name")),
      h("span", { class: "matter" }, call.words ? theirs(`“${clean(call.words)}”`, "words") : h("span", { class: "quiet" }, t.no_words_short)),
      h("span", { class: "quiet at" }, theirs(came), call.agents > 1 ? ` · ${t.so_many_had_it(call.agents)}` : null),
      h("span", { class: "quiet end" }, 
        call.recorded ? [icon("sound"), h("span", { class: "unseen" }, `${t.recorded} · `)] : null, [lasted, end].filter(Boolean).join(" · "))));
  }
}
