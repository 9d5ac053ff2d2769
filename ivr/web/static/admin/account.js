// Who one is here, one's own password, and one's second factor.

import { h, put, theirs } from "../shared/dom.js";
import { complain, field } from "../shared/forms.js";
import { Office } from "../shared/layout.js";
import { SecondFactor } from "./second_factor.js";

const main = document.getElementById("main");
const office = await Office.open("account", draw);
const old = h("input", { type: "password", autocomplete: "current-password", maxlength: 1024, required: true });
const fresh = h("input", { type: "password", autocomplete: "new-password", maxlength: 1024, required: true });
const form = h("form", { novalidate: true, class: "narrow", on: { submit: change } });

const second = new SecondFactor(office);

function draw() {
  const { t, me } = office;
  if (!me) return;
  put(form,
    h("h2", {}, t.change_password),
    // hidden from the eye, for whatever keeps passwords
    h("input", { type: "text", autocomplete: "username", value: me.login, class: "unseen", tabindex: "-1", "aria-hidden": "true", readonly: true }),
    field("#/old", t.old_password, old), field("#/new", t.fresh_password, fresh, t.fresh_hint),
    h("p", { class: "fault rest", role: "alert", tabindex: "-1" }),
    h("button", { class: "primary" }, t.change_password));
  put(main, h("div", { class: "panel" },
    theirs(me.name, "title", "h1"),
    h("dl", { class: "facts" },
      h("div", {}, h("dt", {}, t.login), theirs(me.login, "", "dd")),
      h("div", {}, h("dt", {}, t.role), h("dd", {}, t.roles[me.role])),
      h("div", {}, h("dt", {}, t.calls_reach), h("dd", {}, me.agent ? t.at_the_desk : t.not_at_all))),
    me.second_factor_missing ? [second.draw(), form] : [form, second.draw()]));
}

async function change(event) {
  event.preventDefault();
  const { t } = office;
  try {
    await office.api.ask("POST", "/me/password", { old: old.value, new: fresh.value });
    old.value = fresh.value = "";
    // the session is a new one, and so is the token of its pages
    office.notice(t.password_changed);
    setTimeout(() => location.reload(), 1500);
  } catch (refused) {
    complain(form, refused, office);
  }
}

office.start();
