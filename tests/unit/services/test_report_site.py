"""Publishing a report: every version is kept, the newest is seen."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from codybatch.domain.identifiers import ExperimentId
from codybatch.services.report_site import digest_of, publish
from codybatch.stores.embedded import EmbeddedStore
from codybatch.stores.embedded.site import FolderSite

FILES = {"index.html": b"<!doctype html>", "report.json": b"{}"}
EXPERIMENT = ExperimentId("01j00000000000000000000000")


def test_each_version_is_kept_and_the_newest_is_on_the_site(tmp_path: Path) -> None:
    blobs, site = EmbeddedStore(tmp_path).blobs, FolderSite(tmp_path)

    first = publish(EXPERIMENT, FILES, blobs, site)
    newer = publish(EXPERIMENT, {**FILES, "index.html": b"newer"}, blobs, site)

    assert first.address == newer.address
    assert not set(first.keys) & set(newer.keys)
    kept = blobs.find(first.keys[-1])
    assert kept is not None
    assert blobs.get(kept) == FILES["index.html"]
    shown = tmp_path / "reports" / EXPERIMENT / "index.html"
    assert shown.read_bytes() == b"newer"


def test_the_same_files_are_published_to_the_same_keys(tmp_path: Path) -> None:
    blobs, site = EmbeddedStore(tmp_path).blobs, FolderSite(tmp_path)

    assert publish(EXPERIMENT, FILES, blobs, site) == publish(EXPERIMENT, FILES, blobs, site)


def test_a_manifest_with_the_digest_of_each_file_is_published_with_them(tmp_path: Path) -> None:
    publish(EXPERIMENT, FILES, EmbeddedStore(tmp_path).blobs, FolderSite(tmp_path))

    folder = tmp_path / "reports" / EXPERIMENT
    entries = json.loads((folder / "manifest.json").read_bytes())["files"]
    assert [one["path"] for one in entries] == sorted(FILES)
    for one in entries:
        content = (folder / one["path"]).read_bytes()
        assert (one["size"], one["sha256"]) == (len(content), sha256(content).hexdigest())


def test_a_digest_tells_names_from_contents() -> None:
    assert digest_of({"a": b"bc"}) != digest_of({"ab": b"c"})
    assert digest_of({"a": b"b", "c": b"d"}) == digest_of({"c": b"d", "a": b"b"})
