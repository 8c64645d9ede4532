"""The models that the stand-in offers, described as ``GET /v1/models`` describes them.

Source: ``types/model_info.py`` and ``types/model_capabilities.py`` of the SDK 2.12; limits and
refused settings from the 5.5 models' migration guides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codybatch.standins.anthropic.api_errors import ApiError
from codybatch.standins.anthropic.wire import JsonObject

EFFORTS = ("low", "medium", "high", "xhigh", "max")
_UNKNOWN_RELEASE = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class ModelCard:
    """What one model accepts.

    Arguments:
        id: the name in requests.
        line: the family, such as ``sonnet``.
        display_name: the name for people; it says that this is a stand-in.
        created_at: the release as RFC 3339; an epoch value where it is not known.
        max_input_tokens: the context window, in tokens.
        max_tokens: the longest reply, in tokens.
        cache_minimum: the shortest prefix that is cached, in tokens.
        thinking: the accepted ``thinking.type`` values.
        efforts: the accepted ``output_config.effort`` values.
    """

    id: str
    line: str
    display_name: str
    created_at: str = _UNKNOWN_RELEASE
    max_input_tokens: int = 1_000_000
    max_tokens: int = 128_000
    cache_minimum: int = 512
    thinking: tuple[str, ...] = ("adaptive",)
    efforts: tuple[str, ...] = EFFORTS

    def as_json(self) -> JsonObject:
        """The model as the service lists it."""
        return {
            "type": "model",
            "id": self.id,
            "display_name": self.display_name,
            "created_at": self.created_at,
            "deprecated_at": None,
            "lifecycle": "active",
            "line": self.line,
            "max_input_tokens": self.max_input_tokens,
            "max_tokens": self.max_tokens,
            "retires_at": None,
            "capabilities": self._capabilities(),
        }

    def _capabilities(self) -> JsonObject:
        no = _supported(False)
        types = ("adaptive", "between_tools", "disabled", "enabled")
        return {
            "batch": no,
            "citations": no,
            "code_execution": no,
            "context_management": _supported(False),
            "effort": {
                "supported": bool(self.efforts),
                **{level: _supported(level in self.efforts) for level in EFFORTS},
            },
            "image_input": no,
            "pdf_input": no,
            "server_tools": {"supported": False, "code_execution": no, "web_search": no},
            "structured_outputs": _supported(True),
            "thinking": {
                "supported": bool(self.thinking),
                "types": {kind: _supported(kind in self.thinking) for kind in types},
            },
        }


def _supported(value: bool) -> JsonObject:
    return {"supported": value}


CATALOGUE: Mapping[str, ModelCard] = {
    card.id: card
    for card in (
        ModelCard(
            "claude-sonnet-5-5",
            "sonnet",
            "Claude Sonnet 5.5 (demonstration's stand-in)",
            "2026-09-28T00:00:00Z",
            thinking=("adaptive", "between_tools"),
        ),
        ModelCard(
            "claude-opus-5-5",
            "opus",
            "Claude Opus 5.5 (demonstration's stand-in)",
            "2026-09-22T00:00:00Z",
        ),
        ModelCard("claude-haiku-5-5", "haiku", "Claude Haiku 5.5 (demonstration's stand-in)"),
    )
}


def find_model(models: Mapping[str, ModelCard], name: object) -> ModelCard:
    """The model called ``name``.

    Raises:
        ApiError: 404, as the service answers for a model it does not know.
    """
    card = models.get(name) if isinstance(name, str) else None
    if card is None:
        raise ApiError(404, f"model: {name}")
    return card


def list_models(models: Mapping[str, ModelCard]) -> JsonObject:
    """The answer of ``GET /v1/models``: one page that holds them all."""
    cards = [card.as_json() for card in models.values()]
    return {
        "data": cards,
        "has_more": False,
        "first_id": cards[0]["id"] if cards else None,
        "last_id": cards[-1]["id"] if cards else None,
    }
