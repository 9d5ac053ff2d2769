// One call, beside everything else: who, why, what was said; while it goes on, as it is said.

import { clean, h, put, theirs } from "../shared/dom.js";
import { testSheet } from "./test.js";
import { sheet } from "../shared/forms.js";
import { heading } from "../shared/call_label.js";
import { drawJourney } from "../shared/brief_and_journey.js";
import { said } from "../shared/history.js";
import { Player } from "../shared/player.js";

const WAITING = ["queue", "ringing"];
const TALKING = ["agent", "held"];

export class StoryView {
  constructor(element, office) {
    this.element = element;
    this.office = office;
    this.call = null;
    this.story = null;
    /** Set by whoever has the line to the server. */
    this.watch = () => undefined;
    this.changed = () => undefined;
    this.where = () => undefined;
    this.places = () => [];
    this.journey = h("section", { class: "journey" });
    this.words = h("section", { class: "words", tabindex: "0" });
    this.parts = h("div", { class: "parts" });
    this.head = h("header", {});
    this.acts = h("div", { class: "doing" });
    this.player = new Player();
    element.append(this.head, this.acts, this.player.element, this.parts, this.journey, this.words);
  }

  /** Open a call, live or of the record. */
  async open(call) {
    this.call = call;
    this.story = null;
    this.lastLine = 0;
    this.from = document.activeElement;
    this.element.hidden = false;
    document.body.classList.add("beside");
    this.changed();
    if (this.where(call)) {
      this.watch(call); // the story comes by the line, and goes on
      return;
    }
    try {
      const story = await this.office.api.get(`/calls/${encodeURIComponent(call)}`);
      if (this.call === call && !this.story) this.take(story);
    } catch (refused) {
      this.office.complain(refused);
    }
  }

  close() {
    if (!this.call) return;
    this.watch(null);
    const before = this.call;
    this.call = this.story = null;
    this.element.hidden = true;
    document.body.classList.remove("beside");
    this.changed();
    (document.querySelector(`[data-call="${CSS.escape(before)}"]`) ?? this.from)?.focus?.();
  }

  /** The line is new: say again what is open. */
  watched() {
    if (this.call && this.where(this.call)) this.watch(this.call);
  }

  /** Calls have come, gone or moved. */
  moved() {
    if (!this.story || this.story.call !== this.call) return;
    const row = this.where(this.call);
    const place = row ? row.place : "over";
    if (place !== this.story.place) this.take({ ...this.story, place });
  }

  take(story) {
    if (story.call !== this.call) return;
    const first = this.story === null;
    this.story = story;
    this.redraw();
    if (first) this.head.querySelector("button")?.focus();
  }

  redraw() {
    const { story } = this;
    if (!story) return;
    const { t, reader } = this.office;
    const title = heading({ who: story.who }, reader);
    put(this.head,
      h("div", {},
        h("p", { class: "place", "data-place": story.place }, h("span", { class: "lamp", "aria-hidden": "true" }), t.places[story.place] ?? story.place,
          " · ", reader.day(story.since), " ", reader.time(story.since)),
        theirs(title.text, title.kind, "h2"),
        h("p", { class: "quiet" }, [title.kind === "name" ? story.who.number : null, story.who.tier ? reader.name("tier", story.who.tier) : null, story.who.region]
          .filter(Boolean).map((part, nth) => [nth ? " · " : "", theirs(part)]))),
      h("button", { type: "button", class: "tool", "aria-label": t.close_it, title: t.close_it, on: { click: () => this.close() } }, "×"));
    this.drawActs(story.place);
    this.player.draw(story.recorded ? story.call : null, t, reader.language);
    this.drawParts(story);
    drawJourney(this.journey, reader, story.journey);
    const atEnd = this.words.scrollHeight - this.words.scrollTop - this.words.clientHeight < 40;
    put(this.words, h("h2", {}, t.what_was_said), said(story.transcript, reader));
    if (atEnd || story.transcript.length !== this.lastLine) this.words.scrollTop = this.words.scrollHeight;
    this.lastLine = story.transcript.length;
  }

