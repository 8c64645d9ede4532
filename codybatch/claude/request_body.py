"""The JSON that is sent: the same bytes for the same request, in the order of the SDK."""

from __future__ import annotations

import json

from codybatch.domain.errors import ModelRejectedRequest
from codybatch.ports.model import ModelRequest

encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def body_of(request: ModelRequest) -> bytes:
    """The request's JSON.

    ``max_tokens`` and the messages come first, as the SDK writes them: while the former stays, the
    bytes of a longer conversation repeat those of the shorter one up to its last message.

    Raises:
        ModelRejectedRequest: JSON in UTF-8 cannot hold it.
    """
    fields = {
        "max_tokens": request.max_tokens,
        "messages": request.messages,
        "model": request.model,
        **({"system": request.system} if request.system else {}),
        **({"tools": request.tools} if request.tools else {}),
        "stream": True,
    }
    fields |= {name: value for name, value in request.parameters.items() if name not in fields}
    try:
        return encode(fields).encode()
    except (ValueError, TypeError) as error:
        raise ModelRejectedRequest(f"The request cannot be written as JSON: {error}.") from error
