"""The table's shape as plain constants, and making it where no infrastructure does.

The infrastructure reads the constants, so importing this module never imports the SDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

PARTITION_KEY: Final = "pk"
SORT_KEY: Final = "sk"
"""Both are strings. There are no indexes: a list is made of items of its own, written in the same
transaction as what it lists, because an index of DynamoDB lags behind its table."""

TIME_TO_LIVE: Final = "ttl"
"""The attribute with the second (since the epoch) after which an item is nobody's any more."""

MAX_ITEM_BYTES: Final = 409_600
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""


def create_table(client: DynamoDBClient, name: str) -> None:
    """Make the table where it is not there yet, with its time to live, and wait until it is ready.

    Args:
        client: of the region and account that shall have it.
        name: 3 to 255 characters of ``[A-Za-z0-9_.-]``.
    """
    try:
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": PARTITION_KEY, "KeyType": "HASH"},
                {"AttributeName": SORT_KEY, "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": PARTITION_KEY, "AttributeType": "S"},
                {"AttributeName": SORT_KEY, "AttributeType": "S"},
            ],
        )
    except client.exceptions.ResourceInUseException:
        _wait(client, name)
        return
    _wait(client, name)
    client.update_time_to_live(
        TableName=name,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": TIME_TO_LIVE},
    )


def _wait(client: DynamoDBClient, name: str) -> None:
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
