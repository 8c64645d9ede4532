// One file of the diff: its header, and its body as soon as somebody comes near.

import { drawn, firstRows, loaded } from "./body.js";
import { element, figures, icon } from "./elements.js";

const LINE_HEIGHT = 20; // pixels: they keep the scroll bar honest before a body is drawn
const HEADER_HEIGHT = 40;
const STATUS = { added: "Added", deleted: "Deleted", renamed: "Renamed", copied: "Copied" };

export class FileView {
  // `look` says how to draw; `told` is called with what happened: "viewed" or "changed".
  constructor(patch, number, look, told) {
    Object.assign(this, { patch, number, look, told, entry: patch.files[number] });
    this.parts = []; // drawn
    this.round = 0;
    this.isAsked = !this.entry.large;
    this.isOpen = !patch.viewed.has(number);
    const title = this.entry.oldPath ? `${this.entry.oldPath} → ${this.entry.path}` : this.entry.path;
    this.element = element("article", { class: "cb-file", "aria-label": title, "data-file": number });
    this.reserve();
  }

  // Takes the room of what is not drawn yet.
  reserve() {
    const lines = this.isOpen && this.isAsked ? Math.min(this.entry.lines, 400) : 0;
    this.element.style.minHeight = `${HEADER_HEIGHT + lines * LINE_HEIGHT}px`;
  }

  // Makes the header: thousands of files have one only where somebody comes near.
  dress() {
    if (this.content !== undefined) return;
    this.content = element("div", { class: "cb-content", id: `cb-content-${this.number}` });
    this.element.append(this.header(), this.content);
    this.element.style.minHeight = "";
    this.open(this.isOpen);
    this.fill();
  }

  header() {
    const { entry, number } = this;
    this.toggle = element(
      "button",
      {
        type: "button", class: "cb-toggle", "aria-controls": this.content.id,
        onclick: () => this.open(!this.isOpen),
      },
      icon("chevron"),
      pathOf(entry),
    );
    this.check = element("input", {
      type: "checkbox", onchange: () => this.told("viewed", this.check.checked),
    });
    this.check.checked = this.patch.viewed.has(number);
    const status = STATUS[entry.status];
    return element(
      "header", { class: "cb-header" },
      element("h3", {}, this.toggle),
      copyButton(entry.path),
      ...(status ? [element("span", { class: `cb-status cb-${entry.status}`, text: status })] : []),
      element("span", { class: "cb-end" },
        figures(entry), element("label", { class: "cb-viewed" }, this.check, "Viewed")),
    );
  }

  open(isOpen) {
    this.isOpen = isOpen;
    if (this.content === undefined) {
      this.reserve();
    } else {
      this.content.hidden = !isOpen;
      this.toggle.setAttribute("aria-expanded", isOpen);
      if (isOpen) this.told("changed");
    }
  }

  markViewed(isViewed) {
    this.check.checked = isViewed;
    this.element.classList.toggle("cb-seen", isViewed);
    this.open(!isViewed);
  }

  // Forgets what was drawn: it is drawn again, in another way, when somebody comes near.
  reset() {
    this.round += 1; // a drawing that is under way draws no more
    this.drawing = undefined;
    this.parts = [];
    if (this.content !== undefined) this.fill();
  }

  fill() {
    const { entry } = this;
    this.element.classList.toggle("cb-seen", this.patch.viewed.has(this.number));
    const notes = entry.notes.map((text) => element("p", { class: "cb-note", text }));
    if (entry.parts === 0) this.content.replaceChildren(...notes);
    else if (!this.isAsked) this.content.replaceChildren(...notes, this.largeButton());
    else this.content.replaceChildren(...notes, this.placeholder());
    this.told("changed");
  }

  largeButton() {
    const text = `Large diff, ${this.entry.lines.toLocaleString("en")} lines: show`;
    const onclick = () => this.show();
    return element("p", { class: "cb-note" },
      element("button", { type: "button", class: "cb-button", text, onclick }));
  }

  placeholder() {
    const made = element("div", { class: "cb-placeholder", "aria-hidden": "true" });
    made.style.height = `${Math.min(this.entry.lines, 400) * LINE_HEIGHT}px`;
    return made;
  }

  get isWanting() {
    return this.isOpen && this.isAsked && this.parts.length === 0 && this.entry.parts > 0;
  }

  get hasMore() {
    return this.parts.length < this.entry.parts;
  }

  // Shows the file's first part, also of a large file.
  show() {
    this.dress();
    if (!this.isAsked) {
      this.isAsked = true;
      this.fill();
    }
    this.open(true);
    return this.parts.length > 0 || this.entry.parts === 0 ? Promise.resolve() : this.drawNext();
  }

  // Draws the next part, once whoever asks.
  drawNext() {
    this.drawing ??= this.draw(this.parts.length).finally(() => {
      this.drawing = undefined;
    });
    return this.drawing;
  }

  async draw(part) {
    const { round } = this;
    try {
      const [body] = await Promise.all([this.patch.body(this.number, part), loaded()]);
      if (round !== this.round) return;
      const look = this.look();
      const made = drawn(body, {
        ...look, language: this.entry.language, label: `${this.entry.path}, part ${part + 1}`,
      });
      this.content.querySelectorAll(".cb-placeholder, .cb-more").forEach((one) => one.remove());
      this.parts.push(made);
      this.content.append(made);
      if (this.hasMore) this.content.append(this.moreButton());
      this.told("changed");
    } catch (error) {
      if (round === this.round) this.fail(error);
    }
  }

  moreButton() {
    const text = `Show part ${this.parts.length + 1} of ${this.entry.parts}`;
    return element("p", { class: "cb-more" }, element("button", {
      type: "button", class: "cb-button", text, onclick: () => this.drawNext(),
    }));
  }

  fail(error) {
    this.parts = [];
    this.content.replaceChildren(element("p", { class: "cb-note", role: "alert", text: error.message }));
  }

  // The rows at which changes begin, as far as they are drawn.
  changes() {
    return this.parts.filter((one) => one.isConnected).flatMap((one) => firstRows(one));
  }
}

function pathOf({ path, oldPath }) {
  const slash = path.lastIndexOf("/") + 1;
  const old = oldPath ? [element("span", { class: "cb-old", text: `${oldPath} → ` })] : [];
  return element("span", { class: "cb-path", title: path },
    ...old,
    element("span", { class: "cb-folder", text: path.slice(0, slash) }),
    element("span", { class: "cb-name", text: path.slice(slash) }));
}

function copyButton(path) {
  const button = element("button", {
    type: "button", class: "cb-icon cb-copy", title: "Copy the path", "aria-label": `Copy the path ${path}`,
  }, icon("copy"));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(path);
    button.replaceChildren(icon("done"));
    setTimeout(() => button.replaceChildren(icon("copy")), 1500);
  });
  return button;
}
