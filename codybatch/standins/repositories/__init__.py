"""Small repositories that look like a team's: what the demonstration and the tests work on.

Their files are under `trees/`, each with `.txt` behind its name, so that no tool takes them for
ours; what plain text cannot hold, or should not, is made in `specials`.
"""

from __future__ import annotations

from codybatch.standins.repositories.catalogue import CATALOGUE, SampleRepository
from codybatch.standins.repositories.materialise import digest, files_of, materialise

__all__ = ["CATALOGUE", "SampleRepository", "digest", "files_of", "materialise"]
