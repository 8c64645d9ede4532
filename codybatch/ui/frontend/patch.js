// A patch in the browser's memory: its files, the parts that arrived, and what was chosen.

export class Patch {
  constructor({ files, viewed, split, ignoreWhitespace }) {
    this.files = files;
    this.viewed = new Set(viewed);
    this.split = split;
    this.ignoreWhitespace = ignoreWhitespace;
    this.bodies = new Map(); // "file:part" -> blocks
    this.waiting = new Map(); // "file:part" -> [resolve]
    this.tell = () => {};
  }

  connect(tell) {
    this.tell = tell;
  }

  // Parts as they come from the server: [oldStart, newStart, oldCount, newCount, heading, text].
  take(bodies) {
    for (const [name, blocks] of Object.entries(bodies)) {
      this.bodies.set(name, blocks);
      for (const resolve of this.waiting.get(name) ?? []) resolve(blocks);
      this.waiting.delete(name);
    }
    if (this.waiting.size > 0) this.ask();
  }

  // A part, at once where it is here, else when the server has sent it.
  body(file, part) {
    const name = `${file}:${part}`;
    const blocks = this.bodies.get(name);
    if (blocks !== undefined) return Promise.resolve(blocks);
    return new Promise((resolve) => {
      const others = this.waiting.get(name) ?? [];
      this.waiting.set(name, [...others, resolve]);
      if (others.length === 0) this.ask();
    });
  }

  // Everything that is asked for in one moment goes in one message.
  ask() {
    if (this.asking) return;
    this.asking = true;
    setTimeout(() => {
      this.asking = false;
      const wanted = [...this.waiting.keys()].map((name) => name.split(":").map(Number));
      this.tell("wanted", wanted);
    }, 20);
  }

  choose(change) {
    Object.assign(this, change);
    this.tell("chosen", {
      viewed: [...this.viewed].sort((one, other) => one - other),
      split: this.split,
      ignoreWhitespace: this.ignoreWhitespace,
    });
  }

  view(file, isViewed) {
    if (isViewed) this.viewed.add(file);
    else this.viewed.delete(file);
    this.choose({});
  }
}
