// A few line drawings on a 20-unit square.

const PATHS = {
  phone: "M5 3.5h2.6l1.2 3.4-1.6 1.3a9.5 9.5 0 0 0 4.6 4.6l1.3-1.6 3.4 1.2V15a1.6 1.6 0 0 1-1.7 1.6A12.4 12.4 0 0 1 3.4 5.2 1.6 1.6 0 0 1 5 3.5Z",
  chat: "M4 4.5h12v8.5H9.5L6 16v-3H4Z",
  mail: "M3.5 5h13v10h-13ZM3.5 5.5 10 10.8l6.5-5.3",
  app: "M6.5 2.8h7v14.4h-7ZM9 14.8h2",
  sms: "M4 4.5h12v8.5H9.5L6 16v-3H4ZM7 8.8h.1M10 8.8h.1M13 8.8h.1",
  device: "M10 5.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6ZM7.8 5.6l.6-3h3.2l.6 3M7.8 14.4l.6 3h3.2l.6-3M10 7.8V10l1.5 1",
  shop: "M4 8v8.5h12V8M3.2 7.8 4.6 3.5h10.8l1.4 4.3a2.2 2.2 0 0 1-4.5 0 2.3 2.3 0 0 1-4.6 0 2.2 2.2 0 0 1-4.5 0Z",
  floor: "M3.5 4h6v5h-6ZM12 4h4.5v12H12ZM3.5 11.5h6V16h-6Z",
  theme: "M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM10 3.5v13M10 6.5a3.5 3.5 0 0 1 0 7",
  help: "M7.4 7.6a2.6 2.6 0 1 1 3.9 2.3c-.9.5-1.3 1-1.3 2M10 15h.1",
  exit: "M8.5 3.5h-5v13h5M8 10h8.5M13.5 6.8 16.7 10l-3.2 3.2",
  down: "M6 8.2 10 12l4-3.8",
  check: "M4.5 10.5 8.3 14l7.2-8",
  person: "M10 3.5a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4ZM3.8 16.5c.6-3 3.1-4.6 6.2-4.6s5.6 1.6 6.2 4.6",
  went: "M4 10h11.5M11.5 5.8 15.7 10l-4.2 4.2",
  pencil: "M4 16l.8-3.4 8.6-8.6a1.6 1.6 0 0 1 2.3 0l.3.3a1.6 1.6 0 0 1 0 2.3L7.4 15.2ZM12 5.4 14.6 8",
  sound: "M3.5 8v4M6.7 5.5v9M10 3.5v13M13.3 6v8M16.5 8.5v3",
  open: "M10 4.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11Z",
};
const SVG = "http://www.w3.org/2000/svg";

/** The drawing of that name, for the eye only. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.open);
  svg.append(path);
  return svg;
}
