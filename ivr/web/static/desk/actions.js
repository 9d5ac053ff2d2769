// What the buttons and keys of a call do: ask the server, and show its refusals where the agent is looking.

import { clean } from "../shared/dom.js";
import { testPanel } from "./card/call_test_panel.js";
import { transferPanel, wrongPlacePanel } from "./phone/transfer.js";

export class Doing {
  /** `desk` has model, connection, api, dock, panel, phone, reader(), notice(text), draw(). */
  constructor(desk) {
    this.desk = desk;
    const simply = (type) => () => this.ask({ type, call: this.call });
    this.acts = {
      answer: () => desk.phone.answer(),
      hold: simply("hold"),
      resume: simply("resume"),
      complete: async () => (await desk.dock.keepNote(this.call)) && this.ask({ type: "complete", call: this.call }),
      conference: simply("conference"),
      transfer: () => this.transfer(),
      wrong_place: () => this.wrongPlace(),
      note: () => desk.dock.note.focus(),
      mute: () => desk.phone.mute(true),
      unmute: () => desk.phone.mute(false),
      keypad: () => desk.phone.keypad(),
      hang_up: () => this.hangUp(),
      test: () => this.test(this.call, desk.model.card()?.why?.title),
    };
  }

  get call() {
    return this.desk.model.chosen;
  }

  /** Ask the server; null when it was done, else what was wrong, in words. */
  async tried(message) {
    const { connection, reader } = this.desk;
    try {
      await connection.ask(message);
      return null;
    } catch (refused) {
      return refused ? clean(reader().of(refused)) : reader().t.not_connected;
    }
  }

  /** The same, with the refusal said at the foot of the page; true when it was done. */
  async ask(message) {
    const wrong = await this.tried(message);
    if (wrong !== null) this.desk.notice(wrong);
    return wrong === null;
  }

  keep(call, text) {
    return this.ask({ type: "note", call, text }).then((kept) => {
      if (kept) this.desk.notice(this.desk.reader().t.noted);
      return kept;
    });
  }

  async close(call, outcome, note, followUp) {
    const closed = await this.ask({ type: "close", call, outcome, note, ...(followUp ? { follow_up: followUp } : {}) });
    if (closed) {
      this.desk.model.remove(call);
      this.desk.notice(this.desk.reader().t.closed_done);
    }
    return closed;
  }

  async hangUp() {
    const { call } = this;
    // The page's own phone ends its leg even when the server cannot be reached.
    if (this.desk.phone.state === "talking" && this.desk.model.link.state !== "open") this.desk.phone.hangUp();
    else await this.ask({ type: "hang_up", call });
  }

  /** A call that is over becomes a test; `title` is what it was understood as. */
  test(call, title) {
    const { model, panel, reader, api, notice } = this.desk;
    panel.show(testPanel(call, title, model.intents, api, reader(), (made) => {
      notice(reader().t.test_made(clean(made.name), made.sound));
    }), reader());
  }

  transfer() {
    const { model, dock, panel, reader } = this.desk;
    const card = model.card();
    panel.show(transferPanel(card, model, dock.drafts, reader(), async (to, consult, brief, words, why) => {
      if (!(await dock.keepNote(card.call))) return reader().t.not_connected;
      const wrong = await this.tried({ type: "transfer", call: card.call, to, consult, brief, words, ...(why ? { why } : {}) });
      if (wrong === null) dock.drafts.change(card.call, { brief: "", words: undefined, why: undefined });
      return wrong;
    }), reader());
  }

  wrongPlace() {
    const { model, dock, panel, reader } = this.desk;
    const card = model.card();
    panel.show(wrongPlacePanel(card, model, dock.drafts, reader(), async (intent, brief) => {
      if (!(await dock.keepNote(card.call))) return reader().t.not_connected;
      const wrong = await this.tried({ type: "wrong_place", call: card.call, intent, brief });
      if (wrong === null) dock.drafts.change(card.call, { brief: "" });
      return wrong;
    }), reader());
  }
}
