// Who did what: filters, and the newest first, page by page.

import { clean, h, put, theirs } from "../shared/dom.js";
import { Listing, labelled, midnight, narrow } from "../shared/listing.js";

const KINDS = ["", "sign_in", "sign_out", "refused", "failed", "second_factor", "person", "pin", "data", "key", "webhook", "contact", "timeline", "signal", "signals", "call", "calls", "call_back", "call_backs", "consent", "floor", "report", "customer", "agent"];
const USUAL = { active: [true], linked: [false], language: ["en", "zh"], phone: [null], allowance: [null], expires_at: [null] };

export class TrailTab {
  constructor(office) {
    this.office = office;
    const changed = { change: () => this.load() };
    this.who = h("input", { id: "by", maxlength: 80, autocomplete: "off", spellcheck: "false", autocapitalize: "none", on: changed });
    this.target = h("input", { id: "target", maxlength: 200, autocomplete: "off", spellcheck: "false", autocapitalize: "none", on: changed });
    this.what = h("select", { id: "what", on: changed });
    this.since = h("input", { id: "since", type: "date", on: changed });
    this.until = h("input", { id: "until", type: "date", on: changed });
    this.head = h("header", { class: "head" });
    this.filters = h("form", { class: "filters", on: { submit: (event) => { event.preventDefault(); this.load(); } } });
    this.listing = new Listing(office, "trail", (query) => this.ask(query), () => this.draw());
    this.element = h("div", {}, this.head, this.filters, this.listing.rows, this.listing.more);
  }

  load() {
    return this.listing.load();
  }

  ask(query) {
    narrow(query, {
      who: this.who.value.trim(), what: this.what.value, target: this.target.value.trim(),
      since: midnight(this.since.value, 0), until: midnight(this.until.value, 1),
    });
    return this.office.api.get(`/audit?${query}`);
  }

  draw() {
    const { t } = this.office;
    put(this.head, h("h1", { class: "unseen" }, t.tabs.trail), h("p", {}, t.trail_hint));
    const chosen = this.what.value;
    put(this.what, KINDS.map((kind) => h("option", { value: kind, selected: kind === chosen }, kind ? t.kinds[kind] : t.everything)));
    if (!this.filters.contains(document.activeElement)) {
      put(this.filters, labelled(this.who, t.by), labelled(this.what, t.what), labelled(this.target, t.target),
        labelled(this.since, t.from_day), labelled(this.until, t.until));
    }
    this.listing.show((entry) => this.row(entry), t.nothing_found);
  }

  row(entry) {
    const { t, reader } = this.office;
    const [kind, name] = entry.who.includes(":") ? entry.who.split(/:(.*)/su) : ["", entry.who];
    const who = entry.who ? theirs(name, "name") : h("span", { class: "quiet" }, t.stranger);
    const as = kind ? t.actors[kind] ?? kind : entry.role ? t.roles[entry.role] : "";
    const [, mode, act] = /^(?:(refused|failed): )?(.*)$/su.exec(entry.what);
    const what = mode ? `${t.modes[mode]}: ${t.acts[act] ?? act}` : t.acts[act] ?? act;
    return h("li", { class: "row", "data-what": entry.what },
      h("time", { datetime: clean(entry.at), title: reader.full(entry.at) }, `${reader.day(entry.at)} ${reader.time(entry.at)}`),
      h("span", { class: "who" }, who, h("span", { class: "login" }, as)),
      h("span", { class: "what" },
        h("span", {}, what, " ", entry.target && entry.target !== entry.who ? theirs(entry.target, "target") : null),
        this.detail(entry)),
      h("span", { class: "address quiet" }, entry.address ?? ""));
  }

  /** What was different, in words: "role agent → supervisor". What goes without saying is not said. */
  detail(entry) {
    const changed = entry.what.endsWith(".changed");
    const told = Object.entries(entry.detail ?? {}).map(([name, value]) => {
      const pair = changed && Array.isArray(value) && value.length === 2;
      if (!pair && USUAL[name]?.includes(value)) return null;
      return [this.office.t.details[name] ?? name, pair ? `${this.said(name, value[0])} → ${this.said(name, value[1])}` : this.said(name, value)];
    }).filter((one) => one !== null);
    return told.length ? h("dl", { class: "detail" }, told.map(([label, text]) => h("div", {}, h("dt", {}, label), theirs(text, "", "dd")))) : null;
  }

  /** A value as people write it down. */
  said(name, value) {
    const { t, reader } = this.office;
    if (value === null || value === undefined || value === "") return "–";
    if (name === "role") return t.roles[value] ?? String(value);
    if (name === "how" || name === "password") return t.hows[value] ?? String(value);
    if (name === "expires_at") return reader.day(value) || String(value);
    if (value === true || value === false) return value ? t.yes : t.no;
    if (Array.isArray(value)) return value.map((one) => this.said("", one)).join(", ") || "–";
    if (typeof value !== "object") return String(value);
    const parts = Object.entries(value).filter(([, one]) => one !== null && one !== "" && !(Array.isArray(one) && !one.length));
    return parts.map(([key, one]) => (typeof one === "number" ? `${key}=${one}` : this.said("", one))).filter((one) => one && one !== "–").join(" · ") || "–";
  }
}
