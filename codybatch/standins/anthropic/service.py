"""The service behind the server: one request in, one answer out, and no socket in between."""

from __future__ import annotations

import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from sys import stderr

from codybatch.standins.anthropic.api_errors import ApiError
from codybatch.standins.anthropic.cache_markers import breakpoints
from codybatch.standins.anthropic.conversation import Conversation
from codybatch.standins.anthropic.faults import Fault, FaultQueue
from codybatch.standins.anthropic.journal import Exchange
from codybatch.standins.anthropic.models import CATALOGUE, ModelCard, find_model
from codybatch.standins.anthropic.prompt import Account, Prompt, read_prompt
from codybatch.standins.anthropic.prompt_cache import InputUsage, Prefixes, PromptCache
from codybatch.standins.anthropic.reading import ReadRequest, RequestReader
from codybatch.standins.anthropic.reply import Brain, FinishedReply, Reply, finish_reply, text
from codybatch.standins.anthropic.settings_rules import check_version
from codybatch.standins.anthropic.wire import JsonObject, chain

DEMONSTRATION_KEY = "sk-ant-standin-demonstration"
"""The only key that is accepted unless others are given; a real key is never needed, nor taken."""

LARGEST_REQUEST = 32 * 1024 * 1024
_MOST_PAUSED = 1000


@dataclass(frozen=True)
class Answered:
    """A message, ready to be sent.

    Arguments:
        message: as the service sends it at once.
        cut_input: what was written of the last call's input where the reply was cut off.
        streams: whether events were asked for.
        fault: what is to go wrong while it is sent.
    """

    message: JsonObject
    cut_input: str | None
    streams: bool
    fault: Fault | None


class MessagesService:
    """Answers requests for messages and for token counts.

    Arguments:
        brain: the model.
        api_keys: the accepted keys, each with its organisation.
        models: the models on offer.
        clock: seconds for the prompt cache's lifetimes.
        signing_key: the secret that binds thinking; the same in every run, so that a conversation
            outlives its stand-in.
    """

    def __init__(
        self,
        brain: Brain,
        api_keys: Mapping[str, str],
        models: Mapping[str, ModelCard] = CATALOGUE,
        *,
        clock: Callable[[], float],
        signing_key: bytes = b"the stand-in's own secret",
    ) -> None:
        self.faults = FaultQueue()
        self.models = models
        self.cache = PromptCache(clock)
        self._brain = brain
        self._keys = dict(api_keys)
        self._signing_key = signing_key
        self._reader = RequestReader()
        self._paused: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def revoke(self, api_key: str) -> None:
        """Accept this key no longer."""
        with self._lock:
            self._keys.pop(api_key, None)

    def admit(self, api_key: str, organisation: str = "org-standin") -> None:
        """Accept this key from now on."""
        with self._lock:
            self._keys[api_key] = organisation

    def authenticate(self, headers: Mapping[str, str]) -> Account:
        """Whose request it is.

        Arguments:
            headers: names in lower case; the key is in ``x-api-key`` or is the bearer's token.

        Raises:
            ApiError: 401 without a key or with one that is unknown or revoked; 400 without a
                known ``anthropic-version``.
        """
        key = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        if not key:
            raise ApiError(401, "x-api-key header is required")
        organisation = self._keys.get(key)
        if organisation is None:
            raise ApiError(401, "invalid x-api-key")
        check_version(headers.get("anthropic-version"))
        return Account(organisation, self._signing_key)

    def count(self, account: Account, headers: Mapping[str, str], exchange: Exchange) -> JsonObject:
        """The answer of ``POST /v1/messages/count_tokens``.

        Raises:
            ApiError: as for ``create``.
        """
        body = exchange.body
        read = self._read(account, headers, exchange, counting=True)
        self.strike(exchange, body)
        return {"input_tokens": read.conversation.totals[-1]}

    def create(self, account: Account, headers: Mapping[str, str], exchange: Exchange) -> Answered:
        """The answer of ``POST /v1/messages``.

        Arguments:
            account: from ``authenticate``.
            headers: names in lower case.
            exchange: the request; what is found out of it is set on it.

        Raises:
            ApiError: the request breaks a rule, or a fault struck.
        """
        body = exchange.body
        read = self._read(account, headers, exchange, counting=False)
        fault = self.strike(exchange, body)
        conversation = read.conversation
        conversation.check_end(conversation.digests[-1] in self._paused)
        prefixes = _prefixes(conversation)
        usage = self.cache.look_up(prefixes)
        window_left = _check_window(usage, conversation.prompt.card)
        finished = finish_reply(
            self._ask(read, fault),
            conversation,
            window_left,
            lambda place: _identifier("toolu_", exchange, place),
        )
        self.cache.store(prefixes)
        message = _message(finished, usage, conversation, _identifier("msg_", exchange, 0))
        if finished.stop_reason == "pause_turn":
            self._remember_paused(conversation, finished)
        exchange.stop_reason = finished.stop_reason
        exchange.usage = message["usage"]
        return Answered(message, finished.cut_input, conversation.prompt.settings.streams, fault)

    def strike(self, exchange: Exchange, body: bytes) -> Fault | None:
        """The fault that is meant for this request, if there is one.

        Raises:
            ApiError: the fault refuses it.
        """
        fault = self.faults.take(exchange.path, exchange.turn, body)
        if fault is not None:
            exchange.fault = fault.kind
            if fault.kind == "answer":
                raise fault.refusal()
        return fault

    def _read(
        self, account: Account, headers: Mapping[str, str], exchange: Exchange, *, counting: bool
    ) -> ReadRequest:
        betas = frozenset(part.strip() for part in headers.get("anthropic-beta", "").split(","))

        def prompt_of(body: JsonObject) -> Prompt:
            card = find_model(self.models, body.get("model"))
            return read_prompt(body, card, account, betas, counting=counting)

        context = (account.organisation, betas, counting)
        read = self._reader.read(exchange.body, context, prompt_of)
        exchange.recorded = read.recorded
        exchange.turn = read.conversation.last.replies
        exchange.model = read.conversation.prompt.card.id
        return read

    def _ask(self, read: ReadRequest, fault: Fault | None) -> Reply:
        if read.conversation.prompt.settings.max_tokens == 0:
            return Reply([], stop_reason="max_tokens")  # only warms the prompt cache
        try:
            answer = self._brain(read.body)
        except ApiError:
            raise
        except Exception as error:
            traceback.print_exc(file=stderr)
            # Not a 500: a client would go on asking.
            raise ApiError(400, f"stand-in: its model failed: {error!r}") from error
        reply = answer if isinstance(answer, Reply) else Reply(answer)
        return reply if fault is None or fault.kind != "stop" else _stopped(reply, fault)

    def _remember_paused(self, conversation: Conversation, finished: FinishedReply) -> None:
        ahead = conversation.first(len(conversation.messages))
        ahead.append({"role": "assistant", "content": finished.blocks})
        with self._lock:
            self._paused[ahead.digests[-1]] = None
            while len(self._paused) > _MOST_PAUSED:
                self._paused.popitem(last=False)


