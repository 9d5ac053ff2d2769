// The foot of the page: how the call is settled.

import { heading } from "./card.js";
import { h, memo, put } from "./dom.js";
import { Drafts } from "./drafts.js";

const NOTE_CHARS = 2000;

export class Dock {
  /** `close(call, outcome, note)` returns a promise; `say(text)` tells the agent something. */
  constructor(element, close, say, redraw) {
    this.element = element;
    this.close = close;
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
        input: () => this.drafts.change(this.card.call, { note: this.note.value }),
        blur: () => this.redraw(),
      },
    });
    this.choices = h("div", { class: "outcomes", role: "group" });
    this.send = h("button", { type: "submit", class: "primary" });
    this.form = h("form", { class: "settle", on: { submit: (event) => this.submit(event) } },
      h("div", { class: "note" }, this.label, this.note), this.choices, this.send);
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
    this.element.hidden = !shown;
    this.form.hidden = !this.card;
    this.hint.hidden = Boolean(this.card);
    this.hint.textContent = shown && !shown.gone ? reader.t.pick_up : "";
    if (!this.card) return;
    if (this.card.call !== before) this.note.value = this.drafts.of(this.card.call).note;
    this.drawForm(model, reader);
  }

  drawForm(model, reader) {
    const { t } = reader;
    const { call, state } = this.card;
    const { outcome } = this.drafts.of(call);
    const sending = this.sending.has(call);
    const over = state === "wrap_up";
    this.label.textContent = call === model.chosen ? t.note : t.note_for(heading(this.card, reader).text);
    this.note.placeholder = t.note_hint;
    this.choices.setAttribute("aria-label", t.outcome);
    this.drawChoices(reader.language, model.outcomes);
    for (const button of this.choices.children) {
      button.setAttribute("aria-pressed", String(button.dataset.outcome === outcome));
    }
    this.send.textContent = sending ? t.closing : over ? t.close : t.after_call;
    this.send.disabled = sending || !over || !outcome;
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

  async submit(event) {
    event?.preventDefault();
    const { card } = this;
    if (card?.state !== "wrap_up" || this.sending.has(card.call)) return;
    const { outcome, note } = this.drafts.of(card.call);
    if (!outcome) {
      this.say(this.reader.t.choose_first);
      return;
    }
    this.sending.add(card.call);
    this.note.blur();
    this.redraw();
    const closed = await this.close(card.call, outcome, note);
    this.sending.delete(card.call);
    if (closed) this.drafts.forget(card.call);
    this.redraw();
  }
}
