"""A report to a path that a person names: a file by its ending, or a folder with all of them."""

from __future__ import annotations

from pathlib import Path

from codybatch.analysis.gathering.gather import gather
from codybatch.analysis.gathering.material import Material
from codybatch.analysis.report_files.making import NAMES, Format, Writing, make_files
from codybatch.composition import Application
from codybatch.domain.errors import UsageError

_ENDINGS = {f".{one.value}": one for one in Format}


def save_report(app: Application, material: Material, path: Path) -> Path:
    """Write what a comparison came to, patches looked at, and give the path.

    Args:
        app: where patches are.
        material: what is compared.
        path: a file ending in ``.html``, ``.md``, ``.json``, ``.csv`` or ``.parquet``; without an
            ending a folder, for all of them.

    Raises:
        UsageError: it ends otherwise.
        OSError: it cannot be written.
    """
    if path.suffix and path.suffix.lower() not in _ENDINGS:
        raise UsageError(
            f"{path.name!r} is no report: end it in {', '.join(_ENDINGS)}, or name a folder."
        )
    clean, read = app.net.clean, app.store.blobs.get
    report = gather(material, clean, read)
    if not path.suffix:
        path.mkdir(parents=True, exist_ok=True)
        for name, content in make_files(report, clean, read, Writing()).items():
            (path / name).write_bytes(content)
        return path
    form = _ENDINGS[path.suffix.lower()]
    path.write_bytes(make_files(report, clean, read, Writing((form,)))[NAMES[form]])
    return path
