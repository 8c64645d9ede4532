"""What is known of the repository: the calls so far, played again from the beginning."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from codybatch.standins.demonstration.history import Call, History
from codybatch.standins.demonstration.results import FileView, Hit, is_all, read_hits

Search = tuple[str, str]
"""A pattern and the file names it is looked for in; an empty name means all."""


def escaped(text: str) -> str:
    """``text`` as a pattern that Python and ripgrep read alike."""
    return re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", text)


@dataclass
class Survey:
    """The state that the next step is chosen from.

    Arguments:
        views: what is known of each file that was read.
        originals: each file's text as it was first read in full.
        hits: of each search, what its last run found.
        first_hits: of each search, how many lines its first run found.
        failed_searches: those that could not be run.
        cut_searches: those that found more than they showed when they were last run.
        listing: the lines of the last list of files.
        changed: files with a successful edit, in order.
        failures: edits that failed, by file.
        searched_since_change: the searches that were run after the last successful edit.
        finishes: how often ``finish`` was refused.
        finished: whether ``finish`` was accepted.
    """

    views: dict[str, FileView] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)
    hits: dict[Search, list[Hit]] = field(default_factory=dict)
    first_hits: dict[Search, int] = field(default_factory=dict)
    failed_searches: dict[Search, str] = field(default_factory=dict)
    cut_searches: set[Search] = field(default_factory=set)
    listing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    searched_since_change: set[Search] = field(default_factory=set)
    finishes: int = 0
    finished: bool = False

    @classmethod
    def of(cls, history: History) -> Survey:
        """What the calls of a conversation have told."""
        survey = cls()
        for call in history.calls:
            survey._take(call)
        return survey

    @property
    def hit_paths(self) -> list[str]:
        """Every file that some search found something in, in the order of the searches."""
        return list(dict.fromkeys(hit.path for hits in self.hits.values() for hit in hits))

    def _take(self, call: Call) -> None:
        takers = {
            "grep": self._take_search,
            "read_file": self._take_reading,
            "edit_file": self._take_edit,
            "write_file": self._take_writing,
            "list_files": self._take_listing,
            "finish": self._take_finish,
        }
        if taker := takers.get(call.name):
            taker(call)

    def _take_search(self, call: Call) -> None:
        search = (str(call.arguments["pattern"]), str(call.arguments.get("glob", "")))
        self.searched_since_change.add(search)
        if call.is_error:
            self.failed_searches[search] = call.result
            return
        self.hits[search] = read_hits(call.result)
        self.first_hits.setdefault(search, len(self.hits[search]))
        self.cut_searches.discard(search)
        if not is_all(call.result):
            self.cut_searches.add(search)

    def _take_reading(self, call: Call) -> None:
        path = str(call.arguments["path"])
        view = self.views.setdefault(path, FileView())
        if call.is_error:
            view.trouble = call.result or "it cannot be read"
            return
        view.add(call.result)
        if view.text is not None:
            self.originals.setdefault(path, view.text)

    def _take_edit(self, call: Call) -> None:
        path = str(call.arguments["path"])
        if call.is_error:
            self._fail(path)
            return
        self._note_change(path)
        old, new = str(call.arguments["old_string"]), str(call.arguments["new_string"])
        view = self.views.get(path)
        known = view.text if view else None
        if view and known is not None and known.count(old) == 1:
            view.replace_text(known.replace(old, new))
        else:
            self.views.pop(path, None)

    def _take_writing(self, call: Call) -> None:
        path = str(call.arguments["path"])
        if call.is_error:
            self._fail(path)
            return
        self._note_change(path)
        content = str(call.arguments["content"])
        self.views.setdefault(path, FileView()).replace_text(content.removesuffix("\n"))

    def _take_listing(self, call: Call) -> None:
        if not call.is_error:
            self.listing = [line.strip() for line in call.result.split("\n") if line.strip()]

    def _take_finish(self, call: Call) -> None:
        self.finished = not call.is_error
        self.finishes += call.is_error

    def _fail(self, path: str) -> None:
        """An edit did not fit: what is known of the file is wrong, so it is read again."""
        self.failures[path] = self.failures.get(path, 0) + 1
        self.views.pop(path, None)

    def _note_change(self, path: str) -> None:
        if path not in self.changed:
            self.changed.append(path)
        self.searched_since_change.clear()
