"""Where a listing or a search looks: one folder's files, or one file."""

from __future__ import annotations

from bisect import bisect_left

from codybatch.domain.errors import ToolRefused
from codybatch.workspace.paths import shown
from codybatch.workspace.tree import WorkTree


class Scope:
    """The files below a folder, or one file."""

    def __init__(self, tree: WorkTree, path: str) -> None:
        """Find ``path``: a folder, a file, or ``.`` for everything.

        Raises:
            ToolRefused: there is neither.
        """
        self.path = tree.locate(path)
        if self.path and tree.has(self.path):
            self.paths: tuple[str, ...] = (self.path,)
            self._skip = len(self.path) - len(self.path.rpartition("/")[2])
            return
        if not tree.is_directory(self.path):
            raise ToolRefused(
                f"There is no {shown(self.path)}. list_files without a path shows what there is."
            )
        self._skip = len(self.path) + 1 if self.path else 0
        self.paths = _below(tree.paths(), self.path)

    def inside(self, path: str) -> str:
        """A path of the scope, relative to its folder."""
        return path[self._skip :]


def _below(paths: tuple[str, ...], folder: str) -> tuple[str, ...]:
    if not folder:
        return paths
    start = bisect_left(paths, f"{folder}/")
    # "0" is the character after "/", so this is the first path behind the folder's.
    return paths[start : bisect_left(paths, f"{folder}0")]
