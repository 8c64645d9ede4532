"""A model that another process can load by name."""

from __future__ import annotations

from codybatch.standins.anthropic import Reply, text
from codybatch.standins.anthropic.wire import JsonObject


def hello(_request: JsonObject) -> Reply:
    return Reply([text("Hello.")])
