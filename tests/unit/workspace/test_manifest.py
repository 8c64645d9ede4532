from __future__ import annotations

from pathlib import Path

import pytest

from codybatch.workspace.manifest import EXECUTABLE, FILE, Manifest, ManifestEntry, folded

BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def entry(path: str, mode: str = FILE) -> ManifestEntry:
    return ManifestEntry(path, mode, BLOB, 0)


def test_a_saved_manifest_comes_back_with_names_that_are_not_utf8(tmp_path: Path) -> None:
    paths = ["b.txt", "a/ü.txt", b"latin-\xe9.txt".decode("utf-8", "surrogateescape")]
    manifest = Manifest.of(map(entry, paths), "c" * 40, changed_before=["new.txt", "b.txt"])

    manifest.save(tmp_path / "manifest.json")
    loaded = Manifest.load(tmp_path / "manifest.json")

    assert loaded == manifest
    assert [e.path for e in loaded] == sorted(paths)
    assert loaded.commit == "c" * 40
    assert loaded.changed_before == ("b.txt", "new.txt")


def test_a_file_is_found_by_its_exact_path() -> None:
    manifest = Manifest.of([entry("Src/Straße.py", EXECUTABLE)])

    assert "Src/Straße.py" in manifest
    assert "src/straße.py" not in manifest
    assert manifest.get("src/straße.py") is None
    found = manifest.get("Src/Straße.py")
    assert found is not None
    assert found.mode == EXECUTABLE


def test_composed_and_decomposed_letters_are_the_same_to_a_file_system() -> None:
    assert folded("caf\u00e9") == folded("CAFE\u0301")
    assert folded("a") != folded("b")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"entries": [[1]], "commit": ""}'])
def test_a_damaged_manifest_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)

    with pytest.raises(ValueError, match=r"manifest\.json is not a manifest"):
        Manifest.load(tmp_path / "manifest.json")
