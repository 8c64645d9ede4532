"""Taking work away: requests with their jobs, patches, threads, findings and verdicts, as files.

What lives here: the formats of an export, and the folder that comes to be whole or not at all.
What never does: a query of its own making, or a name that a repository or the model chose.
"""

from __future__ import annotations

from codybatch.services.export.exporting import Exporter, Part, Wanted
from codybatch.services.export.manifest import Manifest
from codybatch.services.export.thread_files import ThreadFormat

__all__ = ["Exporter", "Manifest", "Part", "ThreadFormat", "Wanted"]
