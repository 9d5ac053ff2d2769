// How the call came here: with what words somebody passed it on, and who had it before.

import { clean, clockTime, h, put, theirs } from "./dom.js";
import { icon } from "./icons.js";

/** The brief stands above everything else: it is the newest that is known. */
export function drawBrief(place, reader, brief, asks, words) {
  const { t } = reader;
  place.hidden = !brief;
  if (!brief) return;
  const name = clean(brief.by);
  const says = t.brief[brief.way] ?? t.brief.blind;
  const said = brief.words && brief.words !== words ? brief.words : null;
  put(place,
    h("h2", { dir: "auto" }, asks ? t.brief_asks(name) : says(name),
      brief.reason ? [" · ", theirs(reader.of(brief.reason))] : null,
      brief.why ? [" · ", h("span", { class: "why-on" }, reader.name("passed_why", brief.why))] : null),
    brief.text ? theirs(brief.text, "line", "p") : h("p", { class: "quiet" }, t.brief_none),
    said ? h("p", { class: "said" }, h("span", {}, t.caller_said), " ", theirs(`“${clean(said)}”`)) : null);
}

export function drawJourney(place, reader, journey) {
  const shown = journey.filter((one) => !one.mine || one.ended || one.notes.length);
  place.hidden = !shown.length;
  put(place, ...(shown.length
    ? [h("h2", {}, reader.t.so_far), h("ol", {}, shown.map((one) => station(one, reader)))] : []));
}

function station(one, reader) {
  const { t } = reader;
  const went = reader.of(one.passed_to);
  return h("li", { "data-answered": String(Boolean(one.answered)) },
    h("p", { class: "whom" },
      one.mine ? h("b", {}, t.you) : theirs(one.name, "name", "b"),
      h("span", {}, how_long(one, reader)),
      went ? h("span", { class: "went" }, icon("went"), theirs(t.went_to(clean(went)))) : null),
    one.notes.map((note) => theirs(note, "note", "p")),
    one.brief ? theirs(`“${clean(one.brief)}”`, "line", "p") : null);
}

function how_long(one, reader) {
  if (!one.answered) return reader.t.rang_only;
  if (!one.ended) return reader.t.since(reader.time(one.began));
  return `${reader.time(one.began)} · ${clockTime((Date.parse(one.ended) - Date.parse(one.began)) / 1000)}`;
}