def _prefixes(conversation: Conversation) -> Prefixes:
    prompt = conversation.prompt
    last = len(conversation.digests) - 1
    markers = breakpoints(conversation.markers, prompt.settings.automatic_cache, last)
    return Prefixes(conversation.digests, conversation.totals, markers, prompt.card.cache_minimum)


def _check_window(usage: InputUsage, card: ModelCard) -> int:
    """The tokens that the reply may have."""
    if usage.total > card.max_input_tokens:
        raise ApiError(
            400, f"prompt is too long: {usage.total} tokens > {card.max_input_tokens} maximum"
        )
    return card.max_input_tokens - usage.total


def _stopped(reply: Reply, fault: Fault) -> Reply:
    """``reply`` ended for the fault's reason."""
    blocks = list(reply.blocks)
    if fault.keep_blocks is not None:
        blocks = blocks[: fault.keep_blocks]
    elif fault.stop_reason == "refusal":
        blocks = []
    elif fault.stop_reason == "pause_turn":
        # A pause comes while the service's own tools run, so the client's are not called.
        blocks = [block for block in blocks if block["type"] != "tool_use"] or [text("Wait.")]
    details: JsonObject | None = None
    if fault.stop_reason == "refusal":
        explanation = fault.message or "The stand-in was told to refuse this request."
        details = {"type": "refusal", "category": fault.category, "explanation": explanation}
    return Reply(blocks, fault.stop_reason, details, reply.breaks_schemas)


def _message(
    finished: FinishedReply, usage: InputUsage, conversation: Conversation, message_id: str
) -> JsonObject:
    counted = usage.as_json(finished.output_tokens)
    counted["output_tokens_details"] = {"thinking_tokens": finished.thinking_tokens}
    message: JsonObject = {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": conversation.prompt.card.id,
        "content": finished.blocks,
        "stop_reason": finished.stop_reason,
        "stop_sequence": None,
        "usage": counted,
    }
    if finished.stop_details:
        message["stop_details"] = finished.stop_details
    if conversation.prompt.settings.drops_thinking:
        message["input_transformations"] = [entry.as_json() for entry in conversation.dropped]
    return message


def _identifier(prefix: str, exchange: Exchange, place: int) -> str:
    """An id that no other request gets, not even the same one sent again."""
    seed = f"{exchange.request_id}/{prefix}/{place}".encode()
    return prefix + blake2b(chain(seed), digest_size=12).hexdigest()
