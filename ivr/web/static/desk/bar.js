// The top of the page: my state, the queues, and what is wrong with a line, in the place of what then does not work.

import { clean, counter, h, memo, put, theirs } from "../shared/dom.js";
import { icon } from "../shared/icons.js";

const QUEUES_SHOWN = 3;

export class Bar {
  /** `act` has setState(state, reason), language(), theme(), help() and signOut(). */
  constructor(element, act) {
    this.act = act;
    this.state = h("div", { class: "mine" });
    this.menu = h("div", { class: "menu", role: "menu", hidden: true, on: { keydown: (event) => this.move(event) } });
    this.trouble = h("div", { class: "trouble", role: "status", hidden: true });
    this.queues = h("ul", { class: "waiting" });
    this.phone = h("p", { class: "phone", role: "status" });
    this.tools = h("div", { class: "tools" });
    element.append(this.state, this.menu, this.trouble, this.queues, this.phone, this.tools);
    this.drawState = memo((_language, ...shown) => put(this.state, this.button(...shown)));
    this.drawMenu = memo((_language, ...shown) => put(this.menu, ...this.items(...shown)));
    this.drawTrouble = memo((_language, ...shown) => this.troubled(...shown));
    this.drawQueues = memo((_language, ...shown) => put(this.queues, ...this.waiting(...shown)));
    this.drawPhone = memo((_language, state) => this.phoned(state));
    this.drawTools = memo((_language, oversees) => put(this.tools, ...this.buttons(oversees)));
    document.addEventListener("click", (event) => {
      if (!this.menu.hidden && !element.contains(event.target)) this.toggle(false);
    });
  }

  draw(model, reader, phone) {
    this.reader = reader;
    this.drawPhone(reader.language, phone.state);
    const { language } = reader;
    const trouble = model.link.state === "opening" || model.link.state === "open" ? null : model.link;
    this.drawState(language, model.agent?.name ?? "", model.state, model.pauseReasons, model.link.state);
    this.drawMenu(language, model.state, model.pauseReasons);
    this.drawTrouble(language, trouble, model.asterisk);
    this.drawQueues(language, model.queues, Boolean(model.card()));
    this.drawTools(language, model.oversees);
  }

  button(name, { state, reason, since }, reasons, link) {
    const { t } = this.reader;
    const title = reason && this.reader.of(reasons.find((one) => one.id === reason)?.title);
    const text = link === "opening" ? t.connecting : title || (reason && state === "paused" ? reason : t.states[state]);
    const from = Date.parse(since);
    return h("button", {
      type: "button", class: "state", id: "state", "data-state": state, "aria-haspopup": "menu",
      "aria-expanded": String(!this.menu.hidden), "aria-label": `${text}. ${t.change_state}`, title: clean(name),
      on: { click: () => this.toggle() },
    },
    h("span", { class: "lamp", "aria-hidden": "true" }), theirs(text, "text"),
    Number.isNaN(from) ? null : counter(from), icon("down"));
  }

  items({ state, reason }, reasons) {
    const { t } = this.reader;
    const item = (text, chosen, ...wanted) => h("button", {
      type: "button", role: "menuitemradio", "aria-checked": String(chosen), tabindex: "-1",
      on: { click: () => this.choose(...wanted) },
    }, theirs(text), chosen ? icon("check") : null);
    const pauses = reasons.length ? reasons : [{ id: null, title: { [this.reader.language]: t.states.paused } }];
    return [
      item(t.states.available, state === "available", "available", null),
      h("p", { class: "label", "aria-hidden": "true" }, t.pause_for),
      ...pauses.map((one) => item(this.reader.of(one.title), state === "paused" && one.id === reason, "paused", one.id)),
    ];
  }

  toggle(open = this.menu.hidden) {
    this.menu.hidden = !open;
    const button = this.state.firstChild;
    button?.setAttribute("aria-expanded", String(open));
    if (open) this.menu.querySelector("[role]").focus();
    else if (this.menu.contains(document.activeElement)) button?.focus();
  }

  move(event) {
    const items = [...this.menu.querySelectorAll("[role]")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      this.toggle(false);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  choose(state, reason) {
    this.menu.hidden = true;
    this.state.firstChild?.setAttribute("aria-expanded", "false");
    this.state.firstChild?.focus();
    this.act.setState(state, reason);
  }

  troubled(link, asterisk) {
    const { t } = this.reader;
    const lost = asterisk === "lost";
    this.trouble.hidden = !link && !lost;
    this.state.hidden = this.queues.hidden = !this.trouble.hidden;
    this.trouble.dataset.kind = link?.state ?? "asterisk";
    if (this.trouble.hidden) return;
    this.toggle(false);
    const out = link?.state === "signed_out";
    const [title, more] = out ? [t.signed_out, t.signed_out_more]
      : link ? [t.lost, t.lost_more] : [t.asterisk_lost, t.asterisk_lost_more];
    put(this.trouble,
      h("p", {}, h("b", {}, title), " ", more),
      out ? h("a", { class: "primary", href: "/sign-in" }, t.sign_in) : null,
      link?.state === "lost" ? h("span", { class: "retry", "data-until": String(link.retryAt ?? 0), "aria-hidden": "true" }) : null,
    );
    this.count();
  }

  /** Seconds until the next try; called with every tick. */
  count() {
    const place = this.trouble.querySelector("[data-until]");
    if (!place) return;
    const left = Math.ceil((Number(place.dataset.until) - Date.now()) / 1000);
    place.textContent = left > 0 ? this.reader.t.retry(left) : this.reader.t.retrying;
  }

  /** Beside a card the queues shrink to a line; the idle page shows them at length. */
  waiting(queues, beside) {
    if (!beside) return [];
    const busiest = [...queues].sort((a, b) => b.waiting - a.waiting).slice(0, QUEUES_SHOWN);
    return queues.filter((queue) => busiest.includes(queue)).map((queue) => h("li", {},
      theirs(this.reader.of(queue.title) || queue.name), " ", h("b", {}, String(queue.waiting))));
  }

  /** The phone in this page, where there is one. */
  phoned(state) {
    this.phone.hidden = state === "off";
    this.phone.dataset.state = state;
    put(this.phone, icon("phone"), h("span", { class: "text" }, this.reader.t.phone[state] ?? ""));
    this.phone.title = this.reader.t.phone[state] ?? "";
  }

  buttons(oversees) {
    const { t, other } = this.reader;
    const tool = (name, title, content, act) => h("button", {
      type: "button", class: `tool ${name}`, title, "aria-label": title, on: { click: act },
    }, content);
    return [
      tool("language", other.switch_to_this, other.switch_to_this_short, this.act.language),
      tool("theme", t.switch_theme, icon("theme"), this.act.theme),
      tool("keys", t.keys, icon("help"), this.act.help),
      oversees ? h("a", { class: "tool", href: "/floor", title: t.page_titles.floor, "aria-label": t.page_titles.floor }, icon("floor")) : null,
      h("a", { class: "tool", href: "/account", title: t.page_titles.account, "aria-label": t.page_titles.account }, icon("person")),
      tool("exit", t.sign_out, icon("exit"), this.act.signOut),
    ];
  }
}
