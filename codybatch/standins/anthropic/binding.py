"""Signatures of thinking: a block counts only after exactly the conversation that it was made in.

Source: the guide to preserved thinking and its page on prefix checks. A block is bound to the
organisation, the model, ``system``, ``tools``, every earlier message and the thinking before it.
Cache markers are left out. Leaving out the oldest thinking blocks is allowed; leaving one out in
the middle is not. Where the check fails the service answers 400, or drops the block if asked to.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from hashlib import blake2b

from codybatch.standins.anthropic.wire import chain

DROP_BETA = "thinking-binding-controls-2026-08-01"
NO_THINKING = bytes(8)

_VERSION = b"\x01"
_LENGTH = 1 + 4 + 4 + 6 + 6 + 8 + 16


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a block does not belong here.

    Arguments:
        reason: as in ``input_transformations``; empty where the signature is none of ours.
        sentence: what differs, as far as the signature tells.
    """

    reason: str
    sentence: str = ""

    @property
    def always_dropped(self) -> bool:
        """Whether the service drops the block without being asked."""
        return self.reason in {"organization_binding_mismatch", "model_binding_mismatch"}

    def message(self, path: str) -> str:
        """The 400's message for the block at ``path``."""
        if not self.reason:
            return f"{path}: Invalid `signature` in `thinking` block"
        return (
            f"{path}: Invalid `signature` in `thinking` block. The block is bound to a different "
            "conversation. Remove the block, or set "
            '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block". That setting '
            f"requires the `{DROP_BETA}` value in the `anthropic-beta` header.{self.sentence}"
        )


@dataclass(frozen=True, slots=True)
class Binder:
    """Signs and checks thinking for one organisation, model, system prompt and list of tools.

    Arguments:
        key: the secret of the service.
        organisation, model: names.
        system, tools: digests of what stands before the messages.
    """

    key: bytes
    organisation: str
    model: str
    system: bytes
    tools: bytes

    def sign(self, history: bytes, previous: bytes, thinking: str) -> tuple[str, bytes]:
        """The signature of a block and the tag by which the next block refers to it.

        Arguments:
            history: the digest of the messages before, thinking left out.
            previous: the tag of the thinking block before, or ``NO_THINKING``.
            thinking: the text, as it is sent.
        """
        parts = self._parts(previous)
        seal = self._seal(parts, history, thinking)
        return base64.b64encode(b"".join(parts) + seal).decode(), seal[:8]

    def check(
        self, signature: str, history: bytes, previous: bytes, thinking: str
    ) -> bytes | Mismatch:
        """The tag of a block that belongs here, or why it does not; arguments as for ``sign``."""
        try:
            raw = base64.b64decode(signature, validate=True)
        except (binascii.Error, ValueError):
            return Mismatch("")
        if len(raw) != _LENGTH or raw[:1] != _VERSION:
            return Mismatch("")
        claimed = (raw[:1], raw[1:5], raw[5:9], raw[9:15], raw[15:21], raw[21:29])
        if mismatch := self._differing(claimed, previous):
            return mismatch
        seal = self._seal(claimed, history, thinking)
        if not hmac.compare_digest(seal, raw[29:]):
            return Mismatch("prefix_binding_mismatch")
        return seal[:8]

    def _parts(self, previous: bytes) -> tuple[bytes, ...]:
        organisation = chain(self.organisation.encode())[:4]
        model = chain(self.model.encode())[:4]
        return (_VERSION, organisation, model, self.system[:6], self.tools[:6], previous)

    def _differing(self, claimed: tuple[bytes, ...], previous: bytes) -> Mismatch | None:
        ours = self._parts(previous)
        if claimed[1] != ours[1]:
            return Mismatch("organization_binding_mismatch")
        if claimed[2] != ours[2]:
            return Mismatch("model_binding_mismatch")
        for place, name in ((3, "`system` prompt differs"), (4, "`tools` differ")):
            if claimed[place] != ours[place]:
                sentence = f" The {name} from the one this block was created with."
                return Mismatch("prefix_binding_mismatch", sentence)
        # The oldest thinking may be left out, so the first block that is there need not follow on.
        if previous not in {NO_THINKING, claimed[5]}:
            return Mismatch("prefix_binding_mismatch", " The thinking before it differs.")
        return None

    def _seal(self, parts: tuple[bytes, ...], history: bytes, thinking: str) -> bytes:
        message = b"".join((*parts, self.system, self.tools, history))
        text = thinking.encode("utf-8", "surrogatepass")
        return blake2b(message + text, digest_size=16, key=self.key).digest()
