"""A job and a request in a notebook: what they show, escaped, clean, and never too long."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from codybatch.analysis.display.sheet import MOST_BYTES
from codybatch.analysis.workspace import Workspace
from codybatch.domain.states import EndedBecause, JobState
from codybatch.stores.embedded import EmbeddedStore
from tests.conversation_kit import Talk, call, everyday, of_length, result, text
from tests.ui_kit import DIFF, SECRET, Gallery
from tests.unit.analysis.test_workspace import damage

ALLOWED = {
    *("code", "details", "div", "p", "pre", "span", "strong", "style", "summary", "table"),
    *("tbody", "td", "th", "thead", "tr"),
}


class Reader(HTMLParser):
    """Checks that every element is known and closed, and none of them could do anything."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        names = {name for name, _ in attrs}
        assert names <= {"class", "open", "role", "aria-label", "scope"}, names
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)


def words_of(html: str) -> str:
    """What somebody reads; the HTML is sound, small and free of secrets."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    assert len(html.encode()) <= MOST_BYTES
    assert SECRET not in html
    assert "\u202e" not in html
    return "".join(reader.words)


def patch_of(files: int, lines: int) -> bytes:
    return b"".join(
        b"diff --git a/%d.py b/%d.py\n--- a/%d.py\n+++ b/%d.py\n@@ -0,0 +1,%d @@\n"
        % (number, number, number, number, lines)
        + b"".join(b"+value_%d = '<b>'\n" % line for line in range(lines))
        for number in range(files)
    )


def test_a_job_says_what_came_of_it(gallery: Gallery, cb: Workspace) -> None:
    job = cb.job(gallery.published("acme/api").id)

    shown = words_of(job._repr_html_())

    assert "acme/api" in shown
    assert "Were changes necessary: yes" in shown
    assert "Replaced utcnow() in one place." in shown
    assert job.title == "Use timezone-aware datetimes"
    assert (job.state, job.repository) == ("succeeded", "acme/api")
    assert "Replaced utcnow() in one place." in repr(job)


def test_a_failed_job_says_why_and_what_to_do(gallery: Gallery, cb: Workspace) -> None:
    because = EndedBecause.REPOSITORY_UNAVAILABLE
    failed = gallery.ended("acme/gone", because, JobState.FAILED, ended_detail="fatal: not found")

    shown = words_of(cb.job(failed.id)._repr_html_())

    assert "fatal: not found" in shown
    assert "codybatch jobs retry" in shown


def test_a_diff_shows_its_lines_and_the_patch_its_bytes(gallery: Gallery, cb: Workspace) -> None:
    job = cb.job(gallery.ended("acme/api", patch=DIFF).id)

    shown = words_of(job.diff()._repr_html_())

    assert job.patch == DIFF
    assert "-now = datetime.utcnow()" in shown
    assert "src/ingest.py" in shown
    assert "+now = datetime.now(timezone.utc)" in repr(job.diff())
    assert len(job.diff().files) == 1


def test_a_job_without_a_patch_has_an_empty_diff(gallery: Gallery, cb: Workspace) -> None:
    job = cb.job(gallery.queued("acme/api").id)

    assert job.patch == b""
    assert "no change" in words_of(job.diff()._repr_html_())
    assert job.answer is None


def test_what_attacks_the_page_is_text(gallery: Gallery, cb: Workspace) -> None:
    job = cb.job(gallery.hostile("acme/api").id)

    shown = words_of(job._repr_html_())
    diff = words_of(job.diff()._repr_html_())
    request = words_of(cb.request(job.record.request)._repr_html_())

    assert "<script>window.hacked=1</script>" in diff
    assert "<b>bold</b>" in shown
    assert request
    for plain in (repr(job), repr(job.diff()), repr(cb.request(job.record.request)), job.summary):
        assert SECRET not in plain
        assert "\x1b" not in plain


@pytest.mark.parametrize(("files", "lines"), [(3, 20_000), (3_000, 3), (1, 100_000)])
def test_a_large_diff_ends_in_time_and_says_what_is_left_out(
    gallery: Gallery, cb: Workspace, files: int, lines: int
) -> None:
    job = cb.job(gallery.ended("acme/api", patch=patch_of(files, lines)).id)

    html = job.diff()._repr_html_()

    assert len(html.encode()) > MOST_BYTES / 2
    assert "Left out, to keep this output small" in words_of(html)
    assert job.id in words_of(html)
    assert "more characters" in repr(job.diff())


def test_a_conversation_shows_words_calls_and_results(store: EmbeddedStore, cb: Workspace) -> None:
    job = cb.job(everyday(Talk(store)).settle().id)

    shown = words_of(job.thread()._repr_html_())

    assert "8 turns" in shown
    assert "I look for `utcnow`." in shown
    assert "edit_file src/app.py" in shown
    assert "-utcnow()" in shown
    assert "not part of the conversation" in shown
    assert "→ edit_file src/app.py" in repr(job.thread())


def test_only_turns_that_went_wrong_are_shown_where_that_is_asked(
    store: EmbeddedStore, cb: Workspace
) -> None:
    job = cb.job(everyday(Talk(store)).settle().id)

    shown = words_of(job.thread(errors=True)._repr_html_())

    assert "The text was not found." in shown
    assert "Half a thou" in shown
    assert "All done, I think." not in shown


def test_turns_can_be_chosen_by_their_numbers(store: EmbeddedStore, cb: Workspace) -> None:
    job = cb.job(everyday(Talk(store)).settle().id)

    shown = words_of(job.thread(first=2, last=3)._repr_html_())

    assert "Turn 2" in shown
    assert "Turn 3" in shown
    assert "Turn 1 " not in shown
    assert "Turn 4" not in shown


def test_a_conversation_without_a_fault_says_so(store: EmbeddedStore, cb: Workspace) -> None:
    talk = Talk(store).begin().turn([call("grep", 1, pattern="x")], [result("none", 1)])
    job = cb.job(talk.settle().id)

    assert "No turn went wrong." in words_of(job.thread(errors=True)._repr_html_())


def test_a_running_conversation_is_read_as_far_as_it_is(
    store: EmbeddedStore, cb: Workspace
) -> None:
    job = cb.job(Talk(store).begin().turn([text("I begin.")]).commit().id)

    assert "I begin." in words_of(job.thread()._repr_html_())


def test_a_long_conversation_ends_in_time(store: EmbeddedStore, cb: Workspace) -> None:
    job = cb.job(of_length(Talk(store), 300).settle().id)

    shown = words_of(job.thread()._repr_html_())

    assert "Left out, to keep this output small" in shown
    assert "more turns" in repr(job.thread())


def test_what_attacks_in_a_conversation_is_text(store: EmbeddedStore, cb: Workspace) -> None:
    nasty = f"<img src=x onerror=alert(1)> {SECRET} \u202e"
    talk = Talk(store).begin(nasty)
    talk.turn([text(nasty), call(nasty, 1, path=nasty)], [result(nasty, 1, failed=True)])
    job = cb.job(talk.settle(summary=nasty).id)

    assert "<img src=x onerror=alert(1)>" in words_of(job.thread()._repr_html_())
    assert SECRET not in repr(job.thread()) + repr(job) + cb.tool_calls().to_csv()


def test_a_damaged_conversation_says_so_in_its_place(
    gallery: Gallery, store: EmbeddedStore, cb: Workspace
) -> None:
    lost = everyday(Talk(store)).settle()
    assert lost.thread is not None
    damage(gallery.home, lost.thread.lines)
    thread = cb.job(lost.id).thread()

    assert "The conversation is damaged at its beginning" in words_of(thread._repr_html_())
    assert "The conversation is damaged" in repr(thread)


def test_a_request_lists_its_jobs(gallery: Gallery, cb: Workspace) -> None:
    jobs = gallery.mixed_request()
    request = cb.request(jobs[0].request)

    shown = words_of(request._repr_html_())

    assert "3 of 5 jobs ended" in shown
    assert all(job.repository.full_name in shown for job in jobs)
    assert [job.id for job in request.jobs] == [job.id for job in jobs]
    assert list(request.frame.job) == [job.id for job in jobs]
    assert "acme/vanished" in repr(request)


def test_waiting_ends_when_the_jobs_have(
    gallery: Gallery, cb: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    job = gallery.begun(gallery.queued("acme/api"))
    request = cb.request(job.request)
    gallery.settle(job)

    done = request.wait()

    assert done.jobs[0].state == "succeeded"
    assert "1 succeeded" in capsys.readouterr().err


def test_who_stops_waiting_loses_nothing(
    gallery: Gallery,
    cb: Workspace,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = gallery.begun(gallery.queued("acme/api"))
    request = cb.request(job.request)

    def stopped(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(
        type(cb.application.clock), "sleep", lambda _self, seconds: stopped(seconds)
    )
    with pytest.raises(KeyboardInterrupt):
        request.wait(progress=False)

    assert f"request('{job.request}').wait()" in capsys.readouterr().err
    assert cb.job(job.id).state == "running"
    gallery.settle(job)
    assert request.wait(progress=False).jobs[0].state == "succeeded"