  drawParts(story) {
    const { t, reader } = this.office;
    const { why } = story;
    const known = story.known.filter((one) => one.value);
    put(this.parts,
      h("section", {}, h("h2", {}, t.why),
        h("p", { class: "matter" }, theirs(reader.of(why.title), "title"), " ", h("span", { class: "quiet" }, `${Number(why.confidence).toFixed(2)} ${reader.name("certainty", why.certainty)}`)),
        why.words ? h("blockquote", { dir: "auto" }, `“${clean(why.words)}”`) : null,
        story.patience.spent ? h("p", { class: "caution" }, t.patience(story.patience.spent), " ", story.patience.troubles.map((one) => reader.of(one)).join(" · ")) : null),
      known.length ? h("section", {}, h("h2", {}, t.known_so_far),
        h("dl", { class: "known" }, known.map((one) => h("div", {}, h("dt", {}, theirs(reader.of(one.label))), theirs(one.value, "", "dd"))))) : null,
      story.queue || story.reasons.length ? h("section", {}, h("h2", {}, t.sent_to),
        h("p", {}, story.queue ? theirs(reader.of(story.queue.title), "title") : null),
        h("ul", { class: "reasons" }, story.reasons.map((one) => h("li", {}, theirs(reader.of(one.label)), " ", h("b", {}, Number(one.value).toFixed(2)))))) : null,
      story.notes.length ? h("section", {}, h("h2", {}, t.noted), story.notes.map((note) => h("p", {}, theirs(note.text), " ", theirs(note.by, "quiet")))) : null,
      story.outcome ? h("section", {}, h("h2", {}, t.outcome), h("p", {}, reader.name("outcomes", story.outcome))) : null);
  }

  drawActs(place) {
    const { t } = this.office;
    const key = `${this.office.reader.language} ${place} ${Boolean(this.office.me?.agent)}`;
    if (this.acts.dataset.drawn === `${this.call} ${key}`) return; // a button that is being pressed must not go away
    this.acts.dataset.drawn = `${this.call} ${key}`;
    const act = (text, run) => h("button", { type: "button", class: "secondary", on: { click: run } }, text);
    const live = place !== "over" && place !== "wrap_up";
    const phone = live && this.office.me?.agent;
    put(this.acts,
      phone ? act(t.listen, () => this.listen("listen")) : null,
      phone && TALKING.includes(place) ? [act(t.whisper, () => this.listen("whisper")), act(t.join, () => this.listen("join"))] : null,
      WAITING.includes(place) ? act(t.move, () => this.move()) : null,
      place === "over" ? h("button", {
        type: "button", class: "secondary", "data-test": "", "aria-keyshortcuts": "X", on: { click: () => this.makeTest() },
      }, h("kbd", { "aria-hidden": "true" }, "X"), h("span", {}, t.make_test)) : null,
      live && !phone ? h("p", { class: "quiet" }, t.no_own_phone) : null);
  }

  /** A call that is over becomes a test of the corpus. */
  async makeTest(call = this.call) {
    const { office } = this;
    try {
      await testSheet(office, call, (made) => office.notice(office.t.test_made(clean(made.name), made.sound)));
    } catch (refused) {
      office.complain(refused);
    }
  }

  /** By key: the call that is open, if it is over; else the one of the list that has the focus. */
  pressed() {
    const row = document.activeElement?.closest?.(".past-calls [data-call]");
    if (this.call) this.acts.querySelector("[data-test]")?.click();
    else if (row) this.makeTest(row.dataset.call);
  }

  async listen(mode) {
    try {
      await this.office.api.ask("POST", `/calls/${encodeURIComponent(this.call)}/listen`, { mode });
      this.office.notice(this.office.t.your_phone_rings);
    } catch (refused) {
      this.office.complain(refused);
    }
  }

  move() {
    const { t, reader } = this.office;
    const call = this.call;
    const option = (row) => h("option", { value: row.title ? `queue ${row.id}` : `agent ${row.id}` },
      row.title ? `${clean(reader.of(row.title))} · ${t.free_of(row.free, row.here)}` : `${clean(row.name)} · ${t.states[row.state]}`);
    const rows = this.places();
    const to = h("select", { id: "to" },
      h("optgroup", { label: t.queues }, rows.filter((row) => row.title).map(option)),
      h("optgroup", { label: t.agents_here }, rows.filter((row) => !row.title && row.state === "available").map(option)));
    sheet(this.office, t.move_where, h("div", { class: "field" }, h("label", { for: "to" }, t.move_to), to), t.move, () => {
      const [kind, name] = to.value.split(/ (.*)/su);
      return this.office.api.ask("POST", `/calls/${encodeURIComponent(call)}/move`, { kind, name });
    });
  }
}
