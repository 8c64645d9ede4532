"""The schema: where the migrations lead, and what happens to other versions."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest

from codybatch.domain.errors import StoreTooNew
from codybatch.stores.embedded import EmbeddedStore
from codybatch.stores.embedded.migrations import MIGRATIONS, migrate

Shape = set[tuple[str, str, str]]


def shape(connection: sqlite3.Connection) -> Shape:
    """Every table and index, with its definition without line breaks."""
    found = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in found}


def open_empty() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def shape_of_the_schema_file() -> Shape:
    schema = resources.files("codybatch.stores.embedded").joinpath("schema.sql").read_text()
    with closing(open_empty()) as connection:
        connection.executescript(schema)
        return shape(connection)


def test_the_migrations_lead_to_the_schema_file() -> None:
    with closing(open_empty()) as connection:
        migrate(connection, Path("memory"))

        assert shape(connection) == shape_of_the_schema_file()
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)


def test_every_table_is_strict() -> None:
    with closing(open_empty()) as connection:
        migrate(connection, Path("memory"))
        tables = connection.execute("PRAGMA table_list").fetchall()

    ours = {row[1]: row[5] for row in tables if not row[1].startswith("sqlite_")}
    assert len(ours) > 10
    assert set(ours.values()) == {1}


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_an_older_store_takes_the_missing_steps(version: int) -> None:
    with closing(open_empty()) as connection:
        for step in MIGRATIONS[:version]:
            step(connection)
        connection.execute(f"PRAGMA user_version = {version}")

        migrate(connection, Path("memory"))

        assert shape(connection) == shape_of_the_schema_file()


def test_a_step_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half_made (a TEXT) STRICT")
        raise RuntimeError("power cut")

    EmbeddedStore(tmp_path).open()
    with closing(sqlite3.connect(tmp_path / "codybatch.db")) as connection:
        before = shape(connection)
    monkeypatch.setattr("codybatch.stores.embedded.migrations.MIGRATIONS", (*MIGRATIONS, breaks))

    with pytest.raises(RuntimeError, match="power cut"):
        EmbeddedStore(tmp_path).open()

    with closing(sqlite3.connect(tmp_path / "codybatch.db")) as connection:
        assert shape(connection) == before
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "codybatch.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    before = path.read_bytes()

    with pytest.raises(StoreTooNew, match="999"):
        EmbeddedStore(tmp_path).records.job_counts()

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["codybatch.db"]


def test_stores_that_open_a_new_place_at_once_make_one_database(tmp_path: Path) -> None:
    stores = [EmbeddedStore(tmp_path / "new") for _ in range(8)]

    with ThreadPoolExecutor(8) as openers:
        counts = list(openers.map(lambda store: store.records.job_counts(), stores))

    assert len({count.total for count in counts}) == 1
    for store in stores:
        store.close()
