"""The override file: prices that a person gives, instead of the built-in table's or beside them.

A TOML file. Prices are US dollars per million tokens; all five of a model are given, and they are
what is charged, without any surcharge. ``above`` is for models whose long prompts cost more: it
holds for every token of a request whose prompt has more than ``prompt_tokens`` tokens::

    name = "our contract"              # optional; the file's name otherwise

    [models."claude-sonnet-5-5"]
    input = 1.80
    output = 9.00
    cache_write_5m = 2.25
    cache_write_1h = 3.60
    cache_read = 0.09

    [[models."claude-sonnet-5-5".above]]
    prompt_tokens = 200_000
    input = 3.60
    output = 13.50
    cache_write_5m = 4.50
    cache_write_1h = 7.20
    cache_read = 0.18
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from codybatch.claude.tariff import Rates, Step, Tariff
from codybatch.domain.errors import InvalidSetting

_WHAT_IT_TAKES = (
    'It takes a table [models."MODEL"] for each model with input, output, cache_write_5m, '
    "cache_write_1h and cache_read in US dollars per million tokens."
)


@dataclass(frozen=True)
class PriceOverrides:
    """The tariffs of an override file, by model, and what the file is called."""

    tariffs: Mapping[str, Tariff] = field(default_factory=dict)
    name: str = ""
    """With a part of the file's digest, so that two versions of it have two names."""


class _WrittenRates(BaseModel):
    model_config = ConfigDict(extra="forbid")

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cache_write_5m: Decimal = Field(ge=0)
    cache_write_1h: Decimal = Field(ge=0)
    cache_read: Decimal = Field(ge=0)

    def rates(self) -> Rates:
        return Rates(**{name: getattr(self, name) for name in _WrittenRates.model_fields})


class _WrittenStep(_WrittenRates):
    prompt_tokens: int = Field(gt=0)


class _WrittenTariff(_WrittenRates):
    above: tuple[_WrittenStep, ...] = ()

    def tariff(self) -> Tariff:
        rising = sorted(self.above, key=lambda step: step.prompt_tokens)
        steps = tuple(Step(step.prompt_tokens, step.rates()) for step in rising)
        return Tariff((Step(0, self.rates()), *steps))


class _WrittenFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = ""
    models: dict[str, _WrittenTariff] = Field(min_length=1)


def read_overrides(path: Path | None) -> PriceOverrides:
    """Read an override file; none where ``path`` is None.

    Raises:
        InvalidSetting: it cannot be read, or does not hold what it should.
    """
    if path is None:
        return PriceOverrides()
    content = _content(path)
    try:
        written = _WrittenFile.model_validate(
            tomllib.loads(content.decode(), parse_float=Decimal), strict=False
        )
    except (ValidationError, ValueError) as error:
        raise _unusable(path, _complaints(error)) from error
    digest = hashlib.sha256(content).hexdigest()[:8]
    return PriceOverrides(
        {model: each.tariff() for model, each in written.models.items()},
        f"{written.name or path.name} {digest}",
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def _complaints(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
        for each in error.errors(include_url=False)
    )


def _unusable(path: Path, why: str) -> InvalidSetting:
    return InvalidSetting(
        f"The price file {path} (CODYBATCH_PRICES) cannot be used: {why}. {_WHAT_IT_TAKES}"
    )
