const data = window.REPORT;
const state = { language: localStorage.getItem("replay-language") || (navigator.language.startsWith("zh") ? "zh" : "en"),
  search: "", reason: "", tag: "", wrong: false, turned: false, pair: null, sort: "n", down: false, open: null };
const $ = (id) => document.getElementById(id);
const t = (key) => TEXTS[state.language][key];
function make(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  if (name) made.className = name;
  return made;
}
function value(unit, number) {
  if (number === null || number === undefined) return "–";
  if (unit === "%") return (100 * number).toFixed(1) + " %";
  if (unit === "ms") return number.toFixed(0) + " ms";
  return number.toFixed(2) + (unit ? " " + unit : "");
}
const reason = (wants) => (wants === null ? t("unknown") : wants || t("none"));
const taken = (row) => (row.f ? "" : row.i || t("none"));
const isWrong = (row) => row.f || row.ok === false || row.io === false || Boolean(row.x);

function head() {
  document.documentElement.lang = state.language;
  const about = data.about;
  $("title").textContent = `${t("title")}: ${about.title || about.corpus}`;
  document.title = $("title").textContent;
  const models = Object.entries(about.models || {}).map(([a, b]) => `${a} ${b}`).join(", ");
  $("about").textContent = `${data.rows.length} ${t("calls")} · ${about.at} · ${about.how} · ${about.dialogue} · ${models}`;
  $("language").textContent = t("other");
  $("below").hidden = !data.below.length;
  $("below").replaceChildren(make("h2", t("below")), ...data.below.map((one) => make("p", one)));
}
function figures() {
  const against = data.against ? data.against.figures : {};
  const cards = data.figures.filter(([name]) => data.summary[name] !== null).map(([name, title, unit]) => {
    const card = make("div", null, "figure"), s = data.summary;
    card.append(make("b", value(unit, s[name])), make("span", t("figures")[name] || title));
    if (s[name + "_low"] !== null) card.append(make("span", `${value(unit, s[name + "_low"])} – ${value(unit, s[name + "_high"])}`));
    const old = against[name];
    if (old && old.verdict !== "same") card.append(make("span", `${t(old.verdict)}: ${value(unit, old.old)} → ${value(unit, old.new)}`, old.verdict === "better" ? "good" : "bad"));
    return card;
  });
  if (data.summary.speed) {
    const card = make("div", null, "figure");
    card.append(make("b", data.summary.speed.toFixed(1)), make("span", t("speed")));
    cards.push(card);
  }
  $("figures").replaceChildren(...cards);
}
function compared() {
  const box = $("compared"), found = data.against;
  box.hidden = !found;
  if (!found) return;
  box.querySelector("summary").textContent = `${t("compared")}: ${found.better.length} ${t("better")}, ${found.worse.length} ${t("worse")}`;
  const table = make("table"), first = make("tr");
  ["", t("old"), t("new"), t("change"), t("interval"), ""].forEach((text) => first.append(make("th", text)));
  table.append(first);
  for (const [name, title, unit] of data.figures) {
    const one = found.figures[name];
    if (!one || one.new === null || one.old === null) continue;
    const row = make("tr");
    row.append(make("td", t("figures")[name] || title), make("td", value(unit, one.old)), make("td", value(unit, one.new)), make("td", value(unit, one.change)),
      make("td", one.low === null ? "" : `${value(unit, one.low)} – ${value(unit, one.high)}`), make("td", t(one.verdict), { better: "good", worse: "bad" }[one.verdict]));
    table.append(row);
  }
  box.querySelector("div").replaceChildren(table);
}
function matrix() {
  const found = data.confusion, wanted = Object.keys(found).sort();
  const got = [...new Set(wanted.flatMap((one) => Object.keys(found[one])))].sort();
  $("matrix").querySelector("summary").textContent = t("matrix");
  const table = make("table"), first = make("tr");
  first.append(make("th", ""), ...got.map((one) => make("th", one, "number")));
  table.append(first);
  for (const one of wanted) {
    const row = make("tr"), all = Object.values(found[one]).reduce((a, b) => a + b, 0);
    row.append(make("th", one));
    for (const other of got) {
      const n = found[one][other] || 0, cell = make("td", n || "");
      if (n) {
        cell.dataset.n = n; cell.tabIndex = 0;
        const colour = one === other ? "--good" : "--bad";
        cell.style.background = `color-mix(in srgb, var(${colour}) ${Math.round(10 + 45 * n / all)}%, transparent)`;
        const choose = () => { state.pair = state.pair && state.pair[0] === one && state.pair[1] === other ? null : [one, other]; rows(); };
        cell.addEventListener("click", choose);
        cell.addEventListener("keydown", (event) => { if (event.key === "Enter") choose(); });
      }
      row.append(cell);
    }
    table.append(row);
  }
  $("matrix").querySelector("div").replaceChildren(table);
}
function choice(all, options, now, change) {
  const box = make("select");
  box.append(new Option(all, ""), ...options.map(([text, key]) => new Option(text, key)));
  box.value = now;
  box.setAttribute("aria-label", all);
  box.addEventListener("change", () => { change(box.value); rows(); });
  return box;
}
function check(text, now, change) {
  const label = make("label"), box = make("input");
  box.type = "checkbox"; box.checked = now;
  box.addEventListener("change", () => { change(box.checked); rows(); });
  label.append(box, text);
  return label;
}
function filters() {
  const search = make("input");
  search.type = "search"; search.placeholder = t("search"); search.value = state.search; search.setAttribute("aria-label", t("search"));
  search.addEventListener("input", () => { state.search = search.value.toLowerCase(); rows(); });
  const reasons = [...new Set(data.rows.map((row) => row.w))].sort().map((one) => [reason(one), JSON.stringify(one)]);
  const tags = [...new Set(data.rows.flatMap((row) => row.t))].sort().map((one) => [one, one]);
  const made = [search, choice(t("all_reasons"), reasons, state.reason, (v) => { state.reason = v; }), choice(t("all_tags"), tags, state.tag, (v) => { state.tag = v; }),
    check(t("wrong"), state.wrong, (v) => { state.wrong = v; })];
  if (data.against) made.push(check(t("turned"), state.turned, (v) => { state.turned = v; }));
  $("filters").replaceChildren(...made);
}
const COLUMNS = [["n", "call"], ["w", "wants"], ["i", "taken"], ["p", "place"], ["r", "right"], ["q", "questions"], ["s", "seconds"], ["e", "wer"], ["m", "response"]];
const NUMBERS = "qsem";
function chosen() {
  const found = data.rows.filter((row) => {
    if (state.search && !`${row.n} ${row.p} ${row.i || ""} ${row.x}`.toLowerCase().includes(state.search)) return false;
    if (state.reason && JSON.stringify(row.w) !== state.reason) return false;
    if (state.tag && !row.t.includes(state.tag)) return false;
    if (state.wrong && !isWrong(row)) return false;
    if (state.turned && !row.d) return false;
    return !state.pair || ((row.w === "" ? "none of these" : row.w) === state.pair[0] && (row.io ? state.pair[0] : row.i || "none of these") === state.pair[1] && !row.f);
  });
  const key = state.sort, order = state.down ? -1 : 1;
  return found.sort((a, b) => order * (a[key] === b[key] ? 0 : (a[key] ?? "") < (b[key] ?? "") ? -1 : 1));
}
function rows() {
  const first = make("tr");
  for (const [key, title] of COLUMNS) {
    const cell = make("th", null, NUMBERS.includes(key) ? "number" : ""), sort = make("button", t(title) + (state.sort === key ? (state.down ? " ↓" : " ↑") : ""));
    sort.addEventListener("click", () => { state.down = state.sort === key && !state.down; state.sort = key; rows(); });
    cell.append(sort);
    first.append(cell);
  }
  document.querySelector("#calls thead").replaceChildren(first);
  const found = chosen(), body = document.createDocumentFragment();
  for (const row of found) {
    const line = make("tr");
    line.tabIndex = 0; line.dataset.name = row.n;
    line.setAttribute("aria-selected", row.n === state.open);
    const mark = row.d ? (row.d === "better" ? " ▲" : " ▼") : "";
    line.append(make("td", row.n + mark, row.d ? (row.d === "better" ? "good" : "bad") : ""), make("td", reason(row.w)), make("td", taken(row), row.io === false ? "bad" : ""),
      make("td", row.f ? row.x : row.p, row.ok === false || row.f ? "bad" : row.ok ? "good" : ""), make("td", row.r, "soft"), make("td", row.q, "number"),
      make("td", row.s.toFixed(1), "number"), make("td", row.e === null ? "" : (100 * row.e).toFixed(0) + " %", "number" + (row.e > 0.2 ? " bad" : "")), make("td", row.m ? row.m + " ms" : "", "number"));
    body.append(line);
  }
  document.querySelector("#calls tbody").replaceChildren(body);
  $("count").textContent = `${found.length} / ${data.rows.length} ${t("shown")}`;
}
function open(name) {
  state.open = name;
  for (const line of document.querySelectorAll("#calls tbody tr")) line.setAttribute("aria-selected", line.dataset.name === name);
  const script = document.createElement("script");
  script.src = `calls/${encodeURIComponent(name)}.js`;
  script.addEventListener("load", () => script.remove());
  document.body.append(script);
}
for (const [kind, wanted] of [["click", () => true], ["keydown", (event) => event.key === "Enter"]]) {
  document.querySelector("#calls tbody").addEventListener(kind, (event) => {
    const line = event.target.closest("tr");
    if (line && wanted(event)) open(line.dataset.name);
  });
}
function draw() { head(); figures(); compared(); matrix(); filters(); rows(); if (state.open) open(state.open); }
$("language").addEventListener("click", () => {
  state.language = state.language === "en" ? "zh" : "en";
  localStorage.setItem("replay-language", state.language);
  draw();
});
addEventListener("DOMContentLoaded", () => { draw(); window.drawnMs = performance.now(); if (location.hash) open(decodeURIComponent(location.hash.slice(1))); });
