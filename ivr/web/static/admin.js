// Administration: people, API keys, webhooks, and who did what.

import { KeysTab } from "./admin-keys.js";
import { PeopleTab } from "./admin-people.js";
import { TrailTab } from "./admin-trail.js";
import { WebhooksTab } from "./admin-webhooks.js";
import { Office } from "./office.js";
import { Tabs } from "./tabs.js";

const office = new Office("admin", () => tabs?.draw());
const tabs = new Tabs(document.getElementById("main"), office, {
  people: new PeopleTab(office), keys: new KeysTab(office), webhooks: new WebhooksTab(office), trail: new TrailTab(office),
});

office.start().then(() => tabs.fromAddress());
