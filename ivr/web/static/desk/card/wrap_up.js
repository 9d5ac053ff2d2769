// The foot of the page: how the call is settled.

import { heading } from "../../shared/call_label.js";
import { h, memo, put } from "../../shared/dom.js";
import { Drafts } from "./drafts.js";

const NOTE_CHARS = 2000;

export class Dock {
  /** `close(call, outcome, note, followUp)` and `keep(call, note)` return promises of "it is done"; `say(text)` tells the agent something. */
  constructor(element, { close, keep, say, redraw }) {
    this.element = element;
    this.close = close;
    this.keep = keep;
    this.say = say;
    this.redraw = redraw;
    this.drafts = new Drafts();
    this.sending = new Set();
    this.card = null;
    this.build();
    this.drawChoices = memo((_language, outcomes) => {
      put(this.choices, ...outcomes.map((outcome) => this.choice(outcome)));
    });
  }

  build() {
    this.hint = h("p", { class: "hint" });
    this.label = h("label", { for: "note" });
    this.note = h("textarea", {
      id: "note", maxlength: String(NOTE_CHARS), rows: "2", dir: "auto",
      on: {
        input: () => {
          this.drafts.change(this.card.call, { note: this.note.value });
          this.redraw();
        },
        blur: () => this.redraw(),
      },
    });
    this.when = h("input", {
      type: "datetime-local", id: "when", on: { input: () => this.drafts.change(this.card.call, { follow_up: this.when.value }) },
    });
    this.whenLabel = h("label", { for: "when" });
    this.later = h("div", { class: "later" }, this.whenLabel, this.when);
    this.choices = h("div", { class: "outcomes", role: "group" });
    this.send = h("button", { type: "submit", class: "primary" });
    this.form = h("form", { class: "settle", on: { submit: (event) => this.submit(event) } },
      h("div", { class: "note" }, this.label, this.note), this.later, this.choices, this.send);
    this.element.append(this.hint, this.form);
  }

  choice(outcome) {
    return h("button", {
      type: "button", class: "outcome", "data-outcome": outcome.id,
      on: { click: () => this.choose(outcome.id) },
    }, h("kbd", {}, outcome.key), h("span", {}, this.reader.of(outcome.title)));
  }

  /** Draw for the card on the screen; but who writes a note goes on writing it, whatever rings. */
  draw(model, reader) {
    this.reader = reader;
    const writing = document.activeElement === this.note ? model.cards.get(this.card?.call) : null;
    const shown = writing && !writing.gone ? writing : model.card();
    const before = this.card?.call;
    this.card = shown && !shown.gone && shown.state !== "ringing" ? shown : null;
    this.form.hidden = !this.card;
    this.hint.hidden = Boolean(this.card);
    this.hint.textContent = shown && !shown.gone ? (this.ringsHere ? reader.t.answer_here : reader.t.pick_up) : "";
    if (!this.card) return;
    if (this.card.call !== before) {
      const { note, follow_up: when } = this.drafts.of(this.card.call);
      this.note.value = note;
      this.when.value = when;
    }
    this.drawForm(model, reader);
  }

  drawForm(model, reader) {
    const { t } = reader;
    const { call, state } = this.card;
    const { outcome } = this.drafts.of(call);
    this.later.hidden = outcome !== "follow_up";
    this.whenLabel.textContent = t.follow_up_at;
    const sending = this.sending.has(call);
    const over = state === "wrap_up";
    this.label.textContent = call === model.chosen ? t.note : t.note_for(heading(this.card, reader).text);
    this.note.placeholder = t.note_hint;
    this.choices.setAttribute("aria-label", t.outcome);
    this.drawChoices(reader.language, model.outcomes);
    for (const button of this.choices.children) {
      button.setAttribute("aria-pressed", String(button.dataset.outcome === outcome));
    }
    this.send.textContent = sending ? t.closing : over ? t.close : t.keep_note;
    this.send.disabled = sending || (over ? !outcome : !this.drafts.of(call).note.trim());
  }

  /** Choose by the key that the server gave to an outcome; true when there is such a key. */
  press(key, outcomes) {
    const outcome = this.card && outcomes.find((one) => one.key === key);
    if (outcome) this.choose(outcome.id);
    return Boolean(outcome);
  }

  choose(id) {
    const { call } = this.card;
    this.drafts.change(call, { outcome: this.drafts.of(call).outcome === id ? null : id });
    this.redraw();
  }

  /** What is written now becomes a note of the call; the field is free for the next one. True when there is nothing left to keep. */
  async keepNote(call = this.card?.call) {
    const note = call ? this.drafts.of(call).note.trim() : "";
    if (!note) return true;
    const kept = await this.keep(call, note);
    if (kept && this.drafts.of(call).note.trim() === note) {
      this.drafts.change(call, { note: "" });
      if (this.card?.call === call) this.note.value = "";
    }
    return kept;
  }

  async submit(event) {
    event?.preventDefault();
    const { card } = this;
    if (card && card.state !== "wrap_up" && (await this.keepNote())) this.redraw();
    if (card?.state !== "wrap_up" || this.sending.has(card.call)) return;
    const { outcome, note, follow_up: when } = this.drafts.of(card.call);
    if (!outcome) {
      this.say(this.reader.t.choose_first);
      return;
    }
    const later = outcome === "follow_up" && when ? new Date(when) : null;
    if (later && !(later > Date.now())) {
      this.say(this.reader.t.follow_up_past);
      return;
    }
    this.sending.add(card.call);
    this.note.blur();
    this.redraw();
    const closed = await this.close(card.call, outcome, note, later?.toISOString());
    this.sending.delete(card.call);
    if (closed) this.drafts.forget(card.call);
    this.redraw();
  }
}
