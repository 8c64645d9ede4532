"""What the files of a project tell: its framework, its Python, how its tests are run."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codybatch.standins.demonstration.results import Hit
from codybatch.standins.demonstration.survey import Search

_FRAMEWORKS = {
    "django": "Django",
    "flask": "Flask",
    "fastapi": "FastAPI",
    "starlette": "Starlette",
    "aiohttp": "aiohttp",
    "tornado": "Tornado",
}
SEARCHES: dict[str, Search] = {
    "framework": (rf"^\s*(from|import)\s+({'|'.join(_FRAMEWORKS)})\b", "*.py"),
    "runner": (r"^\s*(import|from)\s+(pytest|unittest)\b", "*.py"),
}
"""What is searched for where a field's name holds the word."""
_IMPORTED = re.compile(r"\s*(?:from|import)\s+(\w+)")
_PYTHON = re.compile(
    r"^\s*(?:requires-python|python_requires)\s*=\s*[\"']?([^\"'\n]+?)[\"']?,?\s*$", re.MULTILINE
)
_DOCUMENTED = re.compile(
    r"^(?:    |\t|\$ )?((?:python -m )?pytest[^\n]*|npm (?:run )?test|go test [^\n]+)$",
    re.MULTILINE,
)
_CI = re.compile(r"(?:\.github/workflows/|\.gitlab-ci\.yml$|azure-pipelines|\.circleci/)")
_COMMANDS = {"pytest": "pytest", "unittest": "python -m unittest", "jest": "npx jest"}
_MOST_EVIDENCE = 8


@dataclass(frozen=True)
class Project:
    """What was seen of a project.

    Arguments:
        hits: the lines that the searches found.
        shown: the texts of the files that were read, by path.
        files: the paths of all files.
        tests: the paths of those that hold tests.
    """

    hits: tuple[Hit, ...]
    shown: dict[str, str]
    files: tuple[str, ...]
    tests: tuple[str, ...]

    def frameworks(self) -> list[str]:
        """The web frameworks that are imported or, in JavaScript, declared."""
        found = [_FRAMEWORKS[name] for name in self._imported() if name in _FRAMEWORKS]
        if '"express"' in self.shown.get("package.json", ""):
            found.append("Express")
        return list(dict.fromkeys(found)) or ["none"]

    def python_required(self) -> str | None:
        """The versions of Python as the project declares them."""
        for path in ("pyproject.toml", "setup.cfg", "setup.py"):
            if found := _PYTHON.search(self.shown.get(path, "")):
                return found[1].strip()
        return None

    def test_runner(self) -> list[str]:
        """What runs the tests, by what they import and what is configured."""
        if not self.tests:
            return ["none"]
        if any(path.endswith("_test.go") for path in self.tests):
            return ["go test"]
        package = self.shown.get("package.json", "")
        for words, name in (("node --test", "node:test"), ("jest", "jest")):
            if words in package:
                return [name]
        configured = "\n".join(self.shown.values())
        if "pytest" in self._imported() or "pytest" in configured:
            return ["pytest"]
        if "unittest" in self._imported():
            return ["unittest"]
        has_conftest = any(path.endswith("conftest.py") for path in self.files)
        return ["pytest" if has_conftest else "other"]

    def test_command(self) -> str | None:
        """What one types to run the tests: as documented, else the runner's own."""
        if not self.tests:
            return None
        for path, text in self.shown.items():
            if path.startswith("README") and (found := _DOCUMENTED.search(text)):
                return found[1]
        if re.search(r"^test:", self.shown.get("Makefile", ""), re.MULTILINE):
            return "make test"
        return _COMMANDS.get(self.test_runner()[0])

    def continuous_integration(self) -> list[str]:
        """The files that make something run on every push."""
        return [path for path in self.files if _CI.search(path)]

    def evidence(self) -> list[str]:
        """The files that told: those that were read, then those where something was found."""
        found = [*self.shown, *(hit.path for hit in self.hits)]
        return list(dict.fromkeys(found))[:_MOST_EVIDENCE]

    def _imported(self) -> list[str]:
        found = (_IMPORTED.match(hit.text) for hit in self.hits)
        return [match[1] for match in found if match]
