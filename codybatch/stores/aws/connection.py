"""The connection to the one table of a store: each call has its time, its patience and its errors.

The SDK never sends a call twice by itself. Whether that is harmless is known only where the call
is made, so each call that comes here bears being repeated: a read, a write that puts the same item
again, a conditional write that knows its own mark, a transaction under a ClientRequestToken.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from codybatch.aws.region import session as sdk_session
from codybatch.domain.errors import StoreError, StoreNotSetUp
from codybatch.stores.aws.patience import Patience
from codybatch.stores.aws.refusals import AwsError, Place, code_of, explained, is_passing
from codybatch.stores.aws.setbacks import Setbacks

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
log = logging.getLogger(__name__)

CONNECTIONS = 64
"""At once, to one service; more threads than these wait for each other."""
PATIENCE = Patience(attempts=8, first_ceiling=0.1)
"""About half a minute where DynamoDB turns us away at once."""


class Refusal(Exception):
    """DynamoDB answered with a code that its caller asked to be told."""

    def __init__(self, code: str, response: dict[str, Any]) -> None:
        """Keep the code and the whole answer."""
        super().__init__(code)
        self.code = code
        self.response = response


class Connection:
    """DynamoDB for one table; nothing is built or asked before the first call.

    Any thread may call.
    """

    def __init__(
        self, table: str, patience: Patience = PATIENCE, session: Session | None = None
    ) -> None:
        """Keep which table, how long to wait for it, and what makes the client."""
        self.table = table
        self.patience = patience
        self.setbacks = Setbacks()
        self._session = session
        self._making = Lock()
        self._client: DynamoDBClient | None = None
        self._closed = False

    @property
    def client(self) -> DynamoDBClient:
        """The SDK's client, which sends each call once."""
        with self._making:
            if self._closed:
                raise StoreError("This store was closed; open it again.")
            if self._client is None:
                self._client = _made(self._session or sdk_session(), self.patience)
            return self._client

    def ask(self, call: Callable[[DynamoDBClient], T], doing: str, *told: str) -> T:
        """What ``call`` gives, made again while its failure may pass: it must bear that.

        Args:
            call: one call to DynamoDB.
            doing: what it does, for messages, as ``read records``.
            told: codes that its caller wants to know of.

        Raises:
            Refusal: the answer was one of ``told``.
            StoreUnavailable: DynamoDB was not there, or throttled us, however often we asked.
            StoreRefused: the credentials are wrong, or may not do this.
            StoreNotSetUp: there is no such table in the region that was asked.
        """
        pauses = self.patience.pauses()
        while True:
            try:
                return call(self.client)
            except (BotoCoreError, ClientError) as error:
                if isinstance(error, ClientError) and code_of(error) in told:
                    raise Refusal(code_of(error), dict(error.response)) from error
                pause = next(pauses, None) if is_passing(error) else None
                if pause is None:
                    raise self._explained(error, doing) from error
                self.note(code_of(error) or type(error).__name__, doing, pause)
                time.sleep(pause)

    def note(self, reason: str, doing: str, pause: float) -> None:
        """Count and log that a call is made again."""
        self.setbacks.count(reason)
        log.warning("DynamoDB did not %s (%s); asking again in %.2f s", doing, reason, pause)

    def close(self) -> None:
        """Let go of the connections; nothing may be called after."""
        with self._making:
            self._closed = True
            if self._client is not None:
                self._client.close()

    def _explained(self, error: AwsError, doing: str) -> StoreError:
        place = Place("DynamoDB", f"the table {self.table}", "CODYBATCH_TABLE")
        region = self._client.meta.region_name if self._client else "that is set"
        return explained(error, doing, place, region)


def _made(session: Session, patience: Patience) -> DynamoDBClient:
    config = Config(
        connect_timeout=patience.connect,
        read_timeout=patience.answer,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
        max_pool_connections=CONNECTIONS,
    )
    try:
        return session.client("dynamodb", config=config)
    except ValueError as error:  # how the SDK refuses an endpoint
        raise StoreNotSetUp(f"{error}. Check AWS_ENDPOINT_URL_DYNAMODB and AWS_REGION.") from error
