from __future__ import annotations

import tracemalloc
from pathlib import Path

from codybatch.cli.export import exporter_of
from codybatch.composition import application
from codybatch.services.export import Part, ThreadFormat, Wanted
from codybatch.settings import load_settings
from tests.kept_work import PATCH, Kept, calls, gave, says

TURNS = 60
RESULT = "a line of a file that was read\n" * 3_000


def test_a_long_conversation_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    kept = Kept.at(tmp_path / "home")
    request = kept.request("acme/one")
    said = [
        ((says("I look."), calls("grep", number, path="a")), (gave(RESULT, number),))
        for number in range(1, TURNS + 1)
    ]
    kept.change(request, said, PATCH)
    kept.store.close()
    app = application(load_settings(home=tmp_path / "home"))
    exporter = exporter_of(app)
    wanted = Wanted((request.id,), frozenset({Part.THREADS}), tuple(ThreadFormat))
    exporter.export(wanted, tmp_path / "first", lambda *_: None)  # imports what it needs

    tracemalloc.start()
    try:
        manifest = exporter.export(wanted, tmp_path / "second", lambda *_: None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        app.close()

    written = {one.path.partition(".")[2]: one.size for one in manifest.files}
    assert min(written[end] for end in ("jsonl", "md", "traj.json")) > TURNS * len(RESULT)
    assert peak < TURNS * len(RESULT) / 1.25
