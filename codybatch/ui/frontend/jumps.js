// Ways through the diff: to the next or previous change, and to the next or previous file.

export class Jumps {
  constructor(view) {
    this.view = view;
    this.rows = []; // of the change that is marked
    this.onKey = this.onKey.bind(this);
    // Before the page's own shortcuts: while a diff is seen, these keys are its.
    window.addEventListener("keydown", this.onKey, { capture: true });
  }

  close() {
    window.removeEventListener("keydown", this.onKey, { capture: true });
  }

  onKey(event) {
    const step = { n: 1, p: -1 }[event.key.toLowerCase()];
    const isTyping = event.composedPath().some((one) =>
      one instanceof Element && (one.matches("textarea, select, [role=dialog]") || one.isContentEditable ||
        (one.matches("input") && one.type !== "checkbox")));
    const isOurs = step && !(event.ctrlKey || event.metaKey || event.altKey || isTyping);
    if (!isOurs || !this.view.isSeen) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.shiftKey) this.toFile(step);
    else this.toChange(step);
  }

  toFile(step) {
    const file = this.neighbour(this.current(), step);
    if (file === undefined) this.view.say(step > 0 ? "That was the last file." : "That was the first file.");
    else this.reach(file);
  }

  // Scrolls to a file and draws it.
  async reach(file) {
    this.mark([]);
    this.at = file;
    file.dress();
    file.element.scrollIntoView({ block: "start" });
    file.toggle.focus({ preventScroll: true });
    if (file.isOpen && file.isAsked) await file.show();
    file.element.scrollIntoView({ block: "start" }); // what was drawn above may have moved it
    this.view.say(`File ${file.entry.path}`);
  }

  async toChange(step) {
    let file = this.current();
    let found = file && this.beside(file, step);
    while (file !== undefined && found === undefined) {
      if (step > 0 && file.isOpen && file.isAsked && file.hasMore) {
        const before = file.parts.length;
        await file.drawNext();
        found = this.beside(file, step);
        if (file.parts.length > before) continue;
      }
      file = this.neighbour(file, step);
      if (file === undefined || !file.isOpen) continue;
      if (!file.isAsked || file.entry.parts === 0) return this.reach(file);
      await file.show();
      found = file.changes().at(step > 0 ? 0 : -1);
    }
    if (found === undefined) this.view.say(step > 0 ? "That was the last change." : "That was the first change.");
    else this.stand(file, found);
    return undefined;
  }

  // The change beside the marked one in its file; without one, the first or last that is in view.
  beside(file, step) {
    const changes = file.changes();
    const at = changes.findIndex(([first]) => first === this.rows[0]);
    if (at >= 0) return changes[at + step];
    const edge = this.view.edge();
    const [above, below] = [
      changes.filter(([row]) => row.getBoundingClientRect().top < edge),
      changes.filter(([row]) => row.getBoundingClientRect().top >= edge),
    ];
    return step > 0 ? below[0] : above.at(-1);
  }

  stand(file, rows) {
    this.mark(rows);
    this.at = file;
    rows[0].scrollIntoView({ block: "center" });
    const place = file.changes().findIndex(([first]) => first === rows[0]) + 1;
    this.view.say(`Change ${place} in ${file.entry.path}`);
  }

  mark(rows) {
    this.rows.forEach((row) => row.classList.remove("cb-now"));
    rows.forEach((row) => row.classList.add("cb-now"));
    this.rows = rows;
  }

  // The file that was reached last, as long as it is in view; else the one at the upper edge.
  current() {
    const files = this.view.shownFiles();
    const edge = this.view.edge();
    if (this.at && files.includes(this.at)) {
      const { top, bottom } = this.at.element.getBoundingClientRect();
      if (bottom > edge && top < window.innerHeight) return this.at;
    }
    return files.find((file) => file.element.getBoundingClientRect().bottom > edge) ?? files.at(-1);
  }

  neighbour(file, step) {
    const files = this.view.shownFiles();
    return files[files.indexOf(file) + step];
  }
}
