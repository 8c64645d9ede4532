// Streamlit hands a text area's text over when it is left. Here it is handed over after each pause
// in typing, too: React takes this event for leaving, while the cursor stays where it is.
const FIELDS = '[class*="st-key-compose-text-"], [class*="st-key-compose-schema-"]';
const PAUSE_MS = 500;

export default function () {
  let timer;
  const isText = (element) => element instanceof HTMLTextAreaElement && element.closest(FIELDS);
  const handOver = (field) => field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  const typed = ({ target }) => {
    if (!isText(target)) return;
    clearTimeout(timer);
    timer = setTimeout(() => handOver(target), PAUSE_MS);
  };
  document.addEventListener("input", typed);
  // What was typed before this script came, or while the page was drawn anew.
  if (isText(document.activeElement)) typed({ target: document.activeElement });
  return () => {
    clearTimeout(timer);
    document.removeEventListener("input", typed);
  };
}
