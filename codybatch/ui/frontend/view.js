// The whole diff: the bar, the list of files, and the files.

import { element, figures, iconButton } from "./elements.js";
import { FileView } from "./file.js";
import { Jumps } from "./jumps.js";

const NEAR = "600px"; // from the window's edge: a body is drawn before it is seen
const NARROW = 720; // pixels: both sides would not be legible
const WIDE = 1100; // pixels: room for the list of files beside them

const MOST_LISTED = 1_000; // of the list; the filter finds the others

// What scrolls around the component; the observer's margin counts from its edge.
function scroller(root) {
  for (let one = root.getRootNode().host ?? root; one; one = one.parentElement) {
    if (/auto|scroll/u.test(getComputedStyle(one).overflowY)) return one;
  }
  return null;
}

// How much of the window's upper edge the page's own header covers: on phones it is not transparent.
function covered() {
  const header = document.querySelector("[data-testid=stHeader]");
  if (header === null || getComputedStyle(header).backgroundColor === "rgba(0, 0, 0, 0)") return 0;
  return Math.round(header.getBoundingClientRect().bottom);
}

export class DiffView {
  constructor(root, patch) {
    this.root = root;
    this.patch = patch;
    this.near = new Set(); // files close to what is seen
    this.observer = new IntersectionObserver((seen) => this.onSeen(seen), {
      root: scroller(root), rootMargin: NEAR,
    });
    this.files = patch.files.map((_, number) =>
      new FileView(patch, number, () => this.look(), (what, value) => this.told(number, what, value)));
    this.jumps = new Jumps(this);
    this.head = this.makeHead();
    this.bar = this.makeBar();
    this.list = this.makeList();
    this.status = element("div", { class: "cb-sr", role: "status" });
    const files = element("div", { class: "cb-list" }, ...this.files.map((file) => file.element));
    const columns = element("div", { class: "cb-columns" }, this.list, files);
    root.replaceChildren(this.status, this.head, this.bar, columns);
    this.files.forEach((file) => this.observer.observe(file.element));
    this.watchSizes();
    this.tellViewed();
  }

  close() {
    this.jumps.close();
    this.observer.disconnect();
    this.sizes.disconnect();
    this.root.replaceChildren();
  }

  get isSeen() {
    return this.root.isConnected && this.root.offsetParent !== null;
  }

  get isNarrow() {
    return this.root.clientWidth > 0 && this.root.clientWidth < NARROW;
  }

  look() {
    const { split, ignoreWhitespace } = this.patch;
    return { isSplit: split && !this.isNarrow, ignoreWhitespace };
  }

  // --- the head, and the bar that stays in view

  makeHead() {
    this.viewedText = element("span", { class: "cb-count" });
    return element(
      "div", { class: "cb-head", role: "group", "aria-label": "How the diff is shown" },
      this.viewedText, element("span", { class: "cb-space" }), this.sides(), this.whitespace());
  }

  makeBar() {
    this.foundText = element("span", { class: "cb-count", role: "status" });
    this.filter = element("input", {
      type: "search", class: "cb-filter", placeholder: "Find a file", "aria-label": "Find a file",
      oninput: () => this.onFilter(),
    });
    const jump = (step) => () => this.jumps.toChange(step);
    const toFile = (step) => () => this.jumps.toFile(step);
    return element(
      "div", { class: "cb-bar", role: "group", "aria-label": "Ways through the diff" },
      this.filter, this.foundText, element("span", { class: "cb-space" }),
      iconButton("up", "Previous change", "p", jump(-1)),
      iconButton("down", "Next change", "n", jump(1)),
      iconButton("previousFile", "Previous file", "Shift P", toFile(-1)),
      iconButton("nextFile", "Next file", "Shift N", toFile(1)),
      iconButton("collapse", "Collapse all files", "", () => this.openAll(false)),
      iconButton("expand", "Expand all files", "", () => this.openAll(true)),
    );
  }

  sides() {
    const choice = (text, split) => element("button", {
      type: "button", class: "cb-choice", text, "aria-pressed": String(this.patch.split === split),
      onclick: () => this.onSides(split),
    });
    this.choices = [choice("Side by side", true), choice("Unified", false)];
    return element("span", { class: "cb-sides", role: "group", "aria-label": "Layout" }, ...this.choices);
  }

  whitespace() {
    const box = element("input", {
      type: "checkbox",
      onchange: () => {
        this.patch.choose({ ignoreWhitespace: box.checked });
        this.redraw();
      },
    });
    box.checked = this.patch.ignoreWhitespace;
    const title = "Lines that differ by whitespace alone are shown as unchanged. The figures and the download keep them.";
    return element("label", { class: "cb-check", title }, box, "Ignore whitespace");
  }

  onSides(split) {
    this.patch.choose({ split });
    this.choices.forEach((one, index) => one.setAttribute("aria-pressed", (index === 0) === split));
    this.redraw();
  }

  // --- the list

