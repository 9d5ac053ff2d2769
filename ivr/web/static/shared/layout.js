// What the pages beside the desk share: the top, the language, light or dark, a notice, and asking before it is too late.

import { Api } from "./api.js";
import { clean, h, memo, put, theirs } from "./dom.js";
import { load, Reader } from "./i18n.js";
import { icon } from "./icons.js";

const NOTICE_MS = 6000;
const AREAS = { account: ["shared", "admin"], admin: ["shared", "admin"], floor: ["shared", "calls", "floor"] };
const root = document.documentElement;
const place = (id) => document.getElementById(id);

export class Office {
  /** `here` is the page that this is: "account", "floor" or "admin"; `draw` draws it anew. */
  static async open(here, draw) {
    return new Office(here, draw, await load(...AREAS[here]));
  }

  constructor(here, draw, texts) {
    this.here = here;
    this.draw = draw;
    this.me = null;
    this.api = new Api(document.querySelector("#sign-out input").value);
    this.reader = new Reader(root.lang, texts);
    this.drawTop = memo((_language, ...shown) => put(place("top"), ...this.top(...shown)));
  }

  get t() {
    return this.reader.t;
  }

  async start() {
    this.redraw();
    try {
      this.me = await this.api.get("/me");
    } catch (refused) {
      this.complain(refused);
    }
    this.redraw();
  }

  redraw() {
    document.title = this.t.page_titles[this.here];
    this.drawTop(this.reader.language, this.me?.role, Boolean(this.me?.agent));
    this.draw();
  }

  top(role, hasDesk) {
    const { t, reader: { other } } = this;
    const link = (name, href) => h("a", { href, "aria-current": name === this.here ? "page" : null }, t.page_titles[name]);
    const tool = (title, content, act) => h("button", {
      type: "button", class: "tool", title, "aria-label": title, on: { click: act },
    }, content);
    return [
      h("nav", { "aria-label": t.pages },
        hasDesk ? link("desk", "/") : null,
        role === "supervisor" || role === "admin" ? link("floor", "/floor") : null,
        role === "admin" ? link("admin", "/admin") : null,
        link("account", "/account")),
      h("div", { class: "tools" },
        tool(other.switch_to_this, other.switch_to_this_short, () => this.switchLanguage()),
        tool(t.switch_theme, icon("theme"), switchTheme),
        tool(t.sign_out, icon("exit"), () => place("sign-out").requestSubmit())),
    ];
  }

  switchLanguage() {
    this.read(this.reader.next);
    this.api.ask("PATCH", "/me", { language: this.reader.language }, true).catch(() => undefined); // not worth a word
  }

  read(language) {
    this.reader = new Reader(language, this.reader.texts);
    root.lang = language;
    this.redraw();
  }

  notice(text) {
    clearTimeout(this.noticeTimer);
    place("notice").textContent = text;
    this.noticeTimer = setTimeout(() => { place("notice").textContent = ""; }, NOTICE_MS);
  }

  /** What went wrong where no field can say it. */
  complain(refused) {
    this.notice(this.sentence(refused));
  }

  sentence(refused) {
    if (refused === null || refused === undefined) return this.t.nobody_there;
    return clean(this.reader.of(refused.title)) || this.t.failed;
  }

  /** A dialog with a question, an act that cannot be undone, and a way out; resolves with whether it is wanted. */
  sure(question, more, act) {
    return new Promise((decided) => {
      const dialog = h("dialog", { class: "sheet small", on: { close: () => { dialog.remove(); decided(dialog.returnValue === "yes"); } } },
        h("form", { method: "dialog" },
          theirs(question, "title", "h2"), h("p", { class: "quiet" }, more),
          h("div", { class: "acts" },
            h("button", { class: "secondary", value: "no", autofocus: true }, this.t.cancel),
            h("button", { class: "primary warn", value: "yes" }, act))));
      document.body.append(dialog);
      dialog.showModal();
    });
  }
}

function switchTheme() {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    // Then it holds until the page is closed.
  }
}
