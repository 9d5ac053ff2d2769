// The sound of a call, for those who may hear it: the caller on the left, the machine on the right.

import { h, put } from "./dom.js";

export class Player {
  constructor() {
    this.element = h("section", { class: "player" });
    this.shown = "";
  }

  /** For a call, or nothing; what plays goes on while the rest of the page is drawn anew. */
  draw(call, t, language) {
    const wanted = call ? `${language} ${call}` : "";
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.element.hidden = !call;
    put(this.element, ...(call ? [
      h("h2", {}, t.recording),
      h("audio", {
        controls: true, controlslist: "nodownload", preload: "none", "aria-label": t.recording, src: `/api/v1/calls/${encodeURIComponent(call)}/recording`,
      }),
      h("p", { class: "quiet" }, t.recording_about),
    ] : []));
  }
}
