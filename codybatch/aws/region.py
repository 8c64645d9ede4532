"""The SDK's session, in the region that is set.

boto3 reads ``AWS_DEFAULT_REGION`` alone; all other SDKs, and all that we document, say
``AWS_REGION`` (docs.aws.amazon.com, "AWS SDKs and Tools Reference Guide", "AWS Region").
"""

from __future__ import annotations

import os

from boto3.session import Session


def session(region: str | None = None) -> Session:
    """A new session of the SDK.

    Args:
        region: to ask; where None, ``AWS_REGION``, then ``AWS_DEFAULT_REGION``, then the profile's.
    """
    return Session(region_name=region or os.environ.get("AWS_REGION") or None)
