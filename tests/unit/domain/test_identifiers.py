"""Ids: their form, and the way from a request to its jobs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from codybatch.domain.errors import UnknownIdentifier
from codybatch.domain.identifiers import (
    RequestId,
    job_id,
    job_id_of,
    request_id,
)

A_REQUEST = "01jd8x5s0c9v7n2k4m6p8q0r2t"


def test_a_fresh_ulid_is_the_id_of_a_request() -> None:
    fresh = str(ULID()).lower()
    assert request_id(fresh) == fresh


def test_ids_are_read_without_regard_to_case_and_kept_in_lowercase() -> None:
    assert request_id(A_REQUEST.upper()) == A_REQUEST
    assert job_id(f"{A_REQUEST.upper()}-3") == f"{A_REQUEST}-3"


@pytest.mark.parametrize(
    "text",
    [
        "",
        A_REQUEST[:-1],
        A_REQUEST + "0",
        A_REQUEST[:-1] + "u",
        A_REQUEST[:-1] + "i",
        f"{A_REQUEST}-1",
        f"{A_REQUEST}\n",
        f" {A_REQUEST}",
        "../" + A_REQUEST[3:],
        "\u0660" * 26,
    ],
)
def test_anything_else_is_not_the_id_of_a_request(text: str) -> None:
    with pytest.raises(UnknownIdentifier) as refused:
        request_id(text)
    assert "codybatch requests list" in str(refused.value)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        A_REQUEST,
        f"{A_REQUEST}-",
        f"{A_REQUEST}-0",
        f"{A_REQUEST}-01",
        f"{A_REQUEST}-1000000",
        f"{A_REQUEST}--1",
        f"{A_REQUEST}-1\n",
        f"{A_REQUEST}-1/../2",
        f"{A_REQUEST}-\u0661",
    ],
)
def test_anything_else_is_not_the_id_of_a_job(text: str) -> None:
    with pytest.raises(UnknownIdentifier) as refused:
        job_id(text)
    assert "codybatch jobs list" in str(refused.value)


@given(st.integers(min_value=1, max_value=999_999))
def test_a_job_id_is_its_requests_with_the_jobs_index(index: int) -> None:
    job = job_id_of(RequestId(A_REQUEST), index)
    assert job_id(job) == job
    assert job == f"{A_REQUEST}-{index}"
