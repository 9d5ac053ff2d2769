// The floor: what goes on now, the calls that were, and what they say together.

import { CallBacksTab } from "./call_backs.js";
import { CallsTab } from "./calls.js";
import { NowTab } from "./now.js";
import { ReportTab } from "./report.js";
import { StoryView } from "./story.js";
import { tick } from "../shared/dom.js";
import { Office } from "../shared/layout.js";
import { Tabs } from "../shared/tabs.js";

const office = await Office.open("floor", () => {
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
