// One reader: a language and the way it writes days, times and names of things.

import { TEXTS } from "./texts.js";

const DAY_MS = 86_400_000;

export class Reader {
  constructor(language, now = () => Date.now(), texts = TEXTS) {
    this.language = language === "zh" ? "zh" : "en";
    this.t = texts[this.language];
    this.now = now;
    const format = (options) => new Intl.DateTimeFormat(this.t.locale, options);
    this.timeFormat = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.dayFormat = format({ day: "numeric", month: "short" });
    this.yearFormat = format({ day: "numeric", month: "short", year: "numeric" });
    this.fullFormat = format({ dateStyle: "full", timeStyle: "short" });
  }

  /** A text that came in both languages. */
  of(text) {
    return text?.[this.language] || text?.en || text?.zh || "";
  }

  time(iso) {
    return this.format(this.timeFormat, iso);
  }

  full(iso) {
    return this.format(this.fullFormat, iso);
  }

  /** "today", "yesterday", "12 Nov", or with the year when it is another one. */
  day(iso) {
    const date = new Date(iso);
    if (Number.isNaN(date.getTime())) return "";
    const now = new Date(this.now());
    const midnight = (of) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
    const days = Math.round((midnight(date) - midnight(now)) / DAY_MS); // rounded: a day may have 23 hours
    if (days === 0) return this.t.today_day;
    if (days === -1) return this.t.yesterday;
    if (days === 1) return this.t.tomorrow;
    return (date.getFullYear() === now.getFullYear() ? this.dayFormat : this.yearFormat).format(date);
  }

  /** A long time for people: 1 h 12 min. */
  hours(seconds) {
    const minutes = Math.floor((Number(seconds) || 0) / 60);
    return this.t.hours_minutes(Math.floor(minutes / 60), minutes % 60);
  }

  name(group, key) {
    return this.t[group]?.[key] ?? String(key ?? "");
  }

  format(format, iso) {
    const date = new Date(iso);
    return Number.isNaN(date.getTime()) ? "" : format.format(date);
  }
}
