// Everybody who works here: a list, and a sheet for one of them.

import { boxes, field, radios, sheet, tick, ticked } from "../shared/forms.js";
import { clean, h, put, theirs } from "../shared/dom.js";

const ROLES = ["agent", "supervisor", "admin"];
const ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

export class PeopleTab {
  constructor(office) {
    this.office = office;
    this.people = null;
    this.queues = [];
    this.find = h("input", { type: "search", class: "find", on: { input: () => this.list() } });
    // made once, so that the focus finds it again after a sheet
    this.add = h("button", { type: "button", class: "primary", id: "add-person", on: { click: () => this.open(null) } });
    this.rows = h("ul", { class: "rows people" });
    this.head = h("header", { class: "head" });
    this.element = h("div", {}, this.head, this.rows);
  }

  async load() {
    try {
      const [people, queues] = await Promise.all([this.office.api.get("/people"), this.office.api.get("/queues")]);
      this.people = people.items;
      this.queues = queues.items;
    } catch (refused) {
      this.office.complain(refused);
    }
    this.draw();
  }

  draw() {
    const { t } = this.office;
    this.find.placeholder = t.find_person;
    this.find.setAttribute("aria-label", t.find_person);
    const working = this.people?.filter((one) => one.active).length ?? 0;
    this.add.textContent = t.add_person;
    put(this.head, h("h1", { class: "unseen" }, t.tabs.people),
      h("p", {}, this.people ? t.so_many(this.people.length, working) : ""), this.find, this.add);
    this.list();
  }

  list() {
    const { t } = this.office;
    if (!this.people) return;
    const wanted = this.find.value.trim().toLowerCase();
    const found = this.people.filter((one) => `${one.name} ${one.login}`.toLowerCase().includes(wanted));
    put(this.rows, found.length ? found.map((person) => this.row(person)) : h("li", { class: "quiet none" }, t.nobody_found));
  }

  row(person) {
    const { t, reader } = this.office;
    const titles = (person.phone?.queues ?? []).map((name) => reader.of(this.queues.find((one) => one.name === name)?.title) || name);
    return h("li", { class: person.active ? null : "off" },
      h("button", { type: "button", class: "row", "data-login": person.login, on: { click: () => this.open(person) } },
        h("span", { class: "who" }, theirs(person.name, "name"), theirs(person.login, "login")),
        h("span", { class: `role ${person.role}` }, t.roles[person.role], person.active ? null : h("em", {}, t.inactive)),
        person.phone
          ? h("span", { class: "phone" }, theirs(person.phone.interface, "interface"), h("span", { class: "quiet" }, titles.join(" · ")))
          : h("span", { class: "phone quiet" }, t.no_phone)));
  }

  open(person) {
    const { office } = this;
    const { t } = office;
    const form = new PersonForm(office, person, this.queues, () => this.load());
    const dialog = sheet(office, person ? clean(person.name) : t.add_person, form.parts(), person ? t.save : t.add_person, async () => {
      await form.send();
      await this.load();
      office.notice(t.saved(clean(form.name.value)));
    });
    dialog.addEventListener("close", () => {
      if (person) this.rows.querySelector(`[data-login="${CSS.escape(person.login)}"]`)?.focus(); // the row is a new one
    });
  }
}

class PersonForm {
  constructor(office, person, queues, changed) {
    this.office = office;
    this.person = person;
    this.queues = queues;
    this.changed = changed;
    const text = (value, attributes = {}) => h("input", { value: clean(value), autocomplete: "off", spellcheck: "false", ...attributes });
    this.name = text(person?.name, { maxlength: 200, required: true });
    this.login = text("", { maxlength: 64, autocapitalize: "none", required: true });
    this.password = text("", { maxlength: 1024, autocomplete: "new-password", autocapitalize: "none" });
    const phone = person?.phone ?? null;
    this.hasPhone = h("input", { type: "checkbox", checked: person ? Boolean(phone) : true, on: { change: () => this.fold() } });
    this.interface = text(phone?.interface, { maxlength: 200, placeholder: "PJSIP/1001", autocapitalize: "none" });
    this.skills = text(Object.entries(phone?.skills ?? {}).map(([skill, level]) => `${skill}=${level}`).join(", "), { autocapitalize: "none" });
    this.region = text(phone?.region ?? "", { maxlength: 200 });
    this.perCall = text(person?.allowance?.per_call ?? "", { maxlength: 9, inputmode: "decimal" });
    this.perDay = text(person?.allowance?.per_day ?? "", { maxlength: 9, inputmode: "decimal" });
    this.active = h("input", { type: "checkbox", checked: person?.active ?? true });
    this.letGo = h("input", { type: "checkbox" });
  }

