// The customer in another system's pages: a link on the card, and a tab that comes by itself where the house wants that.

import { h } from "../../shared/dom.js";

// One name, so that the next customer comes into the same tab.
const TAB = "ivr-customer";

/** The address, if it is one that a link may have. */
function address(pop) {
  try {
    const url = new URL(pop?.url ?? "");
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

export function popLink(pop, t) {
  const href = address(pop);
  return href ? h("a", { class: "elsewhere", href, target: "_blank", rel: "noopener" }, t.open_elsewhere) : null;
}

export class PopUp {
  constructor() {
    this.rang = new Set();
  }

  /** Open the tab once, when a call that rang here is answered; a browser may forbid it, and the link stays. */
  look(card) {
    if (card.state === "ringing" && !card.gone) {
      this.rang.add(card.call);
      return;
    }
    if (card.state !== "connected" || card.gone) {
      this.rang.delete(card.call);
      return;
    }
    const href = card.pop?.at_once ? address(card.pop) : null;
    if (!href || !this.rang.delete(card.call)) return;
    // Of several windows of one agent the one that is seen.
    if (document.visibilityState === "visible") window.open(href, TAB);
  }
}
