"""The override file: what it holds, and what is said of one that cannot be used."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from codybatch.claude import price_overrides
from codybatch.claude.price_overrides import read_overrides
from codybatch.claude.tariff import Rates
from codybatch.domain.errors import InvalidSetting

FIVE_PRICES = "input = 1\noutput = 2\ncache_write_5m = 3\ncache_write_1h = 4\ncache_read = 0.1"


def write(folder: Path, text: str) -> Path:
    path = folder / "prices.toml"
    path.write_text(text)
    return path


def test_without_a_file_there_are_no_overrides() -> None:
    assert read_overrides(None).tariffs == {}
    assert read_overrides(None).name == ""


def test_a_model_has_its_five_prices(tmp_path: Path) -> None:
    found = read_overrides(write(tmp_path, f"[models.mine]\n{FIVE_PRICES}"))
    (step,) = found.tariffs["mine"].steps
    assert step.above == 0
    assert step.rates == Rates(*(Decimal(p) for p in ("1", "2", "3", "4", "0.1")))


def test_prices_are_read_as_exact_decimals(tmp_path: Path) -> None:
    text = f"[models.mine]\n{FIVE_PRICES}".replace("0.1", "0.1000000000000000000001")
    rates = read_overrides(write(tmp_path, text)).tariffs["mine"].steps[0].rates
    assert rates.cache_read == Decimal("0.1000000000000000000001")


def test_steps_rise_in_whatever_order_they_are_written(tmp_path: Path) -> None:
    steps = "".join(
        f"\n[[models.mine.above]]\nprompt_tokens = {above}\n{FIVE_PRICES}" for above in (200, 100)
    )
    found = read_overrides(write(tmp_path, f"[models.mine]\n{FIVE_PRICES}{steps}"))
    assert [step.above for step in found.tariffs["mine"].steps] == [0, 100, 200]


def test_the_example_in_the_documentation_can_be_used(tmp_path: Path) -> None:
    lines = (price_overrides.__doc__ or "").split("::\n")[1].splitlines()
    found = read_overrides(write(tmp_path, "\n".join(line[4:] for line in lines)))
    assert found.name.startswith("our contract ")
    assert [step.above for step in found.tariffs["claude-sonnet-5-5"].steps] == [0, 200_000]


def test_two_versions_of_a_file_have_two_names(tmp_path: Path) -> None:
    first = read_overrides(write(tmp_path, f"[models.mine]\n{FIVE_PRICES}")).name
    second = read_overrides(write(tmp_path, f"[models.mine]\n{FIVE_PRICES}\n# later")).name
    assert first.startswith("prices.toml ")
    assert second.startswith("prices.toml ")
    assert first != second


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "models: Field required"),
        ("[models]", "models: "),
        ("[models.mine]\ninput = 1", "models.mine.output: Field required"),
        (f"[models.mine]\n{FIVE_PRICES}\ninputs = 3", "models.mine.inputs: Extra inputs"),
        (f"[model.mine]\n{FIVE_PRICES}", "model: Extra inputs"),
        (f"[models.mine]\n{FIVE_PRICES.replace('= 1', '= -1')}", "models.mine.input: "),
        (f"[models.mine]\n{FIVE_PRICES.replace('= 1', '= nan')}", "models.mine.input: "),
        (f"[models.mine]\n{FIVE_PRICES.replace('= 1', '= inf')}", "models.mine.input: "),
        (f"[models.mine]\n{FIVE_PRICES.replace('= 1', '= true')}", "models.mine.input: "),
        (f"[models.mine]\n{FIVE_PRICES.replace('= 1', '= [1]')}", "models.mine.input: "),
        (
            f"[models.mine]\n{FIVE_PRICES}\n[[models.mine.above]]\nprompt_tokens = 0",
            "models.mine.above.0.prompt_tokens: ",
        ),
        ("[models.mine", "at end of document"),
        ('{"models": {}}', "line 1"),
        ("[models.mine]\ninput = 1\ninput = 2\n", "Cannot overwrite a value (at line 3"),
    ],
)
def test_an_unusable_file_is_refused_with_the_place_and_the_form(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InvalidSetting) as refused:
        read_overrides(path)
    assert str(refused.value).startswith(
        f"The price file {path} (CODYBATCH_PRICES) cannot be used: "
    )
    assert complaint in str(refused.value)
    assert "US dollars per million tokens" in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidSetting, match="cannot be used"):
        read_overrides(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"absent\.toml .* No such file"):
        read_overrides(tmp_path / "absent.toml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="Is a directory"):
        read_overrides(tmp_path)
