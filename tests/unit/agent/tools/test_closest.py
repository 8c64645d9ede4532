from __future__ import annotations

from codybatch.agent.tools.closest import Region, closest_region

LINES = ["import os", "", "def main():", "    run(1)", "    return 0", "", "main()"]


def test_lines_that_differ_by_spaces_are_found() -> None:
    wanted = ["def main():", "  run( 1 )", "  return 0"]
    assert closest_region(LINES, wanted) == Region(2, LINES[2:5])


def test_a_line_with_a_slip_in_it_is_found() -> None:
    assert closest_region(LINES, ["    return  0 "]) == Region(4, ["    return 0"])
    assert closest_region(LINES, ["def man():"]) == Region(2, ["def main():"])


def test_of_several_places_the_most_alike_is_chosen() -> None:
    lines = ["a = load(1)", "b = 2", "a = load(1)", "b = 3", "c = 4"]
    assert closest_region(lines, ["a = load(1)", "b = 3", "c = 5"]) == Region(2, lines[2:5])


def test_nothing_alike_and_nothing_wanted_give_nothing() -> None:
    assert closest_region(LINES, ["completely different words"]) is None
    assert closest_region(LINES, ["", "  "]) is None
    assert closest_region([], ["x"]) is None
