// A call becomes a test of the corpus, on the floor.

import { AS_IT_IS, NONE, make } from "../shared/call_test.js";
import { clean, h } from "../shared/dom.js";
import { sheet } from "../shared/forms.js";
import { labelled } from "../shared/listing.js";

/** The floor's sheet, over a call that is over. */
export async function testSheet(office, call, done) {
  const { t, reader } = office;
  const { items } = await office.api.get("/intents");
  const option = (value, text) => h("option", { value }, text);
  const about = h("select", { id: "test-about" },
    option(AS_IT_IS, t.test_as_it_is),
    items.map((one) => option(`intent ${one.name}`, clean(reader.of(one.title)))),
    option(NONE, t.test_none));
  sheet(office, t.test_title, [labelled(about, t.test_find), h("p", { class: "quiet" }, t.test_about)], t.test_make, async () => {
    done(await make(office.api, call, about.value));
  });
  about.focus();
}
