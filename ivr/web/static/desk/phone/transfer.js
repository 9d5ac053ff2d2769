// Passing a call on: where to, with what words. And "wrong place", which is the same with the reason instead of the place.

import { clean, h } from "../../shared/dom.js";
import { heading } from "../../shared/call_label.js";
import { Whys } from "./transfer_reasons.js";

const BRIEF_CHARS = 300;
const WORDS_CHARS = 2000;
const ORDER = { available: 0, ringing: 2, busy: 2, wrap_up: 2, paused: 3, offline: 4 };

/** What the transfer panel shows; `send(to, consult, brief, words, why)` resolves to null or to what was wrong. */
export function transferPanel(card, model, drafts, reader, send) {
  const { t } = reader;
  const draft = drafts.of(card.call);
  const keep = (name) => (event) => drafts.change(card.call, { [name]: event.target.value });
  const brief = h("input", {
    type: "text", id: "brief", maxlength: String(BRIEF_CHARS), placeholder: t.brief_hint, dir: "auto", autocomplete: "off",
    on: { input: keep("brief") },
  });
  const words = h("textarea", { id: "words", rows: "3", maxlength: String(WORDS_CHARS), dir: "auto", on: { input: keep("words") } });
  brief.value = draft.brief ?? "";
  words.value = draft.words ?? clean(card.why?.words);
  const whys = new Whys(draft.why ?? null, t, (why) => drafts.change(card.call, { why }));
  const run = (consult) => (one) => send(one.to, consult, brief.value.trim(), words.value.trim(), whys.chosen);
  return {
    call: card.call,
    title: t.transfer_title(heading(card, reader).text),
    find: t.transfer_find,
    items: (text) => places(text, card, model, reader),
    empty: (text) => (NUMBER.test(digits(text)) && !model.places.outside ? t.not_outside : t.nothing_fits),
    fields: [
      h("label", { for: "brief" }, t.brief_line), brief,
      h("label", { for: "words" }, t.brief_words), words,
      whys.element,
    ],
    key: (event) => whys.key(event),
    buttons: [{ title: t.consult, key: "Enter", run: run(true) }, { title: t.blind, key: "Shift Enter", run: run(false) }],
  };
}

/** `move(intent, brief)` resolves to null or to what was wrong. */
export function wrongPlacePanel(card, model, drafts, reader, move) {
  const { t } = reader;
  const brief = h("input", {
    type: "text", id: "brief", maxlength: String(BRIEF_CHARS), placeholder: t.brief_hint, dir: "auto", autocomplete: "off",
    on: { input: (event) => drafts.change(card.call, { brief: event.target.value }) },
  });
  brief.value = drafts.of(card.call).brief ?? "";
  return {
    call: card.call,
    title: t.wrong_title,
    find: t.wrong_find,
    items: (text) => model.intents
      .filter((one) => one.name !== card.why?.intent && fits(text, ...Object.values(one.title ?? {}), ...Object.values(one.queue ?? {})))
      .map((one) => ({ id: one.name, title: reader.of(one.title), about: reader.of(one.queue) })),
    empty: () => t.nothing_fits,
    fields: [h("label", { for: "brief" }, t.brief_optional), brief],
    buttons: [{ title: t.move, key: "Enter", run: (one) => move(one.id, brief.value.trim()) }],
  };
}

function places(text, card, model, reader) {
  const { t } = reader;
  const titles = new Map(model.places.queues.map((queue) => [queue.name, queue.title]));
  const inQueues = (one) => one.queues.flatMap((name) => Object.values(titles.get(name) ?? {}).concat(name));
  const near = (one) => (one.queues.includes(card.queue?.name) ? 0 : 1);
  const agents = model.places.agents
    .filter((one) => one.id !== model.agent?.id && fits(text, one.name, one.region, ...inQueues(one), ...one.languages))
    .map((one) => ({ rank: (ORDER[one.state] ?? 3) * 10 + near(one) + (starts(text, one.name) ? -5 : 0), one }));
  const queues = model.places.queues.filter((one) => fits(text, one.name, ...Object.values(one.title ?? {})));
  const regions = model.places.regions.filter((one) => fits(text, one.name));
  const number = digits(text);
  const found = [
    ...agents.map(({ rank, one }) => ({
      rank, id: `agent ${one.id}`, to: { kind: "agent", name: one.id }, title: one.name, state: one.state, off: one.state === "offline",
      kind: t.states[one.state] ?? one.state, about: one.queues.map((name) => reader.of(titles.get(name)) || name).join(", "),
    })),
    ...queues.map((one) => ({
      rank: 12 + (text ? -6 : 0), id: `queue ${one.name}`, to: { kind: "queue", name: one.name }, title: reader.of(one.title) || one.name,
      kind: t.kinds.queue, about: t.queue_free(one.free, one.waiting), state: one.free ? "available" : "busy",
    })),
    ...regions.map((one) => ({
      rank: 13 + (text ? -6 : 0), id: `region ${one.name}`, to: { kind: "region", name: one.name }, title: one.name, kind: t.kinds.region,
      about: t.region_free(one.free), state: one.free ? "available" : "offline", off: !one.free,
    })),
  ];
  if (model.places.outside && NUMBER.test(number)) {
    found.push({
      rank: -9, id: "outside", to: { kind: "outside", name: number }, title: number, kind: t.kinds.outside, about: t.outside,
    });
  }
  return found.sort((a, b) => a.rank - b.rank).map(({ rank: _rank, ...one }) => one);
}

const NUMBER = /^\+?\d{3,15}$/u;
const digits = (text) => text.replace(/[\s()/.-]/gu, "");
const plain = (text) => String(text ?? "").normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();

function starts(text, name) {
  return text !== "" && plain(name).startsWith(plain(text));
}

/** Every word that was typed stands somewhere; accents do not count. */
export function fits(text, ...places) {
  const all = plain(places.filter(Boolean).join(" "));
  return plain(text).split(/\s+/u).every((word) => all.includes(word));
}
