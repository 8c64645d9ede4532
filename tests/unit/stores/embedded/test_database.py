"""The database file: when it is touched, who may use it, and what goes wrong with it."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from codybatch.domain.errors import StoreDamaged, StoreError, StoreFull, UsageError
from codybatch.domain.identifiers import JobId
from codybatch.ports import Partition, PartitionKind
from codybatch.stores.embedded import EmbeddedStore
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.records import EmbeddedRecords
from tests.contracts.examples import (
    NOON,
    a_request,
    a_step,
    an_event,
    created,
    jobs_of,
    lease_of,
    minutes,
    queued,
    running,
    settled,
    usd,
)

ROOT = Path(__file__).parents[4]


def database_of(place: Path) -> Path:
    return place / "codybatch.db"


def set_room(database: Database, pages: int) -> None:
    """Let the database grow by so many pages and no more, as on a disk that is nearly full."""
    with database.write() as connection:
        now = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {now + pages}")


def test_the_disk_is_not_touched_before_the_first_use(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "home")
    store.close()

    assert list(tmp_path.iterdir()) == []


def test_the_first_use_makes_home_for_this_person_alone(tmp_path: Path) -> None:
    home = tmp_path / "a" / "home"
    store = EmbeddedStore(home)

    store.open()
    store.blobs.put("a/b", b"content")

    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    store.close()
    assert sorted(path.name for path in home.iterdir()) == ["blobs", "codybatch.db"]


def test_every_change_is_on_the_disk_when_it_is_made(tmp_path: Path) -> None:
    database = Database(database_of(tmp_path))

    with database.read() as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    full_synchronous = 2
    assert settings == {
        "journal_mode": "wal",
        "synchronous": full_synchronous,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }
    database.close()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    queued(store.records)
    store.close()
    store.close()

    with pytest.raises(StoreError, match="closed"):
        store.records.job_counts()


def test_threads_take_turns_with_a_few_connections(tmp_path: Path) -> None:
    database = Database(database_of(tmp_path))
    records = EmbeddedRecords(database)
    queued(records)

    with ThreadPoolExecutor(4) as readers:
        counts = list(readers.map(lambda _: records.job_counts().total, range(200)))

    assert set(counts) == {1}
    with database.read() as one, database.read() as another:
        assert one is not another
    database.close()


def test_what_a_writer_did_is_undone_when_it_fails(tmp_path: Path) -> None:
    database = Database(database_of(tmp_path))
    records = EmbeddedRecords(database)
    job = queued(records)

    def break_off() -> None:
        with database.write() as connection:
            connection.execute("UPDATE jobs SET state = 'failed'")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()

    assert records.job(job.id) == job
    database.close()


def test_a_locked_database_is_waited_for(tmp_path: Path) -> None:
    records = EmbeddedRecords(Database(database_of(tmp_path)))
    queued(records)
    with closing(sqlite3.connect(database_of(tmp_path), check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as worker:
            late = worker.submit(queued, records, NOON + minutes(1))
            assert records.job_counts().total == 1
            assert not late.done()
            other.execute("ROLLBACK")

            late.result(20)

    assert records.job_counts().total == 2
    records.close()


def test_a_database_that_stays_locked_is_named(tmp_path: Path) -> None:
    records = EmbeddedRecords(Database(database_of(tmp_path), wait_seconds=0.05))
    job = queued(records)
    with closing(sqlite3.connect(database_of(tmp_path))) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreError, match="locked by another process"):
            queued(records, NOON + minutes(1))
        assert records.job(job.id) == job

    records.close()


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    database_of(tmp_path).write_bytes(b"not a database at all, but long enough for a header" * 50)

    with pytest.raises(StoreDamaged, match=r"codybatch\.db is damaged.*recover"):
        EmbeddedStore(tmp_path).records.job_counts()


def test_a_database_with_overwritten_pages_is_damaged(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    created(store.records, repositories=" ".join(f"acme/r{number}" for number in range(200)))
    store.close()
    content = bytearray(database_of(tmp_path).read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 200] = os.urandom(200)
    database_of(tmp_path).write_bytes(content)

    again = EmbeddedStore(tmp_path)
    with pytest.raises(StoreDamaged, match="backup"):
        again.records.list_jobs()
    with pytest.raises(StoreDamaged):
        again.records.check()
    again.close()


def test_a_record_that_is_no_record_is_damaged(tmp_path: Path) -> None:
    database = Database(database_of(tmp_path))
    records = EmbeddedRecords(database)
    job = queued(records)
    with database.write() as connection:
        connection.execute("UPDATE jobs SET document = '{\"id\": 1}'")

    with pytest.raises(StoreDamaged, match="a stored job cannot be read"):
        records.job(job.id)
    database.close()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE job_counts SET jobs = jobs + 1", "counts of jobs"),
        ("DELETE FROM job_counts", "counts of jobs"),
        ("UPDATE requests SET failed = 1", "counts of a request"),
        ("UPDATE requests SET reserved_usd = '1'", "set aside"),
        ("UPDATE day_budgets SET reserved_usd = '1'", "set aside"),
    ],
)
def test_a_counter_that_is_wrong_is_found_by_the_check(
    tmp_path: Path, statement: str, reason: str
) -> None:
    database = Database(database_of(tmp_path))
    records = EmbeddedRecords(database)
    records.reserve(lease_of(running(records)), usd("2"), usd("0"), NOON.date(), None)
    records.check()
    with database.write() as connection:
        connection.execute(statement)

    with pytest.raises(StoreDamaged, match=reason):
        records.check()
    database.close()


def test_sums_of_long_fractions_are_whole(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    for number in range(1, 8):
        lease = lease_of(running(store.records, at=NOON + minutes(number)))
        third = usd("1") * number / 3 / 10**number
        store.records.reserve(lease, third, third / 7, NOON.date(), None)

    store.records.check()
    store.close()


def test_a_record_that_points_nowhere_is_found_by_the_check(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    queued(store.records)
    with closing(sqlite3.connect(database_of(tmp_path))) as careless:
        careless.execute("INSERT INTO events VALUES ('gone', 1, 1, '{}')")
        careless.commit()

    with pytest.raises(StoreDamaged, match="points to"):
        store.records.check()
    store.close()


def test_a_database_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    database = Database(database_of(tmp_path))
    records = EmbeddedRecords(database)
    queued(records)
    with database.read() as connection:
        connection.execute("PRAGMA query_only = ON")

    for write in (records.check, lambda: queued(records, NOON + minutes(1))):
        with pytest.raises(StoreError, match="cannot be opened or written"):
            write()
    database.close()


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file")

    store = EmbeddedStore(home)
    with pytest.raises(StoreError, match="home"):
        store.open()
    with pytest.raises(StoreError, match="home"):
        store.blobs.put("a", b"content")


def test_a_full_disk_leaves_no_half_written_record(tmp_path: Path) -> None:
    database = Database(database_of(tmp_path))
    records = EmbeddedRecords(database)
    job = running(records)
    request = a_request(repositories=" ".join(f"acme/r{n}" for n in range(300)))
    committed: list[str] = []

    def commit_until_full() -> None:
        for number in range(1_000):
            changed = job.with_(summary=f"{number} " * 200)
            records.commit(lease_of(job), changed, [a_step(job, number)], [an_event("x")])
            committed.append(changed.summary)

    set_room(database, pages=5)
    with pytest.raises(StoreFull, match=r"Free some space"):
        commit_until_full()
    with pytest.raises(StoreFull):
        records.create_request(request, jobs_of(request), "key")

    assert len(committed) > 1
    assert len(records.steps(job.id)) == len(records.events(job.id)) == len(committed)
    assert records.job(job.id).summary == committed[-1]
    assert records.job_counts().total == 1
    set_room(database, pages=10_000)
    records.check()
    assert not records.create_request(request, jobs_of(request), "key").replayed
    settled(records, job)
    database.close()


@pytest.mark.parametrize("value", ["a\x00b", "ü" * 10_000, "'", ""])
def test_any_text_may_be_looked_for(tmp_path: Path, value: str) -> None:
    store = EmbeddedStore(tmp_path)
    queued(store.records)

    assert store.records.list_jobs(Partition(PartitionKind.REQUESTER, value)).items == ()
    assert store.records.verdicts(JobId(value)) == ()
    store.close()


def test_what_no_column_can_hold_is_wrong_usage(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    job = queued(store.records)

    with pytest.raises(UsageError):
        store.records.list_jobs(Partition(PartitionKind.REQUESTER, "\ud800"))
    with pytest.raises(UsageError):
        store.records.events(job.id, after=2**80)
    assert store.records.events(job.id, after=2**62) == ()
    store.close()


FORKS = """
import os, sys
from pathlib import Path
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.records import EmbeddedRecords
from tests.contracts.examples import NOON, minutes, queued

database = Database(Path(sys.argv[1]) / "codybatch.db")
records = EmbeddedRecords(database)
queued(records, NOON)
with database.read() as connection:
    parents = connection
child = os.fork()
if child == 0:
    for number in range(1, 21):
        queued(records, NOON + minutes(number))
    with database.read() as connection:
        own = connection is not parents
    database.close()
    os._exit(0 if own else 1)
for number in range(21, 41):
    queued(records, NOON + minutes(number))
_, status = os.waitpid(child, 0)
queued(records, NOON + minutes(41))
records.check()
with database.read() as connection:
    print(os.waitstatus_to_exitcode(status), records.job_counts().queued, connection is parents)
database.close()
"""


def test_a_forked_child_opens_connections_of_its_own(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", FORKS, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert finished.stdout.split() == ["0", "42", "True"], finished.stderr
