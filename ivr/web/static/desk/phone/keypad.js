// Keys for the other side's menu, sent as tones.

import { h, put } from "../../shared/dom.js";

const TONES = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** Show the keypad over the page; `send(tone)` sends one. */
export function showKeypad(dialog, reader, send) {
  const { t } = reader;
  const sent = h("output", { class: "sent", "aria-live": "polite" });
  const press = (tone) => {
    send(tone);
    sent.textContent = `${sent.textContent}${tone}`.slice(-16);
  };
  dialog.setAttribute("aria-label", t.keypad);
  put(dialog,
    sent,
    h("div", { class: "tones" }, TONES.map((tone) => h("button", { type: "button", class: "plain", on: { click: () => press(tone) } }, tone))),
    h("form", { method: "dialog" }, h("button", { class: "plain" }, h("span", {}, t.cancel), " ", h("kbd", { "aria-hidden": "true" }, "Esc"))));
  dialog.onkeydown = (event) => {
    if (!TONES.includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    press(event.key);
  };
  dialog.showModal();
}
