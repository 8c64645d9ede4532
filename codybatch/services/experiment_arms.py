"""The arms that a form describes: prompts pinned to a version, each named apart from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from codybatch.domain.errors import InvalidExperiment, InvalidPrompt
from codybatch.domain.experiments import MAX_ARM_NAME, MAX_ARMS, Arm
from codybatch.domain.prompts import PromptVersion
from codybatch.domain.publication import PublishMode
from codybatch.domain.requests import RequestOptions
from codybatch.services.experiment_form import ArmForm, ExperimentForm, OptionSet
from codybatch.services.prompts import Prompts, refusal_of_archived

AGAIN = "again"
"""What follows the baseline's name where it is run once more."""


class _Planned(NamedTuple):
    """An arm before it has a name."""

    prompt: PromptVersion
    variables: dict[str, str]
    options: RequestOptions
    given: str
    """The name that a person gave it; may be empty."""
    told: str
    """Its option set in words; may be empty."""


@dataclass(frozen=True)
class ExperimentArms:
    """Makes arms."""

    prompts: Prompts

    def of(self, form: ExperimentForm, others: Sequence[Arm] = ()) -> tuple[Arm, ...]:
        """The arms of a form, named apart from each other and from ``others``.

        Raises:
            InvalidExperiment: there is none, there are too many, two ask the same, or their
                prompts are of different kinds.
            UnknownPrompt, PromptArchived, MissingVariable, InvalidPrompt: a prompt cannot be used.
        """
        written = (*_expanded(form), *form.arms)
        if not written:
            raise InvalidExperiment("Name at least one prompt: an arm is a prompt with its model.")
        if len(written) + len(others) > MAX_ARMS:
            raise InvalidExperiment(
                f"{len(written) + len(others)} arms: an experiment has at most {MAX_ARMS}."
            )
        planned = [self._planned(form, one) for one in written]
        self._check_kinds(planned, others)
        _check_variables(form, planned)
        names = _names(planned, others)
        return tuple(
            Arm(name=name, prompt=one.prompt.ref, variables=one.variables, options=one.options)
            for name, one in zip(names, planned, strict=True)
        )

    def _planned(self, form: ExperimentForm, one: ArmForm) -> _Planned:
        prompt = self.prompts.find(one.prompt)
        if self.prompts.is_archived(prompt.name):
            raise refusal_of_archived(prompt.name)
        shared = {name: form.variables[name] for name in form.variables if name in _used(prompt)}
        variables = {**shared, **one.variables}
        prompt.render(variables)
        options = one.options.over(form.options.with_(publish=PublishMode.NONE))
        return _Planned(prompt, variables, options, one.name.strip(), one.options.in_words)

    def _check_kinds(self, planned: Sequence[_Planned], others: Sequence[Arm]) -> None:
        known = [self.prompts.records.prompt(one.prompt.name, one.prompt.version) for one in others]
        kinds = {one.ref: one.kind for one in (*known, *(each.prompt for each in planned))}
        if len(set(kinds.values())) > 1:
            listed = ", ".join(f"{ref} is of kind {kind}" for ref, kind in kinds.items())
            raise InvalidExperiment(f"Only prompts of one kind can be compared: {listed}.")


def _expanded(form: ExperimentForm) -> Iterable[ArmForm]:
    for prompt in form.prompts:
        for model in form.models or (None,):
            for options in form.option_sets or (OptionSet(),):
                chosen = options if model is None else options.with_(model=model)
                yield ArmForm(prompt=prompt, options=chosen)


def _used(prompt: PromptVersion) -> frozenset[str]:
    return frozenset(prompt.variables_used())


def _check_variables(form: ExperimentForm, planned: Sequence[_Planned]) -> None:
    used = frozenset[str]().union(*(_used(one.prompt) for one in planned))
    unknown = [name for name in form.variables if name not in used]
    if unknown:
        raise InvalidPrompt(f"None of the prompts has a variable {', '.join(map(repr, unknown))}.")


def _names(planned: Sequence[_Planned], others: Sequence[Arm]) -> list[str]:
    """The shortest names that tell arms apart: the prompt, where needed model and options."""
    models = {one.options.model for one in planned} | {arm.options.model for arm in others}
    told = {one.told for one in planned}
    taken = Counter(arm.name.casefold() for arm in others)
    names = []
    for one in planned:
        parts = [str(one.prompt.ref)]
        parts += [one.options.model] if len(models) > 1 else []
        parts += [one.told] if len(told) > 1 and one.told else []
        name = one.given or _fitting(parts)
        taken[name.casefold()] += 1
        again = taken[name.casefold()]
        names.append(name if again == 1 or one.given else f"{name} ({again})")
    return names


def _fitting(parts: Sequence[str]) -> str:
    """The parts in one name, the prompt's cut in its middle where it is too long."""
    prompt, *rest = parts
    room = MAX_ARM_NAME - len(" (20)") - sum(len(part) + 3 for part in rest)
    if len(prompt) > room > 8:
        head, _, version = prompt.rpartition("@")
        prompt = f"{head[: room - len(version) - 2]}…@{version}"
    return " · ".join([prompt, *rest])[: MAX_ARM_NAME - len(" (20)")]


def again(arm: Arm, others: Sequence[Arm]) -> Arm:
    """An arm once more: the same in all, and a job of its own for each cell.

    Args:
        arm: the one to repeat.
        others: all there are.
    """
    bare = {"name": arm.name, "replicate": 1}
    replicates = [one.replicate for one in others if one.with_(**bare) == arm.with_(**bare)]
    number = max(replicates, default=1) + 1
    name = f"{arm.name} {AGAIN}" if number == 2 else f"{arm.name} {AGAIN} {number - 1}"
    return arm.with_(name=name[-MAX_ARM_NAME:], replicate=number)


def variables_in_words(variables: Mapping[str, str]) -> str:
    """The values of an arm's variables, a line each."""
    return "\n".join(f"{name}={value}" for name, value in variables.items())
