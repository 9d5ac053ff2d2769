// What the agent may open with; each writes their own lines, in place.

import { clean, h, memo, put, theirs } from "../../shared/dom.js";
import { icon } from "../../shared/icons.js";

const LINE_CHARS = 300;
const tag = (code) => (code === "zh" ? "zh-Hans" : "en");

export class Opening {
  /** `act.setOpening(intent, language, text)` resolves to null, or to what was wrong. */
  constructor(act) {
    this.act = act;
    this.element = h("section", { class: "opening" });
    this.editing = null;
    this.drawLine = memo((_language, opening, language, lines) => this.line(opening, language, lines));
  }

  draw(card, reader) {
    this.reader = reader;
    this.card = card;
    if (this.editing && this.editing !== card.call) this.leave();
    if (!this.editing) this.drawLine(reader.language, card.opening, card.language, card.opening_lines ?? null, card.call);
  }

  // It is read out to the caller, so the caller's language comes first; the agent's own stands below it.
  line(opening, language, lines) {
    const { reader } = this;
    const first = opening?.[language] ?? reader.of(opening);
    const second = opening?.[reader.language];
    put(this.element,
      h("div", { class: "head" },
        h("h2", {}, reader.t.open_with, lines?.own?.[language] ? h("span", { class: "own" }, reader.t.opening_own) : null),
        lines ? h("button", {
          type: "button", class: "pencil", title: `${reader.t.opening_edit} (O)`, "aria-label": reader.t.opening_edit,
          on: { click: () => this.edit() },
        }, icon("pencil")) : null),
      h("p", { class: "line", lang: tag(language), dir: "auto" }, clean(first)),
      second && second !== first
        ? h("p", { class: "gloss", lang: tag(reader.language), dir: "auto" }, clean(second)) : null);
  }

  edit() {
    const { t } = this.reader;
    const { call, language, opening_lines: lines } = this.card;
    if (!lines || this.editing) return;
    this.editing = call;
    const label = t.opening_for(this.reader.name("languages", language));
    const text = h("textarea", { id: "opening", rows: "2", maxlength: String(LINE_CHARS), lang: tag(language), dir: "auto",
      on: { keydown: (event) => this.key(event) } });
    text.value = clean(lines.text[language]);
    this.text = text;
    this.wrong = h("p", { class: "wrong", role: "alert" });
    const button = (name, title, act) => h("button", { type: "button", class: name, on: { click: act } }, title);
    put(this.element,
      h("label", { for: "opening" }, label), text,
      h("p", { class: "fields" }, t.opening_fields, " ", (lines.fields ?? []).map((name) => [h("code", {}, `{${clean(name)}}`), " "])),
      this.wrong,
      h("div", { class: "buttons" },
        button("primary", t.opening_save, () => this.save(text.value)),
        lines.own?.[language] ? button("plain", t.opening_house, () => this.save("")) : null,
        button("plain", t.cancel, () => this.leave())));
    text.focus();
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") this.leave();
    else if (event.key === "Enter" && !event.shiftKey) this.save(this.text.value);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async save(text) {
    const { call, why, language } = this.card;
    const wrong = await this.act.setOpening(why?.intent ?? "", language, text.trim());
    if (this.editing !== call) return;
    if (wrong === null) this.leave();
    else put(this.wrong, theirs(wrong));
  }

  leave() {
    const { card, reader } = this;
    this.editing = null;
    this.line(card.opening, card.language, card.opening_lines ?? null);
    this.drawLine(reader.language, card.opening, card.language, card.opening_lines ?? null, card.call);
  }
}
