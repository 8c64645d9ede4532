// One part of a file, drawn by diff2html from lines that were told apart on the server: its own
// parser never sees the patch, so no line can pass for a header.

import { element } from "./elements.js";
import { withoutWhitespaceChanges } from "./whitespace.js";

const UNMATCHED_LINES = 800; // more are not compared word by word, nor coloured
let loading;

// diff2html is a classic script: it hangs itself on the window.
export function loaded() {
  loading ??= new Promise((resolve, reject) => {
    const source = new URL("./vendor/diff2html/diff2html-ui-slim.min.js", import.meta.url).href;
    const onerror = () => reject(new Error("The diff viewer could not be loaded."));
    document.head.append(element("script", { src: source, onload: resolve, onerror }));
  });
  return loading;
}

const KINDS = { "+": "insert", "-": "delete", " ": "context" };

function blockOf([oldStart, newStart, oldCount, newCount, heading, text]) {
  let [oldNumber, newNumber] = [oldStart, newStart];
  const lines = text.split("\n").map((content) => ({
    type: KINDS[content[0]],
    content,
    oldNumber: content[0] === "+" ? undefined : oldNumber++,
    newNumber: content[0] === "-" ? undefined : newNumber++,
  }));
  const header = `@@ -${oldStart},${oldCount} +${newStart},${newCount} @@ ${heading}`.trimEnd();
  return { oldStartLine: oldStart, newStartLine: newStart, header, lines };
}

const changes = (block) => block.lines.some((line) => line.type !== "context");

// Draws a part into an element of its own; says so where whitespace was all that changed.
export function drawn(body, { language, isSplit, ignoreWhitespace, label }) {
  let blocks = body.map(blockOf);
  if (ignoreWhitespace) blocks = blocks.map(withoutWhitespaceChanges).filter(changes);
  if (blocks.length === 0) {
    return element("p", { class: "cb-note", text: "Only whitespace changed here; it is ignored." });
  }
  const part = element("div", { class: "cb-part" });
  const count = blocks.reduce((sum, block) => sum + block.lines.length, 0);
  const file = {
    oldName: "file", newName: "file", language, blocks, // the names are shown by the header
    isCombined: false, isGitDiff: true, addedLines: 0, deletedLines: 0,
  };
  new window.Diff2HtmlUI(part, [file], {
    drawFileList: false,
    outputFormat: isSplit ? "side-by-side" : "line-by-line",
    matching: count > UNMATCHED_LINES ? "none" : "lines",
    highlight: count <= UNMATCHED_LINES,
    diffStyle: "word",
    colorScheme: "light", // of variables that our style sheet sets for both
    fileListToggle: false,
    fileContentToggle: false,
    stickyFileHeaders: false,
    synchronisedScroll: true,
    renderNothingWhenEmpty: false,
  }).draw();
  makeReachable(part, label);
  return part;
}

// What scrolls sideways is reached by keyboard and has a name.
function makeReachable(part, label) {
  part.querySelectorAll(".d2h-file-header").forEach((header) => header.remove());
  const sides = part.querySelectorAll(".d2h-file-side-diff");
  sides.forEach((side, index) => name(side, `${label}, ${index ? "after" : "before"}`));
  if (sides.length === 0) part.querySelectorAll(".d2h-file-diff").forEach((one) => name(one, label));
}

function name(area, label) {
  area.tabIndex = 0;
  area.setAttribute("role", "region");
  area.setAttribute("aria-label", label);
}

// The first rows of the changes of a part, in order. Side by side, both tables have a row for each
// line, and a change stands on either side.
export function firstRows(part) {
  const tables = [...part.querySelectorAll(".d2h-diff-tbody")].map((one) => [...one.rows]);
  const found = [];
  let wasChanged = false;
  (tables[0] ?? []).forEach((row, index) => {
    const beside = tables.map((rows) => rows[index]).filter(Boolean);
    const isChanged = beside.some((one) => one.querySelector("td.d2h-ins, td.d2h-del"));
    if (isChanged && !wasChanged) found.push(beside);
    wasChanged = isChanged;
  });
  return found;
}
