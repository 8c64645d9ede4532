"""The contract of search: whole words, all of them, without case and accents."""

from __future__ import annotations

import pytest

from codybatch.domain.errors import InvalidCursor, UsageError
from codybatch.domain.identifiers import JobId, RequestId
from codybatch.domain.prompts import PromptRef
from codybatch.ports import Page, PageRequest, Records
from tests.contracts.examples import (
    NOON,
    created,
    lease_of,
    minutes,
    queued,
    running,
    settled,
)
from tests.contracts.fixtures import StoreFixtures
from tests.contracts.lists_contract import pages

HOSTILE = [
    '"',
    '"acme',
    "acme*",
    "acme AND",
    "AND",
    "NOT acme",
    "acme OR web",
    "NEAR(acme api)",
    "title:acme",
    "acme)",
    "(" * 2_000,
    "^acme",
    "'; DROP TABLE jobs; --",
    "%",
    "_",
    "\\",
    "\x00",
    "\ud800",
    "-acme",
    "acme + api",
    "{title summary} : acme",
]


def jobs_found(records: Records, words: str) -> list[JobId]:
    return [job.id for job in records.search_jobs(words).items]


def requests_found(records: Records, words: str) -> list[RequestId]:
    return [request.id for request in records.search_requests(words).items]


class SearchContract(StoreFixtures):
    @pytest.mark.parametrize(
        "words",
        [
            "dependencies",
            "DEPENDENCIES",
            "the update",
            "update the dependencies",
            "dependencies update",
            "payments",
            "acme/payments-api",
            "acme payments api",
            "nightly",
            "nightly-update",
            "  acme \t payments\n",
            "update update update",
            "(dependencies), acme!",
        ],
    )
    def test_a_request_is_found_by_words_of_title_prompt_and_repositories(
        self, records: Records, words: str
    ) -> None:
        prompt = PromptRef(name="nightly-update", version=1)
        made = created(records, prompt=prompt, repositories="acme/web acme/payments-api")
        other = PromptRef(name="other", version=1)
        created(records, NOON + minutes(1), title="x", prompt=other, repositories="some/thing")

        assert requests_found(records, words) == [made.request.id]

    @pytest.mark.parametrize(
        "words", ["depend", "dependencie", "pay", "ments", "dependencies golang", "a c m e", "3"]
    )
    def test_parts_of_words_and_words_that_are_not_there_find_nothing(
        self, records: Records, words: str
    ) -> None:
        job = queued(records, repositories="acme/payments")
        settled(records, running(records), summary="Now it is done.")

        assert job.id not in jobs_found(records, words)
        assert requests_found(records, words) == []

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Café crème", "cafe CREME"),
            ("Cafe creme", "café crème"),
            ("Cafe\u0301", "café"),
            ("Straße", "STRASSE"),
            ("STRASSE", "straße"),
            ("Ångström", "angstrom"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("İstanbul", "istanbul"),
            ("\ufb01le", "file"),
            ("Python 3.11", "11 python"),
            ("snake_case_name", "case snake"),
            ("don't", "don t"),
            ("世界 平和", "平和"),
            ("\u33ab \u210c", "MPA h"),
            ("Привет", "привет"),
        ],
    )
    def test_case_and_accents_do_not_matter(self, records: Records, text: str, words: str) -> None:
        made = created(records, title=text)

        assert requests_found(records, words) == [made.request.id]
        assert jobs_found(records, words) == [made.jobs[0].id]

    def test_a_job_is_found_by_request_title_prompt_repository_title_and_summary(
        self, records: Records
    ) -> None:
        job = running(records, title="Spring cleaning", repositories="acme/payments")
        settled(records, job, title="Removed lodash", summary="It is replaced by native code.")
        queued(records, NOON + minutes(1))

        for words in ("spring", "cleaning update", "acme payments", "lodash removed native"):
            assert jobs_found(records, words) == [job.id], words
        assert jobs_found(records, "lodash golang") == []

    def test_a_job_is_found_by_its_own_repository_not_by_its_requests_others(
        self, records: Records
    ) -> None:
        made = created(records, repositories="acme/api acme/web")

        assert jobs_found(records, "web") == [made.jobs[1].id]
        assert requests_found(records, "api web") == [made.request.id]

    def test_a_job_is_found_by_its_latest_words_alone(self, records: Records) -> None:
        job = running(records)
        records.commit(lease_of(job), job.with_(title="First draft", summary="Kept words"))
        records.commit(lease_of(job), job.with_(title="Second draft", summary="Kept words"))

        assert jobs_found(records, "first") == []
        assert jobs_found(records, "second draft kept words") == [job.id]

    def test_a_renamed_request_is_found_by_its_new_title_and_so_are_its_jobs(
        self, records: Records
    ) -> None:
        made = created(records)

        records.update_request(made.request.with_(title="Renamed altogether"))

        assert requests_found(records, "renamed update") == [made.request.id]
        assert jobs_found(records, "renamed update") == [made.jobs[0].id]
        assert requests_found(records, "dependencies") == []
        assert jobs_found(records, "dependencies") == []

    @pytest.mark.parametrize("words", ["", " ", "!!!", "---", "🐛", "\u0301"])
    def test_a_search_without_words_finds_nothing(self, records: Records, words: str) -> None:
        created(records, title="🐛 !!!")

        assert records.search_jobs(words) == Page(())
        assert records.search_requests(words) == Page(())

    @pytest.mark.parametrize("words", HOSTILE)
    def test_no_syntax_breaks_a_search(self, records: Records, words: str) -> None:
        made = created(records, title="plain", prompt=PromptRef(name="p", version=1))

        found = jobs_found(records, words)

        assert found in ([], [made.jobs[0].id])
        assert len(requests_found(records, words)) == len(found)
        assert jobs_found(records, "plain") == [made.jobs[0].id]

    def test_words_of_query_languages_are_just_words(self, records: Records) -> None:
        made = created(records, title="this and that or not")
        created(records, NOON + minutes(1), title="this that")

        assert requests_found(records, "this AND that") == [made.request.id]
        assert requests_found(records, "not or") == [made.request.id]

    def test_fifty_words_are_searched_and_more_are_refused(self, records: Records) -> None:
        title = " ".join(f"w{number}" for number in range(50))
        made = created(records, title=title)

        assert requests_found(records, title) == [made.request.id]
        assert jobs_found(records, title) == [made.jobs[0].id]
        for search in (records.search_jobs, records.search_requests):
            with pytest.raises(UsageError):
                search(f"{title} more")

    def test_found_rows_come_newest_first_page_by_page(self, records: Records) -> None:
        made = [created(records, NOON + minutes(number)) for number in range(5)]
        created(records, NOON + minutes(9), title="Else")

        jobs = list(pages(lambda page: records.search_jobs("dependencies acme", page), 2))
        requests = list(pages(lambda page: records.search_requests("dependencies", page), 2))

        expected = [one.jobs[0].id for one in reversed(made)]
        assert [job.id for page in jobs for job in page.items] == expected
        expected_requests = [one.request.id for one in reversed(made)]
        assert [request.id for page in requests for request in page.items] == expected_requests

    def test_a_cursor_stays_right_while_rows_are_added(self, records: Records) -> None:
        made = [queued(records, NOON + minutes(number)).id for number in range(4)]
        first = records.search_jobs("dependencies", PageRequest(limit=2))
        queued(records, NOON + minutes(9))

        second = records.search_jobs("dependencies", PageRequest(limit=2, cursor=first.cursor))

        assert [job.id for page in (first, second) for job in page.items] == made[::-1]

    def test_the_same_words_otherwise_written_are_the_same_search(self, records: Records) -> None:
        for number in range(3):
            queued(records, NOON + minutes(number))
        cursor = records.search_jobs("dependencies acme", PageRequest(limit=2)).cursor

        again = records.search_jobs("ACME, dependencies", PageRequest(cursor=cursor))

        assert len(again.items) == 1

    def test_the_cursor_of_another_search_is_refused(self, records: Records) -> None:
        for number in range(3):
            queued(records, NOON + minutes(number))
        page = PageRequest(cursor=records.search_jobs("acme", PageRequest(limit=1)).cursor)

        for words in ("dependencies", "acme dependencies", "acme api"):
            with pytest.raises(InvalidCursor):
                records.search_jobs(words, page)
        with pytest.raises(InvalidCursor):
            records.search_requests("acme", page)

    def test_a_long_summary_is_stored_and_found(self, records: Records) -> None:
        job = running(records)
        summary = " ".join(f"word{number}" for number in range(1_000)) + " x" + "y" * 50_000

        settled(records, job, summary=summary)

        assert records.job(job.id).summary == summary
        assert jobs_found(records, "word0 word999") == [job.id]
