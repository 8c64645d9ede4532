"""Whatever AWS refuses credentials or a call's haste by, store and engine say the same of it."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from codybatch.aws.codes import BAD_CREDENTIALS, THROTTLED
from codybatch.domain.errors import StoreRefused, StoreUnavailable
from codybatch.engines.aws_batch import refusals as of_engine
from codybatch.stores.aws import refusals as of_store

PLACE = of_store.Place("S3", "the bucket b", "CODYBATCH_BUCKET")


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "AnyCall")


@pytest.mark.parametrize("code", sorted({*BAD_CREDENTIALS, "InvalidToken", "RequestExpired"}))
def test_bad_credentials_are_called_that_by_both(code: str) -> None:
    store = of_store.explained(refused(code), "read", PLACE, "eu-central-1")
    engine = of_engine.explained(refused(code), "batch:SubmitJob", "eu-central-1")

    assert isinstance(store, StoreRefused)
    for error in (store, engine):
        assert "credentials are missing, wrong or expired" in str(error)


@pytest.mark.parametrize("code", sorted(THROTTLED))
def test_both_come_again_later_where_they_are_too_fast(code: str) -> None:
    store = of_store.explained(refused(code), "read", PLACE, "eu-central-1")

    assert isinstance(store, StoreUnavailable)
    assert of_store.is_passing(refused(code))
    assert of_engine.effect_of(refused(code)) is of_engine.Effect.NONE_YET
