"""A table of one test's own, on the stand-in."""

from __future__ import annotations

from pathlib import Path

from codybatch.stores.aws.connection import Connection
from codybatch.stores.aws.patience import Patience
from codybatch.stores.aws.schema import create_table
from codybatch.stores.aws.table import Table
from tests.contracts.aws import name_of, session

HASTE = Patience(answer=10.0, attempts=4, first_ceiling=0.001, last_ceiling=0.002)


def a_table(place: Path) -> Table:
    """The table of a place, made where it is not there yet."""
    connection = Connection(name_of(place), HASTE, session())
    create_table(connection.client, connection.table)
    return Table(connection, HASTE)
