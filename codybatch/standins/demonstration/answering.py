"""Answering a question: look around, read the files that tell most, fill in the fields asked for.

A field is filled by what its name asks for, from what the tools returned, and otherwise with the
least value that its schema takes; the summary says which is which.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from codybatch.standins.anthropic.wire import JsonObject
from codybatch.standins.demonstration import project
from codybatch.standins.demonstration.exploring import quoted_in, words_to_search
from codybatch.standins.demonstration.looking import Looking, counted, listed
from codybatch.standins.demonstration.project import Project
from codybatch.standins.demonstration.steps import Outcome, Step, least
from codybatch.standins.demonstration.survey import Search, Survey, escaped

_DEPTH = 5
_MOST_READ = 6
_LISTED = re.compile(r"(?P<path>.+?)(?: \([\d,]+ bytes\)| -> .*)?")
_GUIDES = re.compile(
    r"(?:README[.\w]*|pyproject\.toml|setup\.(?:cfg|py)|requirements[-\w]*\.txt|package\.json|"
    r"go\.mod|Cargo\.toml|LICEN[CS]E[.\w]*|Makefile)"
)
_TESTS = re.compile(r"(?:^|/)(?:tests?/|test_|[^/]*_test\.|[^/]*\.test\.)")
_NO_TESTS = re.compile(r"(?:^|/)(?:conftest|__init__)\.py$")
_LANGUAGES = {
    "py": "Python",
    "js": "JavaScript",
    "ts": "TypeScript",
    "go": "Go",
    "rs": "Rust",
    "java": "Java",
    "rb": "Ruby",
    "c": "C",
    "sh": "Shell",
}
_LICENCES = {
    "MIT License": "MIT",
    "Apache License": "Apache-2.0",
    "GNU GENERAL PUBLIC": "GPL-3.0",
    "BSD": "BSD-3-Clause",
}
_REQUIREMENT = re.compile(r"^\s*\"?([A-Za-z][A-Za-z0-9._-]+)\s*(?:[<>=~!\[].*)?$")


@dataclass(frozen=True)
class Answering:
    """The plan of a question.

    Arguments:
        task: its words.
        schema: of the answer.
        survey: what is known so far.
    """

    task: str
    schema: JsonObject
    survey: Survey

    def next_step(self) -> Step:
        """What to do next."""
        looking = self._looking
        missing = looking.missing_searches()
        if missing or not self.survey.listing:
            calls = [
                ("grep", {"pattern": p, "limit": 200, **({"glob": names} if names else {})})
                for p, names in missing
            ]
            look = [("list_files", {"path": ".", "depth": _DEPTH, "limit": 1000})]
            return Step("I look around, and for what the question names.", (*look, *calls))
        unread = [path for path in self._guides() if path not in self.survey.views]
        if unread:
            calls = [("read_file", {"path": path, "end_line": 400}) for path in unread]
            return Step(f"I read {listed(unread)}.", tuple(calls))
        return self.outcome().step("I know what I can know here, so I answer.")

    def outcome(self) -> Outcome:
        """What can be said now."""
        answer, known = self._filled()
        unknown = [name for name in answer if name not in known]
        read = f" Read {listed(list(self.survey.views))}." if self.survey.views else ""
        rest = f" Not known, and given as nothing: {', '.join(unknown)}." if unknown else ""
        return Outcome(
            were_changes_necessary=False,
            title=f"Answered {len(known)} of {counted(len(answer), 'field')}",
            summary=f"Looked at {counted(len(self._files()), 'file')}.{read}{rest}",
            verification="Read from the repository. No tests were run.",
            confidence="low" if unknown else "medium",
            answer=answer,
        )

    @property
    def _looking(self) -> Looking:
        asked = " ".join(self.schema.get("properties", {})).lower()
        known = tuple(search for word, search in project.SEARCHES.items() if word in asked)
        words: tuple[Search, ...] = tuple((escaped(w), "") for w in words_to_search(self.task))
        return Looking(known or words, "what the question names", self.survey)

    def _filled(self) -> tuple[JsonObject, set[str]]:
        """The answer's fields, and the names of those that are known."""
        properties = self.schema.get("properties", {})
        answer: JsonObject = {}
        known: set[str] = set()
        for name, field in properties.items():
            found = self._value(name, field)
            if found is not None:
                known.add(name)
            if found is not None or name in self.schema.get("required", ()):
                answer[name] = least(field) if found is None else found
        return answer, known

    def _value(self, name: str, field: JsonObject) -> object:
        """What a field's name asks for, in the type that it takes; None where it is not known."""
        words = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()
        about = next((tell for key, tell in _TELLERS.items() if key in words), None)
        if about is None:
            about = Answering._hits if quoted_in(self.task) else None
        return _as_type(about(self), field) if about else None

    def _files(self) -> list[str]:
        found = (_LISTED.fullmatch(line) for line in self.survey.listing)
        paths = [match["path"] for match in found if match]
        return [path for path in paths if not path.startswith("[") and "/ (" not in path]

    def _guides(self) -> list[str]:
        return [p for p in self._files() if _GUIDES.fullmatch(p)][:_MOST_READ]

    def _text_of(self, name: str) -> str:
        shown = [
            "\n".join(view.lines.values())
            for path, view in self.survey.views.items()
            if path.startswith(name)
        ]
        return "\n".join(shown)

    def _languages(self) -> list[str]:
        suffixes = [path.rpartition(".")[2] for path in self._files()]
        named = [_LANGUAGES[suffix] for suffix in suffixes if suffix in _LANGUAGES]
        return sorted(set(named), key=lambda name: (-named.count(name), name))

    def _tests(self) -> list[str]:
        return [path for path in self._files() if _TESTS.search(path)]

    def _test_files(self) -> list[str]:
        return [path for path in self._tests() if not _NO_TESTS.search(path)]

    def _known(self) -> Project:
        """What the searches and the files that were read tell of the project."""
        hits = [hit for hits in self.survey.hits.values() for hit in hits]
        shown = {p: "\n".join(view.lines.values()) for p, view in self.survey.views.items()}
        return Project(tuple(hits), shown, tuple(self._files()), tuple(self._test_files()))

    def _title(self) -> str | None:
        heading = re.search(r"^# (.+)$", self._text_of("README"), re.MULTILINE)
        return heading[1].strip() if heading else None

    def _licence(self) -> str | None:
        said = self._text_of("LICEN") + self._text_of("README") + self._text_of("pyproject")
        return next((name for words, name in _LICENCES.items() if words in said), None)

    def _dependencies(self) -> list[str]:
        lines = self._text_of("requirements").split("\n")
        found = (_REQUIREMENT.match(line.strip()) for line in lines)
        return sorted({match[1] for match in found if match})

    def _hits(self) -> list[str]:
        found = (self.survey.hits.get(search, ()) for search in self._looking.searches)
        return list(dict.fromkeys(hit.path for hits in found for hit in hits))


