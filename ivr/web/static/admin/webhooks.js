// Webhooks: other systems that are told of what happens; a list with how far each has come, and a sheet to make and change one.

import { boxes, field, once, sheet, tick, ticked } from "../shared/forms.js";
import { clean, h, put, theirs } from "../shared/dom.js";

const EVENTS = [
  "call.started", "call.decided", "call.queued", "call.ringing", "call.missed", "call.answered", "call.left",
  "call.passed_on", "call.pass_failed", "call.settled", "call.ended", "contact.outcome", "contact.closed",
  "contact.received", "signal.received", "person.erased",
];
const USUAL = ["call.started", "call.answered", "call.ended", "contact.closed"];

export class WebhooksTab {
  constructor(office) {
    this.office = office;
    this.hooks = null;
    this.head = h("header", { class: "head" });
    this.add = h("button", { type: "button", class: "primary", id: "make-webhook", on: { click: () => this.edit(null) } });
    this.rows = h("ul", { class: "rows hooks" });
    this.element = h("div", {}, this.head, this.rows);
  }

  async load() {
    try {
      this.hooks = (await this.office.api.get("/webhooks")).items;
    } catch (refused) {
      this.office.complain(refused);
    }
    this.draw();
  }

  draw() {
    const { t } = this.office;
    this.add.textContent = t.make_hook;
    put(this.head, h("h1", { class: "unseen" }, t.tabs.webhooks), h("p", {}, t.hooks_hint), this.add);
    if (!this.hooks) return;
    put(this.rows, this.hooks.length ? this.hooks.map((hook) => this.row(hook)) : h("li", { class: "quiet none" }, t.no_hooks));
  }

  row(hook) {
    const { t } = this.office;
    const act = (label, does) => h("button", { type: "button", class: "secondary", on: { click: does } }, label);
    const test = act(t.test_hook, () => this.test(hook, test));
    return h("li", { class: hook.active ? "row" : "row off", "data-webhook": hook.id },
      h("span", { class: "who" }, theirs(hook.url, "name"),
        h("span", { class: "login" }, hook.words ? t.with_words : t.without_words)),
      h("span", { class: "scopes" }, hook.events.map((name) => h("code", {}, name))),
      h("span", { class: "told quiet" }, this.told(hook).map((one) => h("span", {}, one))),
      h("span", { class: "doing" }, test, act(t.change, () => this.edit(hook)), act(t.remove, () => this.remove(hook))));
  }

  /** How far it has come, in sentences. */
  told(hook) {
    const { t, reader } = this.office;
    const when = (at) => `${reader.day(at)} ${reader.time(at)}`;
    return [
      hook.active ? null : hook.off_why === "gone" ? t.hook_gone : t.hook_off,
      hook.waiting ? t.hook_waiting(hook.waiting, when(hook.oldest_waiting_at)) : null,
      hook.failed ? t.hook_failed(hook.failed) : null,
      hook.left_out ? t.hook_left_out(hook.left_out) : null,
      hook.error && (hook.waiting || hook.failed) ? t.hook_last_error(this.problem(hook.error)) : null,
      hook.delivered_at ? t.hook_delivered(when(hook.delivered_at)) : t.hook_never,
    ].filter(Boolean);
  }

  /** The server's word for what went wrong, in ours. */
  problem(error) {
    const status = /^http_(\d+)$/u.exec(error);
    return status ? `HTTP ${status[1]}` : this.office.t.hook_errors[error] ?? clean(error);
  }

  edit(hook) {
    const { office } = this;
    const { t } = office;
    const url = h("input", { type: "url", maxlength: 500, autocomplete: "off", spellcheck: "false", value: hook?.url ?? "https://" });
    const chosen = hook?.events ?? USUAL;
    const events = boxes("#/events", t.hook_events, EVENTS.map((value) => ({ value, label: h("code", {}, value), more: t.hook_event[value] })), chosen);
    const box = (on) => h("input", { type: "checkbox", checked: on });
    const words = box(hook?.words ?? false);
    const active = box(hook?.active ?? true);
    const renew = box(false);
    const parts = [
      field("#/url", t.hook_url, url, t.hook_url_hint),
      tick(words, t.hook_words, t.hook_words_hint),
      hook ? tick(active, t.active, t.hook_active_hint) : null,
      hook ? tick(renew, t.hook_renew, t.hook_renew_hint) : null,
      events,
    ];
    sheet(office, hook ? t.change_hook : t.make_hook, parts, hook ? t.save : t.make_hook, async () => {
      const body = { url: url.value.trim(), events: ticked(events), words: words.checked };
      const path = hook ? `/webhooks/${encodeURIComponent(hook.id)}` : "/webhooks";
      if (hook) await office.api.ask("PATCH", path, { ...body, active: active.checked });
      const made = hook ? renew.checked && await office.api.ask("POST", `${path}/secret`) : await office.api.ask("POST", path, body);
      await this.load();
      if (made) once(office, t.hook_secret, t.hook_secret_once, made.secret);
    });
  }

  async test(hook, button) {
    const { office } = this;
    const { t } = office;
    button.disabled = true;
    try {
      const came = await office.api.ask("POST", `/webhooks/${encodeURIComponent(hook.id)}/test`);
      office.notice(came.delivered ? t.test_delivered(came.status, Math.round(came.took_ms)) : t.test_failed(this.problem(came.error)));
    } catch (refused) {
      office.complain(refused);
    } finally {
      button.disabled = false;
    }
  }

  async remove(hook) {
    const { office } = this;
    const { t } = office;
    if (!(await office.sure(t.remove_hook_sure(clean(hook.url)), t.remove_hook_more, t.remove))) return;
    try {
      await office.api.ask("DELETE", `/webhooks/${encodeURIComponent(hook.id)}`);
      office.notice(t.hook_removed);
    } catch (refused) {
      office.complain(refused);
    }
    await this.load();
  }
}
