// Makes the theme that a person prefers the one that Streamlit has kept for each page's address.
//
// Streamlit 1.67 reads it once, when a page is loaded, from `stActiveTheme-PATH-v2`. A page that was
// loaded with another theme is loaded once more, never twice for one wish.

const TRIED = "codybatch-theme-tried"

function isShown(theme) {
  const shown = getComputedStyle(document.querySelector(".stApp")).colorScheme
  const dark = matchMedia("(prefers-color-scheme: dark)").matches
  const wanted = theme === "System" ? (dark ? "dark" : "light") : theme.toLowerCase()
  return shown === wanted
}

export default function ({ data }) {
  if (!data) return
  for (const path of [...data.paths, window.location.pathname]) {
    localStorage.setItem(`stActiveTheme-${path}-v2`, JSON.stringify(data.theme))
  }
  if (isShown(data.theme)) sessionStorage.removeItem(TRIED)
  else if (sessionStorage.getItem(TRIED) !== data.theme) {
    sessionStorage.setItem(TRIED, data.theme)
    window.location.reload()
  }
}
