// The diff of a job: gets a patch as plain data, draws it file by file, says what a person chose.
//
// Streamlit calls the default export for each run of the page, with the same parent. What was sent
// and chosen is kept for as long as the browser's page lives: a later run sends only what is new.

import { DiffView } from "./view.js";
import { Patch } from "./patch.js";

const patches = new Map(); // by name
const views = new WeakMap(); // by the component's element
const KEPT_PATCHES = 5;

export default function show({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector("#cb-diff");
  const patch = patchOf(data);
  if (patch === undefined) return undefined;
  patch.take(data.bodies);
  patch.connect(setStateValue);
  if (views.get(root)?.patch !== patch) {
    views.get(root)?.close();
    views.set(root, new DiffView(root, patch));
  }
  return () => {
    views.get(root)?.close();
    views.delete(root);
  };
}

function patchOf(data) {
  if (!patches.has(data.name) && data.files) {
    patches.set(data.name, new Patch(data));
    for (const name of patches.keys()) {
      if (patches.size > KEPT_PATCHES) patches.delete(name);
    }
  }
  return patches.get(data.name);
}
