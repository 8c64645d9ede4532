// Changes of whitespace alone made context, for display: what `git diff --ignore-all-space` leaves
// out, as far as one change can be compared with itself.

const MOST_COMPARISONS = 250_000;

export function withoutWhitespaceChanges(block) {
  const lines = [];
  for (let at = 0; at < block.lines.length;) {
    if (block.lines[at].type === "context") {
      lines.push(block.lines[at++]);
      continue;
    }
    const removed = run(block.lines, at, "delete");
    const added = run(block.lines, at + removed.length, "insert");
    lines.push(...without(removed, added));
    at += removed.length + added.length;
  }
  return { ...block, lines };
}

function run(lines, from, type) {
  let to = from;
  while (to < lines.length && lines[to].type === type) to++;
  return lines.slice(from, to);
}

// The pairs of equal lines as context, the lines between them as they were.
function without(removed, added) {
  const left = [];
  let [oldAt, newAt] = [0, 0];
  for (const [oldEqual, newEqual] of [...pairs(removed, added), [removed.length, added.length]]) {
    left.push(...removed.slice(oldAt, oldEqual), ...added.slice(newAt, newEqual));
    if (oldEqual < removed.length && newEqual < added.length) {
      const { oldNumber } = removed[oldEqual];
      const { newNumber, content } = added[newEqual];
      left.push({ type: "context", content: ` ${content.slice(1)}`, oldNumber, newNumber });
    }
    [oldAt, newAt] = [oldEqual + 1, newEqual + 1];
  }
  return left;
}

const bare = (line) => line.content.slice(1).replace(/\s+/gu, "");

// The longest common subsequence of both sides, by index; the equal ends are cheap.
function pairs(removed, added) {
  const [old, fresh] = [removed.map(bare), added.map(bare)];
  const most = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < most && old[head] === fresh[head]) head++;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail++;
  const middle = longest(
    old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail), head);
  const first = [...Array(head).keys()].map((index) => [index, index]);
  const last = [...Array(tail).keys()].map((index) =>
    [old.length - tail + index, fresh.length - tail + index]);
  return [...first, ...middle, ...last];
}

function longest(old, fresh, offset) {
  if (old.length * fresh.length > MOST_COMPARISONS) return [];
  const width = fresh.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--) {
      lengths[i * width + j] = old[i] === fresh[j]
        ? lengths[(i + 1) * width + j + 1] + 1
        : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const found = [];
  for (let i = 0, j = 0; i < old.length && j < fresh.length;) {
    if (old[i] === fresh[j]) found.push([offset + i++, offset + j++]);
    else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i++;
    else j++;
  }
  return found;
}
