"""What a repository is made of, worked out from its names and the heads of a few manifests.

Nothing of the repository runs, no parser meets its text, and every list and every read is bounded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from codybatch.domain.errors import ToolRefused
from codybatch.domain.repositories import LanguageShare, Profile
from codybatch.workspace.known_names import (
    ENTRY_NAMES,
    FRAMEWORKS,
    GUIDANCE_FOLDERS,
    GUIDANCE_NAMES,
    LANGUAGES,
    LANGUAGES_BY_NAME,
    LOCKED_INSTEAD,
    MANIFESTS,
    PACKAGE_MANAGERS,
    TEST_FOLDERS,
    VENDORED,
)
from codybatch.workspace.paths import shown
from codybatch.workspace.patterns import Pattern
from codybatch.workspace.redaction import Net
from codybatch.workspace.secret_scanner import SecretScanner
from codybatch.workspace.tree import LFS_FIRST_LINE, LFS_MAX_BYTES, TreeFile, WorkTree

README_BYTES = 4_096
_READ_FOR_HEAD = 64 * 1024
_MAX_MANIFESTS = 40
_MAX_MANIFEST_BYTES = 128 * 1024
_MAX_LISTED = 100
_MAX_TOP_LEVEL = 200
_MAX_ENTRY_POINTS = 20
_README = re.compile(r"readme(?:\.(?:md|markdown|rst|txt|adoc|org))?", re.IGNORECASE)
_REQUIREMENTS = re.compile(r"(?:requirements|constraints)[\w.-]*\.(?:txt|in)")
_SCRIPTS = re.compile(
    r"^\[project\.(?:gui-)?scripts\][^\n]*\n((?:[^\[\n][^\n]*\n?|\n)*)", re.MULTILINE
)
_SCRIPT = re.compile(r"^[\"']?([\w.-]+)[\"']?\s*=\s*[\"']([\w.:-]+)[\"']", re.MULTILINE)


def profile(tree: WorkTree) -> Profile:
    """Look a work tree over.

    Lists hold paths as people are shown them; guidance files as ``WorkTree.read`` takes them.
    """
    files = list(tree.files())
    own = [file for file in files if not VENDORED.intersection(file.path.split("/")[:-1])]
    manifests = _manifests(tree, own)
    return Profile(
        files=len(files),
        bytes=sum(file.size for file in files),
        languages=tuple(_languages(own)),
        package_managers=tuple(_package_managers(own)),
        test_folders=tuple(islice(_test_folders(own), _MAX_LISTED)),
        frameworks=tuple(sorted(set(_frameworks(manifests)))),
        entry_points=tuple(islice(_entry_points(own, manifests), _MAX_ENTRY_POINTS)),
        top_level=tuple(_top_level(files)),
        readme=_readme(tree, own),
        guidance_files=tuple(islice(_guidance(own), _MAX_LISTED)),
        symlinks=sum(file.is_symlink for file in files),
        submodules=tuple(
            islice((shown(file.path) for file in files if file.is_submodule), _MAX_LISTED)
        ),
        lfs_files=_lfs_files(tree, files),
    )


def redacted_head(tree: WorkTree, path: str, most: int) -> str:
    """The beginning of a text file without its secrets, at most ``most`` bytes of UTF-8; empty of
    a binary one. It is redacted before it is cut, so that no cut leaves half a secret.

    Raises:
        ToolRefused: there is no such file.
    """
    data = tree.read(path, max(most, _READ_FOR_HEAD) + _READ_FOR_HEAD)
    if b"\0" in data:
        return ""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    clean = Net((), SecretScanner()).clean(text)
    return clean.encode()[:most].decode("utf-8", "ignore")


def _languages(files: Iterable[TreeFile]) -> Iterator[LanguageShare]:
    counts, sizes = Counter[str](), Counter[str]()
    for file in files:
        language = None if file.is_symlink or file.is_submodule else _language(file.path)
        if language is not None:
            counts[language] += 1
            sizes[language] += file.size
    for language in sorted(counts, key=lambda name: (-sizes[name], name)):
        yield LanguageShare(language=language, files=counts[language], bytes=sizes[language])


def _language(path: str) -> str | None:
    name = path.rpartition("/")[2].lower()
    by_name = LANGUAGES_BY_NAME.get(name)
    return by_name or LANGUAGES.get(name.rpartition(".")[2] if "." in name else "")


def _package_managers(files: Iterable[TreeFile]) -> list[str]:
    names = {_name(file) for file in files}
    found = {manager for name, manager in PACKAGE_MANAGERS.items() if name in names}
    if any(_REQUIREMENTS.fullmatch(name) for name in names):
        found.add("pip")
    if any(name.endswith((".csproj", ".fsproj", ".vbproj")) for name in names):
        found.add("NuGet")
    for manager, (others, proof) in LOCKED_INSTEAD.items():
        if found & others and proof not in names:
            found.discard(manager)
    return sorted(found)


def _test_folders(files: Iterable[TreeFile]) -> Iterator[str]:
    """The outermost folders of tests, sorted."""
    found: set[str] = set()
    for file in files:
        parts = file.path.split("/")[:-1]
        depth = next((n for n, part in enumerate(parts) if part.lower() in TEST_FOLDERS), None)
        if depth is not None:
            found.add("/".join(parts[: depth + 1]))
    return map(shown, sorted(found))


def _manifests(tree: WorkTree, files: Sequence[TreeFile]) -> dict[str, str]:
    """The manifests' texts by path, the outermost first, a bounded number and size of them."""
    paths = [file.path for file in files if _ecosystem(file.path)]
    chosen = sorted(paths, key=lambda path: (path.count("/"), path))[:_MAX_MANIFESTS]
    read = tree.read_all(sorted(chosen), _MAX_MANIFEST_BYTES)
    return {path: data.decode("utf-8", "replace") for path, data in read}


