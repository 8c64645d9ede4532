// Three keys of the judging queue that Streamlit's own shortcuts cannot be: "?" shows the keys, "m"
// goes to the comment, and Ctrl+Enter leaves it, so that letters are keys again.
const COMMENT = '[class*="st-key-job-comment-"] textarea';
const isField = (element) =>
  element instanceof HTMLElement &&
  (element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName));

export default function () {
  const pressed = (event) => {
    const field = event.composedPath()[0];
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (field instanceof HTMLTextAreaElement) field.blur();
      return;
    }
    if (isField(field) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector('[role="dialog"]')) return;
    if (event.key === "?") document.querySelector(".st-key-judge-keys button")?.click();
    else if (event.key.toLowerCase() === "m") document.querySelector(COMMENT)?.focus();
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", pressed, true);
  return () => document.removeEventListener("keydown", pressed, true);
}
