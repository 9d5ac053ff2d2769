// The calls that were: filters, the newest first, page by page.

import { clean, clockTime, h, put, theirs } from "./dom.js";

const OUTCOMES = ["", "solved", "follow_up", "wrong_place", "nobody_there"];

export class CallsTab {
  constructor(office, story) {
    this.office = office;
    this.story = story;
    this.calls = null;
    this.next = null;
    const changed = { change: () => this.load() };
    const text = (id, more = {}) => h("input", { id, maxlength: 64, autocomplete: "off", spellcheck: "false", on: changed, ...more });
    this.since = text("calls-since", { type: "date" });
    this.until = text("calls-until", { type: "date" });
    this.number = text("calls-number", { inputmode: "tel" });
    this.queue = h("select", { id: "calls-queue", on: changed });
    this.outcome = h("select", { id: "calls-outcome", on: changed });
    this.passed = h("input", { id: "calls-passed", type: "checkbox", on: changed });
    this.filters = h("form", { class: "filters", on: { submit: (event) => { event.preventDefault(); this.load(); } } });
    this.rows = h("ol", { class: "rows past-calls" });
    this.more = h("button", { type: "button", class: "secondary more", on: { click: () => this.load(true) } });
    this.element = h("div", {}, this.filters, this.rows, this.more);
    this.titles = [];
  }

  async load(further = false) {
    const asked = new URLSearchParams();
    const add = (name, value) => value && asked.set(name, value);
    add("since", midnight(this.since.value, 0));
    add("until", midnight(this.until.value, 1));
    add("number", this.number.value.trim());
    add("queue", this.queue.value);
    add("outcome", this.outcome.value);
    add("passed_on", this.passed.checked ? "true" : "");
    if (further) add("cursor", this.next);
    const number = (this.asked = (this.asked ?? 0) + 1);
    try {
      if (!this.titles.length) this.titles = (await this.office.api.get("/queues")).items;
      const page = await this.office.api.get(`/calls?${asked}`);
      if (number !== this.asked) return; // a later question was faster
      this.calls = further ? [...this.calls, ...page.items] : page.items;
      this.next = page.next;
    } catch (refused) {
      this.office.complain(refused);
    }
    this.draw();
  }

  draw() {
    const { t, reader } = this.office;
    const labelled = (control, label) => h("div", { class: "field" }, h("label", { for: control.id }, label), control);
    if (!this.filters.contains(document.activeElement)) {
      const [queue, outcome] = [this.queue.value, this.outcome.value];
      put(this.queue, h("option", { value: "" }, t.everything), this.titles.map((one) => h("option", { value: one.name, selected: one.name === queue }, clean(reader.of(one.title)))));
      put(this.outcome, OUTCOMES.map((one) => h("option", { value: one, selected: one === outcome }, one ? reader.name("outcomes", one) : t.everything)));
      put(this.filters, labelled(this.since, t.from_day), labelled(this.until, t.until), labelled(this.number, t.number),
        labelled(this.queue, t.queue), labelled(this.outcome, t.outcome),
        h("label", { class: "box" }, this.passed, h("span", {}, t.only_passed_on)));
    }
    this.more.textContent = t.more;
    this.more.hidden = !this.next;
    if (!this.calls) return;
    put(this.rows, this.calls.length ? this.calls.map((call) => this.row(call)) : h("li", { class: "quiet none" }, t.no_calls_found));
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
      h("span", { class: "quiet end" }, [lasted, end].filter(Boolean).join(" · "))));
  }
}

/** Midnight of a day of this browser's, some days later; empty for none. */
export function midnight(day, later) {
  if (!day) return "";
  const date = new Date(`${day}T00:00`);
  date.setDate(date.getDate() + later);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
