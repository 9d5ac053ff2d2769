// The floor: what goes on now, the calls that were, and what they say together.

import { CallBacksTab } from "./floor-call-backs.js";
import { CallsTab } from "./floor-calls.js";
import { NowTab } from "./floor-now.js";
import { ReportTab } from "./floor-report.js";
import { StoryView } from "./floor-story.js";
import { tick } from "./dom.js";
import { Office } from "./office.js";
import { Tabs } from "./tabs.js";

const office = new Office("floor", () => {
  tabs?.draw();
  story?.redraw();
});
const story = new StoryView(document.getElementById("story"), office);
const now = new NowTab(office, story);
const tabs = new Tabs(document.getElementById("main"), office, {
  now, calls: new CallsTab(office, story), call_backs: new CallBacksTab(office, story), report: new ReportTab(office),
});

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.isComposing) return;
  if (event.key === "Escape") story.close();
  const writing = event.target.matches?.("textarea, input, select");
  if (event.key.toLowerCase() === "x" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat) story.pressed();
});
setInterval(() => tick(Date.now() + now.ahead), 1000);
office.start().then(() => {
  tabs.fromAddress();
  now.open();
});
