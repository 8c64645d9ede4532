"""Errors: code, exit status and message of every class."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from codybatch.domain import errors
from codybatch.domain.errors import (
    CodeHostThrottled,
    CodyBatchError,
    ModelThrottled,
    NoAllowList,
    PolicyError,
    UsageError,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def every_class(of: type[CodyBatchError] = CodyBatchError) -> Iterator[type[CodyBatchError]]:
    yield of
    for child in of.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from every_class(child)


EVERY_CLASS = sorted(set(every_class()), key=lambda each: each.__name__)


def raised(kind: type[CodyBatchError], message: str | None = None) -> CodyBatchError:
    if issubclass(kind, ModelThrottled | CodeHostThrottled):
        return kind(message, until=NOON)
    return kind(message)


def test_every_exception_of_the_module_has_the_one_base() -> None:
    defined = {
        each
        for _, each in inspect.getmembers(errors, inspect.isclass)
        if each.__module__ == errors.__name__
    }
    assert defined == set(EVERY_CLASS)


@pytest.mark.parametrize("kind", EVERY_CLASS)
def test_the_default_message_is_the_docstring_on_one_line(kind: type[CodyBatchError]) -> None:
    message = str(raised(kind))
    assert message == " ".join((kind.__doc__ or "").split())
    assert message.endswith((".", ")", "'", "=value.")), message
    assert "\n" not in message
    assert "  " not in message


def test_a_docstring_over_several_lines_becomes_one_line() -> None:
    assert str(NoAllowList()) == (
        "No repository is allowed yet: set CODYBATCH_ALLOWED_REPOSITORIES, for example "
        "CODYBATCH_ALLOWED_REPOSITORIES='my-org/*,!my-org/secrets'."
    )


@pytest.mark.parametrize("kind", EVERY_CLASS)
def test_a_given_message_is_kept_as_it_is(kind: type[CodyBatchError]) -> None:
    error = raised(kind, "Exactly  this.\nAnd this.")
    assert error.message == "Exactly  this.\nAnd this."
    assert str(error) == error.message


def test_codes_are_the_names_in_snake_case_and_unique() -> None:
    codes = [raised(kind).code for kind in EVERY_CLASS]
    assert len(set(codes)) == len(codes)
    assert raised(errors.NoAllowList).code == "no_allow_list"
    assert raised(errors.PatchDoesNotApply).code == "patch_does_not_apply"
    assert raised(errors.CodyBatchError).code == "cody_batch_error"


@pytest.mark.parametrize("kind", EVERY_CLASS)
def test_wrong_usage_leaves_with_2_and_policy_with_3(kind: type[CodyBatchError]) -> None:
    if issubclass(kind, UsageError):
        assert kind.exit_status == 2
    elif issubclass(kind, PolicyError):
        assert kind.exit_status == 3
    else:
        assert kind.exit_status in {1, 2, 3}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.NotFound, 2),
        (errors.StoreFull, 1),
        (errors.RepositoryNotFound, 3),
        (errors.CodeHostCredentialRefused, 3),
        (errors.ModelCredentialRefused, 3),
        (errors.ModelRejectedRequest, 1),
        (errors.GitFailed, 1),
    ],
)
def test_errors_of_the_outside_say_whether_the_work_failed_or_was_refused(
    kind: type[CodyBatchError], status: int
) -> None:
    assert kind.exit_status == status


@pytest.mark.parametrize("kind", [ModelThrottled, CodeHostThrottled])
def test_a_throttled_error_says_until_when(
    kind: type[ModelThrottled] | type[CodeHostThrottled],
) -> None:
    assert kind(until=NOON).until == NOON