  parts() {
    const { t } = this.office;
    const { person } = this;
    this.role = radios("#/role", t.role, "role", ROLES.map((value) => ({ value, label: t.roles[value], more: t.role_may[value] })), person?.role ?? "agent");
    this.phone = h("div", { class: "fold" }, ...this.phoneParts());
    const suggest = h("button", { type: "button", class: "link", on: { click: () => { this.password.value = suggestion(); this.password.select(); } } }, t.suggest);
    const parts = [
      field("#/name", t.name, this.name, t.name_hint),
      person ? null : field("#/login", t.login, this.login, t.login_hint),
      this.role,
      person ? tick(this.active, t.active, t.active_hint) : null,
      tick(this.hasPhone, t.has_phone, t.has_phone_hint),
      this.phone,
      h("div", { class: "with-link" }, field("#/password", person ? t.new_password : t.password, this.password, person ? t.new_password_hint : t.password_hint), suggest),
      person?.linked ? tick(this.letGo, t.let_go, t.let_go_hint) : null,
      person?.second_factor ? this.secondFactor() : null,
    ];
    this.fold();
    return parts;
  }

  /** Done at once and not with the rest of the form: it is asked first, and cannot be undone. One's own is at /account. */
  secondFactor() {
    const { office, person } = this;
    const { t } = office;
    if (person.login === office.me.login) return h("p", { class: "hint" }, t.own_factor);
    const said = h("p", { class: "fault", role: "alert" });
    const reset = async () => {
      if (!(await office.sure(t.factor_sure(clean(person.name)), t.factor_more, t.factor_reset))) return;
      try {
        await office.api.ask("DELETE", `/people/${encodeURIComponent(person.login)}/second-factor`);
        const done = h("p", { class: "hint", role: "status", tabindex: "-1" }, t.factor_done);
        put(place, done);
        done.focus(); // the button is gone, and who works by keyboard goes on from here
        await this.changed();
      } catch (refused) {
        put(said, office.sentence(refused));
      }
    };
    const place = h("div", { class: "field" },
      h("button", { type: "button", class: "secondary", id: "reset-factor", on: { click: reset } }, t.factor_reset),
      h("p", { class: "hint" }, t.factor_hint), said);
    return place;
  }

  phoneParts() {
    const { t, reader } = this.office;
    const phone = this.person?.phone;
    const choices = this.queues.map(({ name, title }) => ({ value: name, label: reader.of(title) || name }));
    // a queue that the dialogues have no more stays ticked, so that saving something else does not fail in silence
    const gone = (phone?.queues ?? []).filter((name) => !this.queues.some((one) => one.name === name)).map((name) => ({ value: name, label: name }));
    this.inQueues = boxes("#/phone/queues", t.queues, [...choices, ...gone], phone?.queues ?? []);
    this.speaks = boxes("#/phone/languages", t.speaks, Object.entries(t.languages).map(([value, label]) => ({ value, label })), phone?.languages ?? ["en"]);
    return [
      field("#/phone/interface", t.interface, this.interface, t.interface_hint),
      this.inQueues, this.speaks,
      field("#/phone/skills", t.skills, this.skills, t.skills_hint),
      field("#/phone/region", t.region, this.region, t.region_hint),
      h("div", { class: "pair" },
        field("#/allowance/per_call", t.per_call, this.perCall, t.allowance_hint), field("#/allowance/per_day", t.per_day, this.perDay)),
    ];
  }

  fold() {
    this.phone.hidden = !this.hasPhone.checked;
  }

  async send() {
    const { api } = this.office;
    const body = { name: this.name.value.trim(), role: ticked(this.role)[0], phone: this.phoneValue(), allowance: this.allowance() };
    if (!this.person) {
      const password = this.password.value ? { password: this.password.value } : {};
      await api.ask("POST", "/people", { ...body, ...password, login: this.login.value.trim(), language: this.office.reader.language });
      return;
    }
    const path = `/people/${encodeURIComponent(this.person.login)}`;
    // the password first: when it is refused, nothing else has been done yet
    if (this.password.value) await api.ask("POST", `${path}/password`, { password: this.password.value });
    await api.ask("PATCH", path, { ...body, active: this.active.checked, ...(this.letGo.checked ? { linked: false } : {}) });
  }

  phoneValue() {
    if (!this.hasPhone.checked) return null;
    return {
      interface: this.interface.value.trim(), queues: ticked(this.inQueues), languages: ticked(this.speaks),
      skills: skills(this.skills.value), region: this.region.value.trim() || null,
    };
  }

  /** Nothing in either field: as much as all; what is in only one of them, the server complains of. */
  allowance() {
    const per_call = this.perCall.value.trim();
    const per_day = this.perDay.value.trim();
    return this.hasPhone.checked && (per_call || per_day) ? { per_call, per_day } : null;
  }
}

/** "delivery=9, returns=7" as an object; what is no number is left for the server to complain of. */
function skills(text) {
  const pairs = text.split(/[,，]/u).map((part) => part.trim()).filter(Boolean).map((part) => part.split("=").map((side) => side.trim()));
  return Object.fromEntries(pairs.map(([skill, level]) => [skill, /^\d+$/u.test(level ?? "") ? Number(level) : level ?? null]));
}

/** Sixteen characters that nobody reads wrongly: 93 bits. */
function suggestion() {
  const limit = 256 - (256 % ALPHABET.length); // no character likelier than another
  let made = "";
  while (made.length < 16) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      if (byte < limit && made.length < 16) made += ALPHABET[byte % ALPHABET.length];
    }
  }
  return made;
}
