// A call becomes a test of the corpus, at the desk: what was it about, if the machine was wrong?

import { AS_IT_IS, NONE, make } from "../../shared/call_test.js";
import { clean, h } from "../../shared/dom.js";
import { fits } from "../phone/transfer.js";

/** The desk's panel. `title` is what the call was understood as, `done(made)` is told, refusals come back as texts. */
export function testPanel(call, title, intents, api, reader, done) {
  const { t } = reader;
  const as = reader.of(title);
  const choices = [
    { id: AS_IT_IS, title: as || t.test_unknown, about: t.test_as_it_is },
    ...intents.filter((one) => reader.of(one.title) !== as).map((one) => ({ id: `intent ${one.name}`, title: reader.of(one.title), about: reader.of(one.queue) })),
    { id: NONE, title: t.test_none, about: t.test_none_about },
  ];
  return {
    call,
    over: true,
    title: t.test_title,
    find: t.test_find,
    items: (text) => choices.filter((one) => fits(text, one.title, one.about)),
    empty: () => t.nothing_fits,
    fields: [h("p", { class: "quiet" }, t.test_about)],
    buttons: [{
      title: t.test_make,
      key: "Enter",
      run: async (one) => {
        try {
          done(await make(api, call, one.id));
          return null;
        } catch (refused) {
          return refused ? clean(reader.of(refused.title)) || t.test_failed : t.not_connected;
        }
      },
    }],
  };
}