_TELLERS: dict[str, Callable[[Answering], object]] = {
    "framework": lambda plan: plan._known().frameworks(),  # noqa: SLF001
    "python": lambda plan: plan._known().python_required(),  # noqa: SLF001
    "runner": lambda plan: plan._known().test_runner(),  # noqa: SLF001
    "command": lambda plan: plan._known().test_command(),  # noqa: SLF001
    "integration": lambda plan: plan._known().continuous_integration(),  # noqa: SLF001
    "evidence": lambda plan: plan._known().evidence(),  # noqa: SLF001
    "language": Answering._languages,  # noqa: SLF001
    "test": Answering._test_files,  # noqa: SLF001
    "licen": Answering._licence,  # noqa: SLF001
    "depend": Answering._dependencies,  # noqa: SLF001
    "title": Answering._title,  # noqa: SLF001
    "name": Answering._title,  # noqa: SLF001
}
"""What tells of a field whose name holds a word; of any other, what the searches found does."""


def _as_type(found: object, field: JsonObject) -> object:
    """What is known, as a field takes it: a list, its first item, how many, or whether any."""
    if found is None:
        return None
    items = found if isinstance(found, list) else [found]
    for schema in _branches(field):
        kind = schema.get("type")
        if "enum" in schema:
            return next((one for one in schema["enum"] if one in items), None)
        if kind == "array" and schema.get("items", {}).get("type") == "string":
            return items
        if kind in {"integer", "number"}:
            return len(items)
        if kind == "boolean":
            return bool(items)
        if kind == "string" and items:
            return str(items[0])
    return None


def _branches(field: JsonObject) -> list[JsonObject]:
    """A schema's cases, whichever way a union is written."""
    kind = field.get("type")
    if isinstance(kind, list):
        return [{**field, "type": one} for one in kind]
    branches: list[JsonObject] = field.get("anyOf", [field])
    return branches
