// What a page says, and one reader of it: a language and the way it writes days, times and names of things.

const DAY_MS = 86_400_000;

/** The texts of some areas, by language: one module for each language and area, in all languages that the server names. */
export async function load(...areas) {
  const languages = document.documentElement.dataset.languages.split(" ");
  const read = async (language) => {
    const parts = await Promise.all(areas.map((area) => import(`../texts/${language}/${area}.js`)));
    return [language, whole(language, parts.map((part) => part.default))];
  };
  return Object.fromEntries(await Promise.all(languages.map(read)));
}

/** Areas put together; a key that two of them have would hide one of its texts. */
function whole(language, parts) {
  const all = Object.assign({}, ...parts);
  const keys = parts.flatMap((part) => Object.keys(part));
  const twice = keys.filter((key, place) => keys.indexOf(key) !== place);
  if (twice.length) throw new Error(`${language}: said twice: ${twice.join(", ")}`);
  return all;
}

export class Reader {
  /** `texts` is what `load` has given. */
  constructor(language, texts, now = () => Date.now()) {
    this.texts = texts;
    this.languages = Object.keys(texts);
    this.language = language in texts ? language : this.languages[0];
    this.t = texts[this.language];
    this.now = now;
    const format = (options) => new Intl.DateTimeFormat(this.t.locale, options);
    this.timeFormat = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.dayFormat = format({ day: "numeric", month: "short" });
    this.yearFormat = format({ day: "numeric", month: "short", year: "numeric" });
    this.fullFormat = format({ dateStyle: "full", timeStyle: "short" });
  }

  /** The language that is next in turn, … */
  get next() {
    return this.languages[(this.languages.indexOf(this.language) + 1) % this.languages.length];
  }

  /** … and what is said in it: it names itself. */
  get other() {
    return this.texts[this.next];
  }

  /** A text that came in several languages. */
  of(text) {
    return text?.[this.language] || text?.en || Object.values(text ?? {}).find(Boolean) || "";
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
