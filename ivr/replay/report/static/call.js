const STAGES = ["endpoint_ms", "decode_ms", "understand_ms", "speak_ms"];
function words(call) {
  const box = make("div", null, "words");
  for (const one of call.words) {
    const pair = make("div", null, "pair");
    pair.append(make("p", `${one.at_s.toFixed(1)} s`, "soft"));
    const line = make("p");
    for (const [kind, said, heard] of one.steps) {
      if (kind === "right") { line.append(said + " "); continue; }
      const ruby = make("ruby");
      ruby.append(make("span", said || "+", kind === "added" ? "added" : kind), make("rt", heard || "–"));
      line.append(ruby);
    }
    pair.append(line);
    box.append(pair);
  }
  return box;
}
function sentence(step) {
  const parts = [];
  if (step.text) parts.push(step.text);
  else if (step.digit) parts.push(step.digit);
  if (step.kind === "understood" && step.guesses) parts.push(step.certainty + ": " + step.guesses.map(([a, b]) => `${a} ${b.toFixed(2)}`).join(", "));
  if (step.kind === "decided") parts.push(`${step.queue}${step.agent ? " → " + step.agent : ""}, ${step.cause}`);
  if (step.kind === "asked_source") parts.push(`${step.lookup}: ${step.outcome}`);
  if (step.kind === "trouble" || step.kind === "no_input" || step.kind === "problem") parts.push([step.node, step.what].filter(Boolean).join(" "));
  if (step.kind === "known") parts.push(`${step.label}: ${step.value}`);
  if (step.kind === "proof") parts.push(`${step.method}: ${step.outcome}`);
  if (step.kind === "language" && !step.text) parts.push(step.language);
  return parts.join(" · ");
}
function story(call, seek) {
  const list = make("ol");
  for (const step of call.story) {
    const line = make("li", null, step.kind), at = make("button", step.at_s.toFixed(1), "at");
    at.addEventListener("click", () => seek(step.at_s));
    line.append(at, make("span", `${t("kinds")[step.kind] || step.kind}: ${sentence(step)}`));
    list.append(line);
  }
  return list;
}
function waterfall(call) {
  const box = make("div"), longest = Math.max(...call.responses.map((one) => STAGES.reduce((sum, stage) => sum + one[stage], 0)), 1);
  const legend = make("p", null, "legend");
  for (const stage of STAGES) {
    const key = make("span"), colour = make("i", null, stage);
    key.append(colour, t(stage));
    legend.append(key);
  }
  box.append(legend);
  for (const one of call.responses) {
    const all = STAGES.reduce((sum, stage) => sum + one[stage], 0), bar = make("div", null, "bar");
    for (const stage of STAGES) {
      const part = make("i", null, stage);
      part.style.width = `${100 * one[stage] / longest}%`;
      part.title = `${t(stage)}: ${one[stage].toFixed(1)} ms`;
      bar.append(part);
    }
    box.append(make("p", `${one.at_s.toFixed(1)} s: ${all.toFixed(0)} ms`, "soft"), bar);
  }
  return box;
}
function waveform(call, audio) {
  const canvas = make("canvas"), seconds = call.audio_s || 1;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${t("caller")}, ${t("machine")}`);
  const colours = getComputedStyle(document.documentElement);
  const paint = () => {
    const scale = devicePixelRatio || 1, width = canvas.clientWidth, height = 96;
    canvas.width = width * scale; canvas.height = height * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    call.peaks.forEach((side, number) => {
      pen.fillStyle = colours.getPropertyValue(number ? "--it" : "--you");
      const middle = 24 + number * 48;
      side.forEach((peak, at) => pen.fillRect(at * width / side.length, middle - peak * 0.22, Math.max(width / side.length - 0.3, 0.6), Math.max(peak * 0.44, 0.5)));
    });
    pen.fillStyle = colours.getPropertyValue("--bad");
    for (const step of call.story) if (step.kind === "trouble" || step.kind === "problem") pen.fillRect(step.at_s / seconds * width, 0, 1.5, height);
    if (audio && audio.duration) { pen.fillStyle = colours.getPropertyValue("--ink"); pen.fillRect(audio.currentTime / seconds * width, 0, 1.5, height); }
  };
  if (audio) {
    canvas.addEventListener("pointerdown", (event) => { audio.currentTime = event.offsetX / canvas.clientWidth * seconds; audio.play(); });
    audio.addEventListener("timeupdate", paint);
  }
  requestAnimationFrame(paint);
  return canvas;
}
window.showCall = (call) => {
  const box = $("call"), made = [], title = make("h2", call.name), close = make("button", t("close"));
  document.querySelector(".two").classList.add("open");
  close.addEventListener("click", () => { state.open = null; box.replaceChildren(); document.querySelector(".two").classList.remove("open"); rows(); document.querySelector(`#calls tr[data-name="${CSS.escape(call.name)}"]`)?.focus(); });
  const line = make("p", null, "wide");
  line.append(`${reason(call.wants)} → ${call.failed ? call.problem : call.intent || t("none")} → `, make("b", call.place, call.route_right === false ? "bad" : call.route_right ? "good" : ""),
    call.right_place ? ` (${t("right")}: ${call.right_place})` : "", ` · ${call.tags.join(", ")}`);
  const top = make("div", null, "top");
  top.append(title, close);
  made.push(top, line);
  if (call.problem) made.push(make("p", call.problem, "bad"));
  if (call.turned) made.push(make("p", `${t("turned_what")}: ${call.turned}`));
  let audio = null;
  if (call.audio) { audio = make("audio"); audio.controls = true; audio.preload = "metadata"; audio.src = call.audio; }
  const seek = (at) => { if (audio) { audio.currentTime = at; audio.play(); } };
  if (call.peaks.length) made.push(waveform(call, audio));
  made.push(audio || make("p", t("no_audio"), "soft"));
  if (call.words.length) made.push(make("h2", t("said_heard")), words(call));
  const slots = Object.entries(call.slots);
  if (slots.length) {
    made.push(make("h2", t("slots")));
    for (const [name, [wanted, got]] of slots) made.push(make("p", `${name}: ${got || "–"}` + (wanted === got ? "" : ` (${t("wanted")}: ${wanted})`), wanted === got ? "good" : "bad"));
  }
  if (call.card_lacks && call.card_lacks.length) made.push(make("p", `${t("missing")}: ${call.card_lacks.join(", ")}`, "bad"));
  if (call.reasons.length) {
    made.push(make("h2", t("reasons")));
    for (const [text, share] of call.reasons) made.push(make("p", `${share.toFixed(2)}  ${text}`));
  }
  if (call.responses.length) made.push(make("h2", t("waterfall")), waterfall(call));
  made.push(make("h2", t("story")), story(call, seek));
  box.replaceChildren(...made);
  box.scrollTop = 0;
  box.focus({ preventScroll: true });
  if (matchMedia("(max-width: 1099px)").matches) box.scrollIntoView({ block: "start" });
};
