// The desk: messages change the model, the model is drawn, keys and buttons ask the server.

import { Acts } from "./acts.js";
import { Api } from "../shared/api.js";
import { Bar } from "./bar.js";
import { CardView } from "./card/card.js";
import { Connection } from "../shared/connection.js";
import { Dock } from "./card/wrap_up.js";
import { Doing } from "./actions.js";
import { clean, put, tick } from "../shared/dom.js";
import { load, Reader } from "../shared/i18n.js";
import { Idle } from "./idle.js";
import { showKeypad } from "./phone/keypad.js";
import { Keys, showKeys } from "./shortcuts.js";
import { Model } from "./model.js";
import { heading } from "../shared/call_label.js";
import { Panel } from "./card/panel.js";
import { Phone } from "./phone/phone.js";
import { painted } from "./after_paint.js";
import { PopUp } from "./card/pop.js";
import { Strips } from "./phone/other_calls.js";

const GONE_MS = 4000;
const NOTICE_MS = 6000;

const root = document.documentElement;
const place = (id) => document.getElementById(id);
const model = new Model(root.lang);
const texts = await load("shared", "calls", "desk");
let reader = new Reader(root.lang, texts, () => model.now());
let noticeTimer = null;
const seen = new Set();
const rung = new Set();
const leaving = new WeakSet();
const popUp = new PopUp();

const connection = new Connection(take, (link) => {
  model.link = link;
  draw();
});
const idle = new Idle((call, title) => doing.test(call, title));
const cardView = new CardView({
  setOpening: (intent, language, text) => doing.tried({ type: "opening", intent, language, text }),
  settle: (call, offers, accepted) => doing.ask({ type: "settle", call, offers, accepted }),
});
const bar = new Bar(place("bar"), {
  setState: (state, reason) => doing.ask({ type: "state", state, reason }),
  language: switchLanguage,
  theme: switchTheme,
  help,
  signOut: () => place("sign-out").requestSubmit(),
});
const strips = new Strips(place("strips"), (call) => {
  model.choose(call);
  draw();
});
const phone = new Phone({
  changed: draw, say: notice, reader: () => reader, keypad: (send) => showKeypad(place("keypad"), reader, send),
});
const panel = new Panel(place("panel"));
const dock = new Dock(place("settle"), {
  close: (...closed) => doing.close(...closed), keep: (call, note) => doing.keep(call, note), say: notice, redraw: draw,
});
const doing = new Doing({ model, connection, api: new Api(document.querySelector("#sign-out input").value), dock, panel, phone, reader: () => reader, notice, draw });
const acts = new Acts(place("acts"), doing.acts, notice);
const keys = new Keys({
  a: () => acts.press("answer"),
  h: () => acts.press("hold", "resume"),
  t: () => acts.press("transfer"),
  c: () => acts.press("complete"),
  g: () => acts.press("conference"),
  w: () => acts.press("wrong_place"),
  n: () => acts.press("note"),
  m: () => acts.press("mute", "unmute"),
  k: () => acts.press("keypad"),
  e: () => acts.press("hang_up"),
  x: () => (model.card() ? acts.press("test") : idle.test()),
  o: () => model.card() && cardView.opening.edit(),
  s: () => { model.chooseNext(); draw(); },
  y: () => cardView.past.toggle(),
  p: () => bar.toggle(),
  l: switchLanguage,
  D: switchTheme,
  "?": help,
  Enter: () => dock.submit(),
}, (key) => dock.press(key, model.outcomes) || (model.card() !== null && cardView.settle.press(key)));

function take(message) {
  if (!model.take(message)) return;
  if (message.type === "hello") phone.offer(model.softphone);
  if (message.type === "hello" && model.language !== reader.language) read(model.language);
  draw();
}

function draw() {
  const card = model.card();
  const shown = card ? cardView : idle;
  if (place("main").firstChild !== shown.element) put(place("main"), shown.element);
  if (card) cardView.draw(card, reader);
  else idle.draw(model, reader);
  bar.draw(model, reader, phone);
  strips.draw(model, reader);
  dock.ringsHere = phone.state === "ringing";
  dock.draw(model, reader);
  acts.draw(card, model, phone, reader);
  panel.refresh(model.cards.get(panel.open?.call), reader);
  place("dock").hidden = !card;
  place("dock").dataset.state = card?.gone ? "gone" : card?.state ?? "";
  document.body.dataset.view = card ? "card" : "idle";
  tick(model.now());
  announce();
  for (const one of model.cards.values()) {
    popUp.look(one);
    if (one.gone) leave(one);
    else report(one.call);
  }
}

/** Tell the server that a card is on the screen: the end of the ring-to-pop measurement. */
function report(call) {
  if (seen.has(call)) return;
  seen.add(call);
  painted(() => connection.say({ type: "seen", call }) || seen.delete(call));
}

/** A call that was withdrawn stays for a moment, with the reason. */
function leave(card) {
  if (leaving.has(card)) return;
  leaving.add(card);
  setTimeout(() => {
    model.drop(card);
    draw();
  }, GONE_MS);
}

/** The tab's title and icon, and the screen reader, say that it rings. */
function announce() {
  const ringing = [...model.cards.values()].filter((card) => card.state === "ringing" && !card.gone);
  const first = ringing[0];
  document.title = first ? reader.t.ring_title(heading(first, reader).text) : reader.t.page_titles.desk;
  const icon = first ? "/static/shared/icon-ring.svg" : "/static/shared/icon.svg";
  if (place("icon").getAttribute("href") !== icon) place("icon").setAttribute("href", icon);
  if (!first) place("ring").textContent = "";
  for (const card of ringing) {
    if (rung.has(card.call)) continue;
    rung.add(card.call);
    place("ring").textContent = reader.t.rings(heading(card, reader).text, clean(reader.of(card.why?.title)));
  }
  for (const call of rung) if (!ringing.some((card) => card.call === call)) rung.delete(call);
}

function notice(text) {
  clearTimeout(noticeTimer);
  place("notice").textContent = text;
  noticeTimer = setTimeout(() => { place("notice").textContent = ""; }, NOTICE_MS);
}

function read(language) {
  reader = new Reader(language, texts, () => model.now());
  model.language = language;
  root.lang = language;
}

function switchLanguage() {
  read(reader.next);
  draw();
  connection.ask({ type: "language", language: reader.language }).catch(() => undefined); // not worth a word
}

function switchTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // Then it holds until the page is closed.
  }
}

function help() {
  showKeys(place("help"), keys, reader, model.outcomes, root.dataset.version);
}

setInterval(() => {
  tick(model.now());
  bar.count();
}, 1000);
draw();
connection.open();
