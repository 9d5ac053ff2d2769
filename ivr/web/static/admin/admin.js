// Administration: people, API keys, webhooks, and who did what.

import { KeysTab } from "./keys.js";
import { PeopleTab } from "./people.js";
import { TrailTab } from "./trail.js";
import { WebhooksTab } from "./webhooks.js";
import { Office } from "../shared/layout.js";
import { Tabs } from "../shared/tabs.js";

const office = await Office.open("admin", () => tabs?.draw());
const tabs = new Tabs(document.getElementById("main"), office, {
  people: new PeopleTab(office), keys: new KeysTab(office), webhooks: new WebhooksTab(office), trail: new TrailTab(office),
});

office.start().then(() => tabs.fromAddress());
