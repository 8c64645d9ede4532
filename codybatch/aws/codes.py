"""The codes and errors by which AWS refuses a call, whichever service it is.

Sources: "Common Errors" of the API references of AWS Batch, DynamoDB and STS, and "Error responses"
of Amazon S3. A service has names of its own besides, which only its adapter knows.
"""

from __future__ import annotations

from botocore.exceptions import (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
"""What the SDK raises where it has none to sign with."""

_BAD_CREDENTIALS = """
    ExpiredToken ExpiredTokenException IncompleteSignature IncompleteSignatureException
    InvalidAccessKeyId InvalidClientTokenId InvalidSecurity InvalidSignatureException InvalidToken
    MissingAuthenticationToken MissingAuthenticationTokenException RequestExpired
    RequestTimeTooSkewed SignatureDoesNotMatch TokenRefreshRequired UnrecognizedClientException
"""
BAD_CREDENTIALS = frozenset(_BAD_CREDENTIALS.split())
"""Credentials that are wrong, expired, or signed by a clock that is wrong."""

DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
"""Credentials that may not do this."""

_THROTTLED = """
    ProvisionedThroughputExceededException RequestLimitExceeded ServiceUnavailable SlowDown
    Throttling ThrottlingException TooManyRequestsException
"""
THROTTLED = frozenset(_THROTTLED.split())
"""Calls that came too fast: nothing was done, and the same may be done later."""