def _ecosystem(path: str) -> str | None:
    name = path.rpartition("/")[2].lower()
    if _REQUIREMENTS.fullmatch(name):
        return "python"
    if name.endswith((".csproj", ".fsproj", ".vbproj")):
        return "dotnet"
    return MANIFESTS.get(name)


def _frameworks(manifests: dict[str, str]) -> Iterator[str]:
    for ecosystem in sorted({_ecosystem(path) or "" for path in manifests}):
        known = FRAMEWORKS[ecosystem]
        pattern = Pattern(
            r"(?:^|[\s\"'>:(])(" + "|".join(map(re.escape, known)) + r")(?:$|[^\w.-])",
            ignore_case=True,
        )
        for path, text in manifests.items():
            if _ecosystem(path) == ecosystem:
                data = text.encode()
                for start, end in pattern.values(data):
                    yield known[data[start:end].decode().lower()]


def _entry_points(files: Iterable[TreeFile], manifests: dict[str, str]) -> Iterator[str]:
    """What starts the program: scripts that a manifest names, then files of the usual names."""
    for path, text in manifests.items():
        if path.endswith("pyproject.toml"):
            for section in _SCRIPTS.finditer(text):
                yield from (f"{name} = {where}" for name, where in _SCRIPT.findall(section[1]))
    paths = [
        file.path
        for file in files
        if _name(file) in ENTRY_NAMES
        and file.path.count("/") <= 3
        and not any(part.lower() in TEST_FOLDERS for part in file.path.split("/"))
    ]
    yield from map(shown, sorted(paths, key=lambda path: (path.count("/"), path)))


def _top_level(files: Iterable[TreeFile]) -> list[str]:
    names: dict[str, None] = {}
    for file in files:
        name, slash, _ = file.path.partition("/")
        names[shown(name) + slash] = None
    return list(islice(names, _MAX_TOP_LEVEL))


def _readme(tree: WorkTree, files: Iterable[TreeFile]) -> str | None:
    names = [
        file.path for file in files if _README.fullmatch(file.path) and file.mode.startswith("100")
    ]
    for path in sorted(names, key=lambda name: (not name.lower().endswith(".md"), name)):
        try:
            return redacted_head(tree, path, README_BYTES)
        except ToolRefused:
            continue
    return None


def _guidance(files: Iterable[TreeFile]) -> Iterator[str]:
    for file in files:
        if not file.mode.startswith("100") or shown(file.path) != file.path:
            continue
        is_rule = file.path.startswith(GUIDANCE_FOLDERS) and "." in _name(file)
        if is_rule or _name(file) in GUIDANCE_NAMES:
            yield file.path


def _lfs_files(tree: WorkTree, files: Iterable[TreeFile]) -> int:
    least = len(LFS_FIRST_LINE)
    small = (file.path for file in files if least < file.size < LFS_MAX_BYTES)
    return sum(data == LFS_FIRST_LINE for _, data in tree.read_all(small, least))


def _name(file: TreeFile) -> str:
    return file.path.rpartition("/")[2].lower()
