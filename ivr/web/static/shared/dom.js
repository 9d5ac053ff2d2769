// Elements without HTML: everything that a caller can influence becomes a text node, never markup.

const LONGEST = 6000;
// C0 and C1 controls but tab and line feed, and the characters that turn the direction of the text around them.
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A stranger's text, without what could disturb the page around it. */
export function clean(text) {
  return String(text ?? "").slice(0, LONGEST).replace(UNPRINTABLE, "");
}

/** An element with attributes, listeners under `on`, and children: elements, texts, lists of them, or nothing. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "class") {
      element.className = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Put children into a place instead of what is there; nothing stands for nothing (`replaceChildren` would write "null").
 *
 * Who works by keyboard keeps the focus: what stays, or comes back under the same id, has it again.
 */
export function put(place, ...children) {
  const before = document.activeElement;
  const held = before && before !== place && place.contains(before) ? before : null;
  place.replaceChildren(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  if (!held || document.activeElement === held) return;
  const again = held.isConnected ? held : held.id && document.getElementById(held.id);
  if (again && place.contains(again)) again.focus({ preventScroll: true });
}

/** A stranger's text in its own direction, whatever script it is in. */
export function theirs(text, name = "", tag = "bdi") {
  return h(tag, { dir: "auto", class: name || null }, clean(text));
}

/** Draws a place again only when what it shows has changed. */
export function memo(draw) {
  let before;
  return (...shown) => {
    const now = JSON.stringify(shown);
    if (now === before) return;
    before = now;
    draw(...shown);
  };
}

/** A clock that counts up from a moment; `startTicking` keeps all of them going. */
export function counter(since, name = "") {
  return h("span", { class: `counter ${name}`.trim(), "data-since": String(since) }, "0:00");
}

/** Seconds as 0:07, 12:04 or 1:02:03. */
export function clockTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Bring every counter up to date. */
export function tick(now) {
  for (const element of document.querySelectorAll("[data-since]")) {
    const text = clockTime((now - Number(element.dataset.since)) / 1000);
    if (element.textContent !== text) element.textContent = text;
  }
}
