// A classic script in the head: the choice of light or dark is made before anything is painted.
(() => {
  const root = document.documentElement;
  let kept = null;
  try {
    kept = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; then the system's choice holds.
  }
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
})();
