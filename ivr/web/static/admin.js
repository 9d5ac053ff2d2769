// Administration: people, API keys, webhooks, and who did what; each in a tab that the address remembers.

import { h, put } from "./dom.js";
import { KeysTab } from "./admin-keys.js";
import { PeopleTab } from "./admin-people.js";
import { TrailTab } from "./admin-trail.js";
import { WebhooksTab } from "./admin-webhooks.js";
import { Office } from "./office.js";

const NAMES = ["people", "keys", "webhooks", "trail"];
const main = document.getElementById("main");
const office = new Office("admin", draw);
const tabs = {
  people: new PeopleTab(office), keys: new KeysTab(office), webhooks: new WebhooksTab(office), trail: new TrailTab(office),
};
const buttons = Object.fromEntries(NAMES.map((name) => [name, h("button", {
  type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`,
  on: { click: () => show(name), keydown: (event) => arrow(event, name) },
})]));
const panels = Object.fromEntries(NAMES.map((name) => [name, h("section", {
  role: "tabpanel", id: `panel-${name}`, class: "panel", "aria-labelledby": `tab-${name}`,
}, tabs[name].element)]));
let shown = null;

put(main, h("div", { class: "tabs", role: "tablist" }, Object.values(buttons)), Object.values(panels));

function show(name, focus = false) {
  if (location.hash !== `#${name}`) history.replaceState(null, "", `#${name}`);
  const fresh = shown !== name;
  shown = name;
  draw();
  if (focus) buttons[name].focus();
  if (fresh) tabs[name].load();
}

function draw() {
  for (const name of NAMES) {
    buttons[name].textContent = office.t[`tab_${name}`];
    buttons[name].setAttribute("aria-selected", String(name === shown));
    buttons[name].tabIndex = name === shown ? 0 : -1;
    panels[name].hidden = name !== shown;
  }
  if (shown) tabs[shown].draw();
}

function arrow(event, name) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  show(NAMES[(NAMES.indexOf(name) + step + NAMES.length) % NAMES.length], true);
}

function fromAddress() {
  const name = location.hash.slice(1);
  show(NAMES.includes(name) ? name : "people");
}

addEventListener("hashchange", fromAddress);
office.start().then(fromAddress);
