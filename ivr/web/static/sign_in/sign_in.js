// The sign-in page works without this; it only lets people change the language on the spot.
const root = document.documentElement;

function show(language) {
  root.lang = language;
  for (const said of document.querySelectorAll("span[lang]")) said.hidden = said.lang !== language;
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => show(button.dataset.language));
}
show(root.lang);
document.querySelector(".languages").hidden = false;
if (document.getElementById("login")?.value) document.getElementById("password").focus();
try {
  sessionStorage.clear(); // drafts of whoever sat here before
} catch {
  // Storage may be forbidden; then nothing was kept either.
}
