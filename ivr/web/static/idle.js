// Nobody on the line: how things stand, and nothing that asks for attention.

import { clockTime, h, memo, put, theirs } from "./dom.js";

export class Idle {
  constructor() {
    this.head = h("header", { class: "head" });
    this.queues = h("section", { class: "queues" });
    this.today = h("section", { class: "today" });
    this.element = h("article", { class: "idle" }, h("div", {}, this.head, this.queues, this.today));
    this.drawHead = memo((_language, ...shown) => put(this.head, ...this.heading(...shown)));
    this.drawQueues = memo((_language, ...shown) => put(this.queues, ...this.table(...shown)));
    this.drawToday = memo((_language, ...shown) => put(this.today, ...this.figures(...shown)));
  }

  draw(model, reader) {
    this.reader = reader;
    const waiting = model.queues.reduce((sum, queue) => sum + (Number(queue.waiting) || 0), 0);
    this.drawHead(reader.language, waiting, model.state.state, model.agent !== null, model.agent?.name ?? "");
    this.drawQueues(reader.language, model.queues, model.agent !== null);
    this.drawToday(reader.language, model.today);
  }

  heading(waiting, state, known, name) {
    const { t } = this.reader;
    if (!known) return [h("h1", {}, t.connecting), h("p", {}, " ")];
    const text = waiting === 0 ? t.nobody : waiting === 1 ? t.one_waits : t.many_wait(waiting);
    return [theirs(name, "name", "p"), h("h1", {}, text), h("p", { class: "quiet" }, t[`idle_${state}`] ?? "")];
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

  figures({ calls = 0, solved = 0, talk_s: talk = 0 }) {
    const { t } = this.reader;
    const figure = (value, label) => h("div", {}, h("dd", {}, value), h("dt", {}, label));
    return [h("h2", {}, t.today), h("dl", {},
      figure(String(calls), t.calls), figure(String(solved), t.solved_count), figure(this.reader.hours(talk), t.talked))];
  }
}