  makeList() {
    this.items = new Map(); // by file, as far as they are listed
    this.rows = element("ol", { "aria-label": "Changed files" });
    const summary = `${this.files.length} ${this.files.length === 1 ? "file" : "files"}`;
    const details = element("details", { class: "cb-files" }, element("summary", { text: summary }), this.rows);
    details.open = this.files.length > 1 && this.root.clientWidth >= WIDE;
    this.fillList(this.files);
    return details;
  }

  fillList(files) {
    const listed = files.slice(0, MOST_LISTED);
    this.rows.replaceChildren(...listed.map((file) => this.item(file)));
    if (listed.length < files.length) {
      const text = `${(files.length - listed.length).toLocaleString("en")} more: find them by name`;
      this.rows.append(element("li", { class: "cb-note", text }));
    }
  }

  item(file) {
    if (!this.items.has(file)) {
      const { path } = file.entry;
      const slash = path.lastIndexOf("/") + 1;
      this.items.set(file, element("li", {}, element(
        "button",
        { type: "button", class: "cb-item", title: path, onclick: () => this.jumps.reach(file) },
        element("span", { class: "cb-item-path" },
          element("span", { class: "cb-name", text: path.slice(slash) }),
          element("span", { class: "cb-folder", text: path.slice(0, slash) })),
        figures(file.entry))));
    }
    const item = this.items.get(file);
    item.classList.toggle("cb-seen", this.patch.viewed.has(file.number));
    return item;
  }

  onFilter() {
    const words = this.filter.value.toLowerCase().split(/\s+/u).filter(Boolean);
    for (const { entry, element: shown } of this.files) {
      const names = `${entry.path}\n${entry.oldPath}`.toLowerCase();
      shown.hidden = !words.every((word) => names.includes(word));
    }
    const found = this.shownFiles();
    this.fillList(found);
    this.foundText.textContent = words.length > 0 ? `${found.length} of ${this.files.length}` : "";
  }

  shownFiles() {
    return this.files.filter((file) => !file.element.hidden);
  }

  // --- what was looked at

  onViewed(number, isViewed) {
    const file = this.files[number];
    file.markViewed(isViewed);
    this.patch.view(number, isViewed);
    this.items.get(file)?.classList.toggle("cb-seen", isViewed);
    this.tellViewed();
  }

  tellViewed() {
    this.viewedText.textContent = `${this.patch.viewed.size} of ${this.files.length} viewed`;
  }

  openAll(isOpen) {
    this.files.forEach((file) => file.open(isOpen));
  }

  // --- drawing

  told(number, what, value) {
    if (what === "viewed") this.onViewed(number, value);
    else if (this.files !== undefined) this.lookAgain(this.files[number]);
  }

  redraw() {
    this.jumps.mark([]);
    const at = this.jumps.current();
    this.files.forEach((file) => file.reset());
    at?.element.scrollIntoView({ block: "start" });
  }

  watchSizes() {
    this.wasNarrow = this.isNarrow;
    this.sizes = new ResizeObserver(() => {
      const top = covered();
      const below = top + Math.round(this.bar.getBoundingClientRect().height);
      this.root.style.setProperty("--cb-top", `${top}px`);
      this.root.style.setProperty("--cb-below", `${below}px`);
      const changed = this.wasNarrow !== this.isNarrow;
      this.wasNarrow = this.isNarrow;
      if (changed && this.patch.split) this.redraw();
    });
    this.sizes.observe(this.root);
    this.sizes.observe(this.bar);
  }

  // Whether a file is near is asked again: something in it has changed.
  lookAgain(file) {
    const more = file.content?.querySelector(".cb-more");
    for (const target of [file.element, ...(more ? [more] : [])]) {
      this.observer.unobserve(target);
      this.observer.observe(target);
    }
  }

  onSeen(seen) {
    for (const { target, isIntersecting } of seen) {
      if (!target.isConnected) continue; // a button whose part has been drawn
      const file = this.files[target.closest("[data-file]").dataset.file];
      const isMore = target !== file.element;
      if (isMore) file.isEndNear = isIntersecting;
      else if (isIntersecting) this.near.add(file);
      else this.near.delete(file);
      if (isIntersecting) file.dress();
    }
    this.drawNear();
  }

  // Draws what is near, the nearest first, a part in a frame.
  async drawNear() {
    if (this.isDrawing) return;
    this.isDrawing = true;
    for (let file = this.nearest(); file !== undefined; file = this.nearest()) {
      file.isEndNear = false;
      await file.drawNext();
      await new Promise(requestAnimationFrame);
    }
    this.isDrawing = false;
  }

  nearest() {
    const middle = window.innerHeight / 2;
    const due = [...this.near].filter((file) => file.isWanting || (file.isEndNear && file.hasMore && file.isOpen));
    const distances = new Map(due.map((file) => {
      const { top, bottom } = file.element.getBoundingClientRect();
      return [file, top <= middle && bottom >= middle ? 0 : Math.min(Math.abs(top - middle), Math.abs(bottom - middle))];
    }));
    return due.sort((one, other) => distances.get(one) - distances.get(other))[0];
  }

  // --- where things stand

  // The lower edge of the bar, in the window.
  edge() {
    return this.bar.getBoundingClientRect().bottom + 1;
  }

  say(text) {
    this.status.textContent = text;
  }
}
