// Everything on a key, and the list of them.

import { h, put } from "../shared/dom.js";

const ACTS = {
  answer: "A", hold: "H", transfer: "T", complete: "C", conference: "G", wrong_place: "W", mute: "M", keypad: "K", hang_up: "E",
  opening: "O", test: "X",
};

/** Calls the action of a key, unless somebody is writing or composing a character. */
export class Keys {
  /** `actions` maps a key ("n", "D" with Shift, "?") to a function; `other(key)` is asked first. */
  constructor(actions, other) {
    this.actions = actions;
    this.other = other;
    this.single = read() !== "off";
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return; // 229: an input method is at work
    const writing = event.target.matches?.("textarea, input, select");
    if (writing) {
      if (event.key === "Escape") event.target.blur();
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.run(event, "Enter");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (document.querySelector("dialog[open]")) return;
    // Enter and Space belong to the button that has the focus.
    if (event.key === "Enter" && event.target.closest?.("button, a")) return;
    if (!this.single && event.key.length === 1 && event.key !== "?") return;
    this.run(event, event.key);
  }

  run(event, key) {
    const action = this.actions[key] ?? (event.shiftKey ? null : this.actions[key.toLowerCase()]);
    if (!this.other(key) && !action) return;
    event.preventDefault();
    action?.();
  }

  allow(single) {
    this.single = single;
    try {
      localStorage.setItem("keys", single ? "on" : "off");
    } catch {
      // Then it holds until the page is closed.
    }
  }
}

/** Fill and show the overlay that lists the keys. */
export function showKeys(dialog, keys, reader, outcomes, version) {
  const { t } = reader;
  const all = outcomes.map((outcome) => outcome.key);
  const row = (shown, text) => h("div", {}, h("dt", {}, shown.map((key) => h("kbd", {}, key))), h("dd", {}, text));
  const single = h("input", {
    type: "checkbox", id: "single", checked: keys.single, on: { change: () => keys.allow(single.checked) },
  });
  dialog.setAttribute("aria-label", t.help_title);
  put(dialog,
    h("h2", {}, t.help_title),
    h("dl", {},
      row(["7", "–", "9"], t.help.settle),
      all.length ? row(all.length > 2 ? [all[0], "–", all.at(-1)] : all, t.help.outcome) : null,
      row(["Enter"], t.help.close), row(["N"], t.help.note), row(["S"], t.help.next), row(["Y"], t.help.past),
      Object.entries(ACTS).map(([name, key]) => row([key], t.help_acts[name])),
      row(["P"], t.help.state), row(["L"], t.help.language), row(["Shift", "D"], t.help.theme),
      row(["?"], t.help.help), row(["Esc"], t.help.leave)),
    h("label", { class: "single", for: "single" }, single, t.single_keys),
    h("form", { method: "dialog" },
      h("span", { class: "quiet" }, version ? `${t.version} ${version}` : ""),
      h("button", { class: "primary" }, t.got_it)));
  dialog.showModal();
}

function read() {
  try {
    return localStorage.getItem("keys");
  } catch {
    return null;
  }
}
