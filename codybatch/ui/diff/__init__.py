"""The diff of a job: its patch read, split for display, and drawn by a component in the browser.

What lives here: the reading of a patch for people, the component's Python side, the Diff section.
What never does: a change of the patch (the download is byte-exact), or HTML made from its text.
"""
