"""What the service says of a model, in the port's words.

Source: ``types/model_info.py`` and ``types/model_capabilities.py`` of the SDK 2.12.
"""

from __future__ import annotations

from typing import Any

from codybatch.domain.errors import UnknownModel
from codybatch.domain.records import JsonObject
from codybatch.domain.requests import Effort
from codybatch.ports.model import ModelCapabilities

# Of a model of which the service says nothing, as gateways of other makers do: what every model
# that is still offered accepts.
_UNSAID_INPUT_TOKENS = 200_000
_UNSAID_OUTPUT_TOKENS = 8_192


def capabilities_of(model: str, info: JsonObject) -> ModelCapabilities:
    """What the service says of ``model``.

    Args:
        model: the name that was asked for.
        info: the answer of ``GET /v1/models/MODEL``.

    Raises:
        UnknownModel: the model is retired, so every request for it fails.
    """
    if info.get("lifecycle") == "retired":
        raise UnknownModel(f"The model {model!r} is retired. Choose another with --model.")
    return ModelCapabilities(
        model=model,
        max_input_tokens=info.get("max_input_tokens") or _UNSAID_INPUT_TOKENS,
        max_output_tokens=info.get("max_tokens") or _UNSAID_OUTPUT_TOKENS,
        adaptive_thinking=_supports(info, "thinking", "types", "adaptive"),
        efforts=tuple(effort.value for effort in Effort if _supports(info, "effort", effort)),
    )


def _supports(info: JsonObject, *path: str) -> bool:
    found: Any = info.get("capabilities")
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return isinstance(found, dict) and found.get("supported") is True
