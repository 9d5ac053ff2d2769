// What the calls of some days say together.

import { clean, h, put, theirs } from "../shared/dom.js";
import { percent } from "./now.js";

const DAYS = [1, 7, 30, 90];

export class ReportTab {
  constructor(office) {
    this.office = office;
    this.days = 7;
    this.report = null;
    this.choice = h("div", { class: "choice", role: "group" });
    this.body = h("div", { class: "report" });
    this.element = h("div", {}, this.choice, this.body);
  }

  async load() {
    const days = this.days;
    try {
      const report = await this.office.api.get(`/report?days=${days}`);
      if (days !== this.days) return;
      this.report = report;
    } catch (refused) {
      this.office.complain(refused);
    }
    this.draw();
  }

  draw() {
    const { t } = this.office;
    this.choice.setAttribute("aria-label", t.days_of);
    put(this.choice, DAYS.map((days) => h("button", {
      type: "button", "aria-pressed": String(days === this.days), on: { click: () => { this.days = days; this.draw(); this.load(); } },
    }, t.last_days(days))));
    if (!this.report) return;
    const { report } = this;
    put(this.body, this.figures(report), this.queues(report), this.hours(report), this.detours(report), this.phrases(report),
      this.agents(report), this.shadow(report), this.learnt(report));
  }

  figures({ calls, containment, by_machine, service, first_contact, calls_with_agents, passed_on, rings, cards_complete }) {
    const { t } = this.office;
    const figure = (label, value, more = "") => h("div", {}, h("dt", {}, label), h("dd", {}, value, more ? h("small", {}, more) : null));
    const share = (value) => (value === null ? "–" : percent(value));
    return h("dl", { class: "figures" },
      figure(t.all_calls, calls),
      figure(t.service_level, share(service.level), t.within(service.within_s)),
      figure(t.mean_wait, service.answered ? t.seconds(service.mean_s) : "–", service.offered ? t.gave_up(service.abandoned) : ""),
      figure(t.containment, share(containment), t.of_so_many_calls(by_machine)),
      figure(t.first_contact, share(first_contact.share), t.of_so_many_calls(first_contact.calls)),
      figure(t.passed_on, calls_with_agents ? percent(passed_on / calls_with_agents) : "–", t.of_so_many_calls(calls_with_agents)),
      figure(t.cards_complete, rings ? percent(cards_complete / rings) : "–", t.of_so_many_rings(rings)));
  }

  queues({ queues }) {
    const { t, reader } = this.office;
    if (!queues.length) return null;
    return this.table(t.queues, [t.queue, t.offered, t.service_level, t.mean_wait, t.longest_wait, t.abandoned], queues.map((one) => [
      theirs(reader.of(one.title)), one.offered, one.level === null ? "–" : percent(one.level), t.seconds(one.mean_s), t.seconds(one.longest_s), one.abandoned,
    ]));
  }

  /** Bars of the hours of a day: how many waited, and how many of them too long. */
  hours({ hours }) {
    const { t } = this.office;
    if (!hours.length) return null;
    const most = Math.max(...hours.map((one) => one.offered));
    const bar = (one) => h("li", { title: t.hour_told(one.hour, one.offered, one.level === null ? "–" : percent(one.level)) },
      h("span", { class: "bar", "data-tenths": Math.max(1, Math.round(10 * one.offered / most)), "data-level": one.level === null || one.level >= 0.8 ? "good" : "low" }),
      h("span", { class: "count" }, one.offered), h("span", { class: "quiet" }, `${one.hour}`));
    return h("section", {}, h("h2", {}, t.by_hour), h("ol", { class: "bars" }, hours.map(bar)));
  }

  detours({ detours }) {
    const { t, reader } = this.office;
    const rows = detours.map((one) => [theirs(reader.of(one.title)), theirs(one.agent_name), theirs(reader.of(one.to_title)), one.calls, percent(one.share),
      one.reasons.map(([reason, count]) => `${t.reasons_why[reason] ?? reason} ${count}`).join(", ")]);
    return rows.length ? this.table(t.detours, [t.was_said, t.who_got_it, t.had_to_go, t.calls_n, t.share, t.why_it], rows)
      : h("section", {}, h("h2", {}, t.detours), h("p", { class: "quiet" }, t.no_detours));
  }

  phrases({ phrases }) {
    const { t, reader } = this.office;
    if (!phrases.length) return null;
    return h("section", {}, h("h2", {}, t.phrases), h("p", { class: "quiet" }, t.phrases_hint),
      h("ul", { class: "phrases" }, phrases.map((one) => h("li", {}, theirs(`“${clean(one.phrase)}”`, "words"), " → ", theirs(reader.of(one.title)), " ", h("span", { class: "quiet" }, t.so_many_calls(one.calls))))));
  }

  agents({ agents }) {
    const { t } = this.office;
    if (!agents.length) return null;
    return this.table(t.agents_here, [t.name, t.calls_n, t.talk_each, t.solved_share, t.passed_on], agents.map((one) => [
      theirs(one.name), one.calls, t.seconds(one.talk_s), one.solved === null ? "–" : percent(one.solved), one.passed_on,
    ]));
  }

  shadow({ shadow }) {
    const { t } = this.office;
    if (!shadow.calls) return null;
    const other = shadow.calls - shadow.same;
    const share = (part, whole) => (whole ? percent(part / whole) : "–");
    return h("section", {}, h("h2", {}, t.shadow), h("p", {}, t.shadow_same(shadow.same, shadow.calls)),
      this.plain([t.shadow_which, t.calls_n, t.passed_on], [
        [t.shadow_agreed, shadow.same, share(shadow.same_passed_on, shadow.same)], [t.shadow_other, other, share(shadow.other_passed_on, other)],
      ]));
  }

  learnt({ learnt }) {
    const { t, reader } = this.office;
    if (!learnt.length) return null;
    const first = [...learnt].sort((a, b) => Math.abs(b.lead) - Math.abs(a.lead)).slice(0, 20);
    return h("section", {}, h("h2", {}, t.learnt), h("ul", { class: "phrases" }, first.map((one) => theirs(reader.of(one.sentence), "", "li"))));
  }

  table(title, heads, rows) {
    return h("section", {}, h("h2", {}, title), this.plain(heads, rows));
  }

  plain(heads, rows) {
    return h("div", { class: "wide" }, h("table", {},
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell)))))));
  }
}
