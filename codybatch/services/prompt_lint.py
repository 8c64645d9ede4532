"""Hints on a prompt, with the secrets that were pasted into its text."""

from __future__ import annotations

from functools import cache

from codybatch.domain.prompt_hints import Hint, hints_of, in_order, place_in
from codybatch.domain.prompts import PromptDraft
from codybatch.workspace.secret_scanner import SecretScanner


@cache
def _usual_scanner() -> SecretScanner:
    return SecretScanner()


def hints_for(prompt: PromptDraft, scanner: SecretScanner | None = None) -> tuple[Hint, ...]:
    """What its author may want to change about a prompt; nothing of it is refused.

    Args:
        prompt: saved or not. Its text is read as English.
        scanner: finds secrets; the usual one where none is given.

    Returns:
        By place, those on the whole text first. None of them repeats a secret, and one that would
        quote a part of it is left out.
    """
    text = prompt.template
    secrets = (scanner or _usual_scanner()).find(text)
    told = [
        Hint(
            id="secret-in-text",
            says="This looks like a secret, and a prompt's text is stored, shown and sent to the "
            "model with every job.",
            instead="Take it out and revoke it; no job needs a secret in its text.",
            place=place_in(text, one.start, one.end),
        )
        for one in secrets
    ]
    hidden = [text[one.start : one.end] for one in secrets]
    kept = [one for one in hints_of(prompt) if not _repeats(one, hidden)]
    return in_order([*told, *kept])


def _repeats(hint: Hint, hidden: list[str]) -> bool:
    return any(secret[:12] in hint.says for secret in hidden)
