// Forms: fields with their labels and hints, and what the server found wrong beside the field it belongs to.

import { Refusal } from "./api.js";
import { clean, h, put } from "./dom.js";

let numbers = 0;

/** A labelled field. `place` is the JSON pointer by which the server complains of it. */
export function field(place, label, control, hint = null) {
  const id = control.id || `field-${numbers++}`;
  control.id = id;
  const fault = h("p", { class: "fault", id: `${id}-fault`, role: "alert", "data-place": place });
  control.setAttribute("aria-describedby", `${id}-hint ${id}-fault`);
  return h("div", { class: "field" },
    h("label", { for: id }, label), control,
    h("p", { class: "hint", id: `${id}-hint`, hidden: !hint }, hint), fault);
}

/** Several boxes to tick under one heading. */
export function boxes(place, legend, choices, chosen, hint = null) {
  const made = choices.map(({ value, label, more }) => h("label", { class: "box" },
    h("input", { type: "checkbox", value, checked: chosen.includes(value) }),
    h("span", {}, label, more ? h("small", {}, more) : null)));
  return group(place, legend, kind(choices), made, hint);
}

/** One of several. */
export function radios(place, legend, name, choices, chosen) {
  const made = choices.map(({ value, label, more }) => h("label", { class: "box" },
    h("input", { type: "radio", name, value, checked: value === chosen }),
    h("span", {}, label, more ? h("small", {}, more) : null)));
  return group(place, legend, kind(choices), made);
}

/** Choices that are explained stand below each other. */
function kind(choices) {
  return choices.some(({ more }) => more) ? "boxes long" : "boxes";
}

function group(place, legend, name, made, hint = null) {
  return h("fieldset", { class: "field" },
    h("legend", {}, legend), h("div", { class: name }, made), h("p", { class: "hint", hidden: !hint }, hint),
    h("p", { class: "fault", role: "alert", "data-place": place }));
}

/** One box to tick, with what it means. */
export function tick(control, label, hint) {
  return h("div", { class: "field" }, h("label", { class: "box" }, control, h("span", {}, label, h("small", {}, hint))));
}

/** What is ticked. */
export function ticked(within) {
  return [...within.querySelectorAll("input:checked")].map((input) => input.value);
}

/** Put every complaint beside its field; what has none stands above the buttons. */
export function complain(form, refused, office) {
  for (const fault of form.querySelectorAll(".fault")) put(fault);
  const rest = form.querySelector(".fault.rest");
  const left = [];
  for (const { place, text } of refused?.errors ?? []) {
    const sentence = clean(office.reader.of(text));
    const fault = nearest(form, place);
    if (fault) put(fault, fault.textContent ? `${fault.textContent} · ${sentence}` : sentence);
    else left.push(sentence);
  }
  if (!refused?.errors?.length) left.push(office.sentence(refused));
  put(rest, left.join(" · "));
  (form.querySelector(".fault:not(:empty)")?.parentElement.querySelector("input, select, textarea") ?? rest).focus?.();
}

/** The field of a place, or of what it lies in: "#/phone/queues/1" is a matter of "#/phone/queues". */
function nearest(form, place) {
  for (let at = place; at.length > 1; at = at.slice(0, at.lastIndexOf("/"))) {
    const fault = [...form.querySelectorAll("[data-place]")].find((one) => one.dataset.place === at);
    if (fault && !fault.closest("[hidden]")) return fault;
  }
  return null;
}

/** A secret, shown this once. */
export function once(office, title, hint, secret) {
  const { t } = office;
  const text = h("output", { class: "secret", id: "secret", tabindex: "0" }, secret);
  const copy = h("button", {
    type: "button", class: "secondary",
    on: {
      click: async () => {
        try {
          await navigator.clipboard.writeText(secret);
          copy.textContent = t.copied;
        } catch {
          getSelection().selectAllChildren(text); // without a secure context there is no clipboard
        }
      },
    },
  }, t.copy);
  const dialog = h("dialog", { class: "sheet", "aria-label": title, on: { close: () => dialog.remove() } },
    h("form", { method: "dialog" },
      h("h2", {}, title), h("p", {}, hint), text,
      h("div", { class: "acts" }, copy, h("button", { class: "primary" }, t.got_key))));
  document.body.append(dialog);
  dialog.showModal();
}

/** A sheet with a form in it. `send` is asked when it is submitted, and closes the sheet unless it fails. */
export function sheet(office, title, content, actText, send) {
  const act = h("button", { class: "primary", type: "submit" }, actText);
  const close = () => dialog.close();
  const form = h("form", {
    novalidate: true,
    on: {
      submit: async (event) => {
        event.preventDefault();
        if (act.disabled) return;
        act.disabled = true;
        try {
          await send(form);
          close();
        } catch (refused) {
          if (refused !== null && !(refused instanceof Refusal)) throw refused; // a slip of ours
          complain(form, refused, office);
        } finally {
          act.disabled = false;
        }
      },
    },
  },
  h("h2", {}, title), content,
  h("p", { class: "fault rest", role: "alert", tabindex: "-1" }),
  h("div", { class: "acts" }, h("button", { class: "secondary", type: "button", on: { click: close } }, office.t.cancel), act));
  const dialog = h("dialog", { class: "sheet", "aria-label": title, on: { close: () => dialog.remove() } }, form);
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
