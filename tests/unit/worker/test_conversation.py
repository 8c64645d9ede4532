"""The worker's side of a conversation, where its process does not do what it should."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Thread

import pytest

from codybatch.worker import conversation
from codybatch.worker.attempt import StopReason
from codybatch.worker.conversation import Conversation
from codybatch.worker.pipe import Adopted
from tests.attempt_kit import REFUSED, Site

HANGING = (sys.executable, "-c", "import time; time.sleep(600)")


def test_a_process_that_hangs_with_a_full_pipe_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "SECONDS_TO_STOP", 0.1)
    site = Site(tmp_path, program=HANGING)
    attempt = site.begin().attempt
    with Conversation(attempt, site.around(REFUSED)) as held:
        stuck = Thread(target=held._send, args=(Adopted(content=bytes(1 << 20)),), daemon=True)
        stuck.start()
        stopping = Thread(target=attempt.stop, args=(StopReason.CANCELLED,), daemon=True)
        stopping.start()

        stuck.join(30)
        stopping.join(30)

        assert not stuck.is_alive()
        assert not stopping.is_alive()
    site.store.close()


def test_a_process_that_dies_before_it_reads_its_answer_is_no_failure_of_the_worker(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path, program=("true",))
    with Conversation(site.begin().attempt, site.around(REFUSED)) as held:
        held._process.wait()
        held._send(Adopted(content=b"what it asked for"))
    site.store.close()
