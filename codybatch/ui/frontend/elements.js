// Elements of the page. Text is only ever set as text, so that nothing in it becomes markup.

export function element(tag, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, value);
  }
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

const PATHS = {
  down: "M4 6l4 4 4-4",
  up: "M4 10l4-4 4 4",
  nextFile: "M4 3l4 4 4-4M4 9l4 4 4-4",
  previousFile: "M4 7l4-4 4 4M4 13l4-4 4 4",
  chevron: "M6 4l4 4-4 4",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  done: "M3 8.5l3.5 3.5L13 5",
  expand: "M5 6l3-3 3 3M5 10l3 3 3-3",
  collapse: "M5 3l3 3 3-3M5 13l3-3 3 3",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const made = document.createElementNS(space, "svg");
  made.setAttribute("viewBox", "0 0 16 16");
  made.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  made.append(path);
  return made;
}

export function iconButton(name, label, keys, onclick) {
  const title = keys ? `${label} (${keys})` : label;
  const shortcut = keys?.replace("Shift ", "Shift+");
  return element(
    "button",
    { type: "button", class: "cb-icon", title, "aria-label": label, "aria-keyshortcuts": shortcut, onclick },
    icon(name),
  );
}

export function figures({ additions, deletions }) {
  if (additions + deletions === 0) return element("span", { class: "cb-figures" });
  return element(
    "span", { class: "cb-figures" },
    element("span", { class: "cb-plus", text: `+${additions}` }),
    element("span", { class: "cb-minus", text: `\u2212${deletions}` }),
    blocks(additions, deletions));
}

// Five blocks, split as the lines are; a side that has lines has a block. The style sheet draws them.
function blocks(additions, deletions) {
  const all = additions + deletions;
  const shown = Math.min(5, all);
  let plus = Math.round((shown * additions) / all);
  if (additions > 0 && deletions > 0) plus = Math.min(Math.max(plus, 1), shown - 1);
  const made = element("span", { class: "cb-blocks", "aria-hidden": "true" });
  made.style.setProperty("--plus", plus);
  made.style.setProperty("--shown", shown);
  return made;
}
