from __future__ import annotations

import pytest

from codybatch.domain.prompts import Kind
from codybatch.services.starters import starters
from codybatch.standins.demonstration import DemonstrationModel
from codybatch.standins.demonstration.slips import CAREFUL, HABITS, Occasions, Slips
from tests.unit.standins.demonstration.toolbox import Toolbox, converse

VAGUE = "Get rid of utcnow."
SETTLED = (
    "Replace datetime.utcnow() by time-zone-aware calls, in code and tests, every way it is "
    "written. Change nothing else. Search again when done. No change is needed where there is none."
)
FILES = {
    "shop/clock.py": "import datetime\n\nSTARTED = datetime.datetime.utcnow()\n",
    "tests/test_clock.py": "import datetime\n\nNOW = datetime.datetime.utcnow()\n",
}
CLEAN = {"shop/prices.py": "PRICE = 3\n"}


def slips_of(words: str, occasions: int = 200) -> list[Slips]:
    return [Slips(words, "acme/shop", number) for number in range(1, occasions + 1)]


def share(slips: list[bool]) -> float:
    return sum(slips) / len(slips)


def worked(model: DemonstrationModel, words: str, files: dict[str, str]) -> Toolbox:
    toolbox = Toolbox(dict(files))
    converse(model, toolbox, words, repository="acme/shop")
    return toolbox


def test_what_the_words_settle_never_goes_wrong() -> None:
    for one in slips_of(SETTLED):
        assert not one.overlooks("tests/test_clock.py")
        assert not one.overlooks("shop/clock.py")
        assert not one.takes_the_short_way
        assert not one.leaves_notes(was_needed=True)
        assert not one.leaves_notes(was_needed=False)


def test_what_the_words_leave_open_goes_wrong_about_as_often_as_its_habit_says() -> None:
    open_ones = slips_of(VAGUE, 2_000)

    short_ways = share([one.takes_the_short_way for one in open_ones])
    notes = share([one.leaves_notes(was_needed=True) for one in open_ones])
    overlooked = share([one.overlooks("shop/clock.py") for one in open_ones])
    assert short_ways == pytest.approx(HABITS["takes the short way"].chance, abs=0.03)
    assert notes == pytest.approx(HABITS["leaves notes"].chance, abs=0.03)
    either = 1 - (1 - HABITS["looks once"].chance) * (1 - HABITS["knows one spelling"].chance)
    assert overlooked == pytest.approx(either, abs=0.03)
    assert share([one.overlooks("tests/test_a.py") for one in open_ones]) > overlooked


def test_whoever_has_nothing_to_do_does_something_all_the_same_unless_told_not_to() -> None:
    idle = share([one.leaves_notes(was_needed=False) for one in slips_of(VAGUE)])
    busy = share([one.leaves_notes(was_needed=True) for one in slips_of(VAGUE)])

    assert idle > busy


def test_a_hand_without_an_occasion_never_slips() -> None:
    assert not CAREFUL.overlooks("tests/test_clock.py")
    assert not Slips(VAGUE, "acme/shop").takes_the_short_way


@pytest.mark.parametrize(
    "template",
    [one.template for one in starters() if one.kind is Kind.CHANGE],
    ids=[one.name for one in starters() if one.kind is Kind.CHANGE],
)
def test_the_starters_settle_everything(template: str) -> None:
    asks_for_times = "utcnow" in template
    for name, habit in HABITS.items():
        if name != "takes the short way" or asks_for_times:
            assert habit.settled_by.search(template), name


def test_an_occasion_is_counted_for_each_task_and_repository() -> None:
    occasions = Occasions()

    assert [occasions.next("a", "acme/x") for _ in range(3)] == [1, 2, 3]
    assert occasions.next("b", "acme/x") == 1
    assert occasions.next("a", "acme/y") == 1


def test_two_runs_of_a_vague_prompt_differ_and_a_series_of_runs_comes_to_the_same_again() -> None:
    series = []
    for _ in range(2):
        model = DemonstrationModel(wavers=True)
        series.append([worked(model, VAGUE, FILES).files for _ in range(12)])

    assert series[0] == series[1]
    assert len({str(sorted(files.items())) for files in series[0]}) > 2


def test_the_short_way_is_local_time_and_what_is_overlooked_stays() -> None:
    model = DemonstrationModel(wavers=True)
    done = [worked(model, VAGUE, FILES) for _ in range(40)]

    texts = {toolbox.files["shop/clock.py"] for toolbox in done}
    assert any("datetime.now()\n" in text for text in texts)
    assert any("now(datetime.timezone.utc)" in text for text in texts)
    assert any("utcnow" in toolbox.files["tests/test_clock.py"] for toolbox in done)
    noted = [toolbox for toolbox in done if "CHANGES-MADE.md" in toolbox.files]
    assert 0 < len(noted) < len(done)
    assert all("not by Claude" in toolbox.files["CHANGES-MADE.md"] for toolbox in noted)


def test_where_nothing_is_to_be_done_a_vague_prompt_now_and_then_finds_something() -> None:
    model = DemonstrationModel(wavers=True)
    claims = [worked(model, VAGUE, CLEAN).finished for _ in range(20)]

    said = {claim["wereChangesNecessary"] for claim in claims if claim is not None}
    assert said == {True, False}


def test_a_file_that_is_there_already_is_not_written_over() -> None:
    model = DemonstrationModel(wavers=True)
    kept = {**FILES, "CHANGES-MADE.md": "Ours.\n"}

    for _ in range(20):
        assert worked(model, VAGUE, kept).files["CHANGES-MADE.md"] == "Ours.\n"


def test_a_settled_prompt_does_on_every_occasion_what_a_careful_hand_does() -> None:
    careful = worked(DemonstrationModel(), SETTLED, FILES)
    model = DemonstrationModel(wavers=True)

    for _ in range(10):
        assert worked(model, SETTLED, FILES).files == careful.files
