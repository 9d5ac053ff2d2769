// Nobody on the line: how things stand, and nothing that asks for attention.

import { clean, clockTime, h, memo, put, theirs } from "../shared/dom.js";
import { icon } from "../shared/icons.js";

export class Idle {
  /** `makeTest(call, title)` turns a call of the day into a test. */
  constructor(makeTest) {
    this.makeTest = makeTest;
    this.head = h("header", { class: "head" });
    this.queues = h("section", { class: "queues" });
    this.today = h("section", { class: "today" });
    this.day = h("section", { class: "day" });
    this.element = h("article", { class: "idle" }, h("div", {}, this.head, this.queues, this.today, this.day));
    this.drawHead = memo((_language, ...shown) => put(this.head, ...this.heading(...shown)));
    this.drawQueues = memo((_language, ...shown) => put(this.queues, ...this.table(...shown)));
    this.drawToday = memo((_language, ...shown) => put(this.today, ...this.figures(...shown)));
    this.drawDay = memo((_language, known, history) => put(this.day, ...(known ? this.calls(history) : [])));
  }

  draw(model, reader) {
    this.reader = reader;
    const waiting = model.queues.reduce((sum, queue) => sum + (Number(queue.waiting) || 0), 0);
    this.drawHead(reader.language, waiting, model.state, model.agent !== null, model.agent?.name ?? "");
    this.drawQueues(reader.language, model.queues, model.agent !== null);
    this.drawToday(reader.language, model.today);
    this.drawDay(reader.language, model.agent !== null, model.history);
  }

  heading(waiting, state, known, name) {
    const { t } = this.reader;
    if (!known) return [h("h1", {}, t.connecting), h("p", {}, " ")];
    const text = waiting === 0 ? t.nobody : waiting === 1 ? t.one_waits : t.many_wait(waiting);
    return [theirs(name, "name", "p"), h("h1", {}, text), h("p", { class: "quiet" }, t.idle[state.reason === "phone" ? "no_phone" : state.state] ?? "")];
  }

  table(queues, known) {
    const { t } = this.reader;
    if (!known) return [];
    if (!queues.length) return [h("p", { class: "quiet" }, t.no_queues)];
    const row = (queue) => h("tr", { class: queue.waiting > 0 ? "busy" : null },
      h("th", { scope: "row" }, theirs(this.reader.of(queue.title) || queue.name)),
      h("td", { class: "count" }, String(queue.waiting)),
      h("td", {}, queue.waiting > 0 ? clockTime(queue.longest_wait_s) : "–"),
      h("td", {}, String(queue.agents_available)));
    return [h("table", {},
      h("thead", {}, h("tr", {},
        h("th", { scope: "col" }, t.queues), h("th", { scope: "col" }, t.waiting),
        h("th", { scope: "col" }, t.longest), h("th", { scope: "col", title: t.agents_free_long }, t.agents_free))),
      h("tbody", {}, queues.map(row)))];
  }

  figures({ calls = 0, solved = 0, talk_s: talk = 0, transfers = 0 }) {
    const { t } = this.reader;
    const figure = (value, label) => h("div", {}, h("dd", {}, value), h("dt", {}, label));
    return [h("h2", {}, t.today), h("dl", {},
      figure(String(calls), t.calls), figure(String(solved), t.solved_count), figure(this.reader.hours(talk), t.talked),
      figure(String(transfers), t.transfers))];
  }

  /** My own calls of the day; each opens to what was said and noted. */
  calls(history) {
    const { t } = this.reader;
    if (!history.length) return [h("h2", {}, t.day), h("p", { class: "quiet" }, t.day_none)];
    const open = new Set([...this.day.querySelectorAll("details[open]")].map((one) => one.dataset.call));
    return [h("h2", {}, t.day), h("ol", {}, history.map((one) => h("li", {}, this.one(one, open.has(one.call)))))];
  }

  /** By key: the call that has the focus, or that is open. */
  test() {
    const focused = document.activeElement?.closest?.("details[data-call]");
    const one = focused && this.day.contains(focused) ? focused : this.day.querySelector("details[open]");
    one?.querySelector("[data-test]")?.click();
  }

  one(call, open) {
    const { t } = this.reader;
    const outcome = call.outcome ? this.reader.name("outcomes", call.outcome) : t.no_outcome;
    const went = (call.passed_to ?? []).map((to) => h("span", { class: "went" }, icon("went"), theirs(this.reader.of(to))));
    return h("details", { "data-call": call.call, open },
      h("summary", {},
        h("time", { datetime: clean(call.at), title: this.reader.full(call.at) }, this.reader.time(call.at)),
        theirs(call.name || call.number || t.unknown_caller, "name"),
        theirs(this.reader.of(call.title) || "–", "title"),
        h("span", { class: "end", "data-outcome": call.outcome ?? "" }, went.length && !call.outcome ? went : outcome),
        icon("down")),
      h("div", { class: "summary" },
        h("p", { class: "quiet" },
          call.number ? [theirs(call.number), " · "] : null, t.talked_for(clockTime(call.talk_s)),
          call.outcome ? went.map((one) => [" ", one]) : null),
        call.words ? theirs(`“${clean(call.words)}”`, "words", "p") : null,
        (call.notes ?? []).map((note) => theirs(note, "note", "p")),
        call.over ? h("button", {
          type: "button", class: "secondary", "data-test": "", "aria-keyshortcuts": "X", on: { click: () => this.makeTest(call.call, call.title) },
        }, h("kbd", { "aria-hidden": "true" }, "X"), h("span", {}, t.acts.test)) : null));
  }
}
