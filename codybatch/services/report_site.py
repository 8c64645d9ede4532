"""Publishing a report: each version is kept for good, and the newest stands on the site."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from codybatch.domain.identifiers import ExperimentId
from codybatch.ports.blobs import Blobs
from codybatch.ports.site import REPORTS, Site, in_order

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Published:
    """What was published."""

    address: str
    """Where a browser finds it."""
    keys: tuple[str, ...]
    """Of its files among the blobs; other bytes have other keys."""


def publish(
    experiment: ExperimentId, files: Mapping[str, bytes], blobs: Blobs, site: Site
) -> Published:
    """Keep the files of a report, then put them on the site. Doing so again does no harm.

    Args:
        experiment: whose report it is.
        files: the bytes of each, by name, without their manifest.
        blobs: where every version is kept, under ``reports/`` and the digest of all its files.
        site: where the newest is seen.

    Raises:
        StoreError: they cannot be written.
    """
    files = with_manifest(files)
    folder = f"{REPORTS}/{experiment}/{digest_of(files)[:32]}"
    kept = tuple(blobs.put(f"{folder}/{name}", content) for name, content in in_order(files))
    return Published(site.publish(experiment, files), tuple(ref.key for ref in kept))


def with_manifest(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a report and a list of their sizes and digests, wherever they are put."""
    entries = [
        {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted(files.items())
    ]
    return {**files, MANIFEST: f"{json.dumps({'files': entries}, indent=1)}\n".encode()}


def digest_of(files: Mapping[str, bytes]) -> str:
    """The SHA-256 of all files with their names, in hexadecimal."""
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()
