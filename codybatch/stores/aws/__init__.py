"""The store on AWS: records in one DynamoDB table, objects in one S3 bucket.

What lives here: how records and objects are kept for processes on many machines at once.
What never does: the rules of leases, money and words, which all stores share (one folder up).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codybatch.stores.aws.store import AwsStore

__all__ = ["AwsStore"]


def __getattr__(name: str) -> Any:
    """The store, imported with the SDK when it is first asked for: the infrastructure reads the
    table's shape beside it without either.
    """
    if name != "AwsStore":
        raise AttributeError(name)
    from codybatch.stores.aws.store import AwsStore  # noqa: PLC0415

    return AwsStore
