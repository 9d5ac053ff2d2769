// API keys of other systems: a list, a sheet to make one, and the one look at its secret.

import { boxes, field, once, sheet, ticked } from "../shared/forms.js";
import { clean, h, put, theirs } from "../shared/dom.js";

const SCOPES = ["contacts:write", "contacts:read", "signals:write", "reports:read", "metrics:read", "webhooks:manage"];
const DAYS = ["90", "365", "30", ""];

export class KeysTab {
  constructor(office) {
    this.office = office;
    this.keys = null;
    this.head = h("header", { class: "head" });
    this.add = h("button", { type: "button", class: "primary", id: "make-key", on: { click: () => this.make() } });
    this.rows = h("ul", { class: "rows keys" });
    this.element = h("div", {}, this.head, this.rows);
  }

  async load() {
    try {
      this.keys = (await this.office.api.get("/keys")).items;
    } catch (refused) {
      this.office.complain(refused);
    }
    this.draw();
  }

  draw() {
    const { t } = this.office;
    this.add.textContent = t.make_key;
    put(this.head, h("h1", { class: "unseen" }, t.tabs.keys), h("p", {}, t.keys_hint), this.add);
    if (!this.keys) return;
    put(this.rows, this.keys.length ? this.keys.map((key) => this.row(key)) : h("li", { class: "quiet none" }, t.no_keys));
  }

  row(key) {
    const { t, reader } = this.office;
    const open = key.state === "open";
    const told = [
      key.state === "revoked" ? t.revoked_on(reader.day(key.revoked_at))
        : key.expires_at ? (open ? t.expires_on : t.expired_on)(reader.day(key.expires_at)) : t.never_expires,
      key.used_at ? t.used_on(reader.day(key.used_at)) : t.never_used,
      t.made_by(clean(key.created_by), reader.day(key.created_at)),
    ];
    return h("li", { class: open ? "row" : "row off", "data-key": key.id },
      h("span", { class: "who" }, theirs(key.name, "name"), h("span", { class: "login" }, `ivr_${key.id}_…`)),
      h("span", { class: "scopes" }, key.scopes.map((scope) => h("code", {}, scope))),
      h("span", { class: "told quiet" }, told.map((one) => h("span", {}, one))),
      open ? h("button", { type: "button", class: "secondary", on: { click: () => this.revoke(key) } }, t.revoke)
        : h("em", { class: "state" }, t.key_states[key.state]));
  }

  make() {
    const { office } = this;
    const { t } = office;
    const name = h("input", { maxlength: 100, autocomplete: "off", required: true });
    const scopes = boxes("#/scopes", t.scopes, SCOPES.map((value) => ({ value, label: h("code", {}, value), more: t.scope_may[value] })), []);
    const days = h("select", {}, DAYS.map((value) => h("option", { value }, value ? t.days(value) : t.never_expires)));
    const parts = [
      field("#/name", t.key_name, name, t.key_name_hint), scopes, field("#/expires_at", t.expires, days, t.expires_hint),
    ];
    sheet(office, t.make_key, parts, t.make_key, async () => {
      const expires = days.value ? new Date(Date.now() + Number(days.value) * 86_400_000).toISOString() : null;
      const made = await office.api.ask("POST", "/keys", { name: name.value.trim(), scopes: ticked(scopes), expires_at: expires });
      await this.load();
      once(office, t.key_made, t.key_once, made.key);
    });
  }

  async revoke(key) {
    const { office } = this;
    const { t } = office;
    if (!(await office.sure(t.revoke_sure(clean(key.name)), t.revoke_more, t.revoke))) return;
    try {
      await office.api.ask("DELETE", `/keys/${encodeURIComponent(key.id)}`);
      office.notice(t.revoked_done);
    } catch (refused) {
      office.complain(refused);
    }
    await this.load();
  }
}
