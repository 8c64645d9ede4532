"""The embedded store: records in SQLite, objects in files, all under one home folder.

What lives here: how records and objects are kept on one machine, for many processes at once.
What never does: the rules of leases, money and words, which all stores share (one folder up).
"""

from __future__ import annotations

from codybatch.stores.embedded.store import EmbeddedStore

__all__ = ["EmbeddedStore"]
