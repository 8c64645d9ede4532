// Brings a turn into view, once for each jump: after that the page stays where a person moves it.

const TRIES = 40, PAUSE = 50

let done = ""

function bringIntoView(anchor, left) {
  const turn = document.getElementById(anchor)
  if (turn) turn.scrollIntoView({ block: "start" })
  else if (left > 0) setTimeout(bringIntoView, PAUSE, anchor, left - 1) // it may come a little later
}

export default function ({ data }) {
  if (!data || data.once === done) return
  done = data.once
  bringIntoView(data.anchor, TRIES)
}
