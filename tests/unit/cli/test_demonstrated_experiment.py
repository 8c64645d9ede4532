"""What the demonstration's experiment says while it grows."""

from __future__ import annotations

from codybatch.cli.demonstrated_experiment import added_in_words
from tests.contracts.examples import NOON
from tests.contracts.experiment_examples import an_arm, an_experiment


def test_an_arm_that_is_added_is_named_with_the_cells_that_are_counted_from_then_on() -> None:
    two = an_experiment(NOON, arms=(an_arm(1), an_arm(2)), repetitions=5)
    three = two.with_(arms=(*two.arms, an_arm(3)))
    more = len(two.repositories) * 5

    assert added_in_words(two, three) == (
        f"{an_arm(3).name} is added: {more} cells more, {3 * more} in all. "
        f"The {2 * more} that there are stay as they are."
    )
