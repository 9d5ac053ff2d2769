// One's own second factor: set up in three steps (password, app, recovery codes), or removed with the password.

import { h, put } from "../shared/dom.js";
import { complain, field } from "../shared/forms.js";

export class SecondFactor {
  constructor(office) {
    this.office = office;
    this.box = h("section", { class: "narrow second", "aria-live": "polite" });
    this.made = null; // what the app must know, while it is being set up
    this.codes = null; // recovery codes, until they are kept
    this.password = h("input", { type: "password", autocomplete: "current-password", maxlength: 1024, required: true });
    this.code = h("input", { type: "text", autocomplete: "one-time-code", inputmode: "numeric", maxlength: 10, required: true });
  }

  draw() {
    const { t } = this.office;
    put(this.box, h("h2", {}, t.second_factor), this.codes ? this.recovery() : this.made ? this.app() : this.proof());
    return this.box;
  }

  /** The password first: whoever finds an open page must not be able to lock its owner out. */
  proof() {
    const { t, me } = this.office;
    const [said, button] = me.second_factor ? [t.second_factor_on, t.second_factor_remove]
      : [me.second_factor_missing ? t.second_factor_missing : t.second_factor_off, t.second_factor_begin];
    return this.form(async () => {
      const path = me.second_factor ? "/me/second-factor/remove" : "/me/second-factor";
      const made = await this.office.api.ask("POST", path, { password: this.password.value });
      this.password.value = "";
      if (made === null) return location.assign("/sign-in");
      this.made = made;
      this.draw();
      this.code.focus();
    }, h("p", { class: "hint" }, said), field("#/password", t.second_factor_proof, this.password), button);
  }

  app() {
    const { t } = this.office;
    return this.form(async () => {
      this.codes = (await this.office.api.ask("POST", "/me/second-factor/confirm", { code: this.code.value })).recovery_codes;
      this.draw();
      this.box.querySelector("button").focus();
    },
    h("p", { class: "hint" }, t.second_factor_scan),
    h("img", { class: "picture", src: this.made.picture, alt: t.second_factor_picture }),
    h("p", { class: "secret" }, t.second_factor_secret, " ", h("code", {}, this.made.secret.match(/.{1,4}/g).join(" "))),
    field("#/code", t.second_factor_code, this.code), t.second_factor_confirm);
  }

  /** The session is a new one, and so is the token of its pages: hence the reload. */
  recovery() {
    const { t } = this.office;
    return h("div", {},
      h("h3", {}, t.recovery_codes), h("p", { class: "hint" }, t.recovery_keep),
      h("ol", { class: "codes" }, this.codes.map((code) => h("li", {}, h("code", {}, code)))),
      h("button", { class: "primary", on: { click: () => location.reload() } }, t.recovery_kept));
  }

  form(send, ...parts) {
    const form = h("form", { novalidate: true, on: { submit: async (event) => {
      event.preventDefault();
      try {
        await send();
      } catch (refused) {
        complain(form, refused, this.office);
      }
    } } }, parts.slice(0, -1), h("p", { class: "fault rest", role: "alert", tabindex: "-1" }), h("button", { class: "primary" }, parts.at(-1)));
    return form;
  }
}
