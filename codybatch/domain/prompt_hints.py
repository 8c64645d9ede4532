"""Hints on a prompt's text: what commonly makes jobs fail, cost more or end in something else.

A hint never refuses anything. The rules read English only and rather say too little: they know
phrases, not meaning. What is refused when a prompt is saved (``PromptDraft.check_variables``,
``answer_schema``) is not repeated here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from codybatch.domain.prompt_sentences import (
    EDITS,
    LOOKS,
    MAKES,
    Sentence,
    blanked,
    is_english,
    sentences_of,
    words_of,
)
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.records import Record

MAX_OF_ONE_RULE = 5
"""Hints of one rule in one text; the first ones."""
_LONGEST_QUOTE = 60
_FEWEST_WORDS = 4


class TextPlace(Record):
    """A place in a prompt's text; lines and columns count from 1, in characters."""

    line: int
    column: int
    length: int


class Hint(Record):
    """Something about a prompt's text that its author may want to change."""

    id: str
    """Names the rule; it never changes its meaning."""
    says: str
    """What there is and why it matters, in one sentence."""
    instead: str
    """What to write in its place."""
    place: TextPlace | None = None
    """None where it is about the whole text."""

    def __str__(self) -> str:
        """In one line."""
        where = f"line {self.place.line}: " if self.place else ""
        return f"{where}{self.says} {self.instead} ({self.id})"


def place_in(text: str, start: int, end: int) -> TextPlace:
    """Where the characters from ``start`` up to ``end`` stand in a text."""
    before = text[:start]
    return TextPlace(
        line=before.count("\n") + 1,
        column=start - before.rfind("\n"),
        length=end - start,
    )


def hints_of(prompt: PromptDraft) -> tuple[Hint, ...]:
    """The hints on a prompt: those on the whole text first, then by their place."""
    found = [*_undeclared(prompt), *islice(_not_variables(prompt), MAX_OF_ONE_RULE)]
    if is_english(prompt.template):
        found += _on_words(prompt)
    return in_order(found)


def in_order(found: list[Hint]) -> tuple[Hint, ...]:
    """Hints by their place, with at most ``MAX_OF_ONE_RULE`` of each rule."""
    kept: list[Hint] = []
    for one in sorted(found, key=_position):
        if sum(other.id == one.id for other in kept) < MAX_OF_ONE_RULE:
            kept.append(one)
    return tuple(kept)


def _position(hint: Hint) -> tuple[int, int]:
    return (hint.place.line, hint.place.column) if hint.place else (0, 0)


def _undeclared(prompt: PromptDraft) -> Iterator[Hint]:
    text = prompt.template
    declared = {one.name for one in prompt.variables}
    for name in prompt.variables_used():
        if declared and name not in declared:
            at = re.search(r"\{\{\s*" + name + r"\s*\}\}", text)
            yield Hint(
                id="undeclared-variable",
                says=f"The variable {name} is used and, unlike the others, not declared, so it "
                "takes any text and has no default.",
                instead=f"Declare it in the head under [variables.{name}], or use one of "
                f"{', '.join(sorted(declared))}.",
                place=place_in(text, *at.span()) if at else None,
            )


def _not_variables(prompt: PromptDraft) -> Iterator[Hint]:
    text = prompt.template
    for match in re.finditer(r"(?<!\$)\{\{([^{}\n]{0,80})\}\}", blanked(text)):
        if not re.fullmatch(r"\s*[A-Za-z_][A-Za-z0-9_]*\s*", match[1]):
            yield Hint(
                id="not-a-variable",
                says=f"{_quoted(match[0])} is no variable, so the model reads it as it stands.",
                instead="A variable's name has letters, digits and _, no digit first; put other "
                "text in braces between backticks.",
                place=place_in(text, *match.span()),
            )


def _on_words(prompt: PromptDraft) -> Iterator[Hint]:
    sentences = sentences_of(prompt.template)
    short = _too_short(prompt)
    if short is not None:
        yield short
    else:
        yield from _without_end(prompt)
    yield from islice(_unbounded(prompt), MAX_OF_ONE_RULE)
    beyond = (one for each in sentences for one in _beyond_the_tools(prompt, each))
    yield from islice(beyond, MAX_OF_ONE_RULE * len(_BEYOND))
    if prompt.kind is Kind.CHANGE:
        yield from _only_asks(prompt, sentences)
    else:
        edits = (one for each in sentences for one in _orders_edits(prompt, each))
        yield from islice(edits, MAX_OF_ONE_RULE)
    if prompt.kind is Kind.ASK:
        yield from _unmentioned(prompt)


def _too_short(prompt: PromptDraft) -> Hint | None:
    text = prompt.template
    names_something = re.search(r"`|\{\{|\d|\w[./_]\w", text)
    asks = prompt.kind is Kind.ASK and "?" in text
    if len(words_of(text)) >= _FEWEST_WORDS or names_something or asks:
        return None
    return Hint(
        id="too-short",
        says="The text is too short to act on: each job guesses what is meant, and each guesses "
        "differently.",
        instead="Say what is to be done, where, and what the result looks like.",
    )


_ENDING = re.compile(
    r"\b(?:done|until|stop|only|except|unless|nothing|leave|keep|untouched|unchanged|ignore|skip|"
    r"exclude|excluding|verify|not|never|don['\u2019]t|without|no (?:change|finding|other|file)|"
    r"out of scope|limit(?:ed)?|at most|stays?|rest)\b",
    re.IGNORECASE,
)


def _without_end(prompt: PromptDraft) -> Iterator[Hint]:
    """An ask ends with its answer; the others need a word on where they end."""
    if prompt.kind is Kind.ASK or _ENDING.search(blanked(prompt.template)):
        return
    is_change = prompt.kind is Kind.CHANGE
    yield Hint(
        id="no-ending",
        says="Nothing says when the work is done or what is left alone, so jobs differ in how far "
        "they go.",
        instead="Add when no change is needed, and what to leave alone."
        if is_change
        else "Add what is no finding, and what to say where there is none.",
    )


_NOTHING_NAMED = (
    r"(?!\s+(?:of|in|that|for|with|which|where|from|under|below|by|to|as|so|against|reported|"
    r"listed|named|found|about|on|whose|using|into|when|if)\b)(?!\s*[:(`-])"
)
"""Behind a broad word: no phrase that narrows it."""
_VAGUE = re.compile(
    r"\b(?:improve|clean\s+up|refactor|moderni[sz]e|optimi[sz]e|polish|tidy(?:\s+up)?|fix|review|"
    r"audit|rewrite|check|enhance|correct|find|report|list)\s+(?:up\s+)?"
    r"(?:everything|anything|(?:all|any|every)\s+(?:the\s+|of\s+the\s+)?(?:issues?|problems?|bugs?|"
    r"errors?|things?|code|mistakes?)|(?:the|this|our|all|my)\s+(?:whole\s+|entire\s+)?(?:code|"
    r"code\s?base|repository|repo|project)(?:['\u2019]s\s+(?:quality|code))?|code(?:\s+quality)?)\b"
    + _NOTHING_NAMED,
    re.IGNORECASE,
)
_AT_WILL = re.compile(
    r"\b(?:(?:anything|everything|whatever)\s+else\s+(?:that\s+)?(?:you\s+)?(?:find|see|notice|"
    r"looks|seems|needs)\b|(?:as|where|wherever|however)\s+you\s+(?:see|think)\s+(?:it\s+)?(?:fit|"
    r"is\s+best)\b|(?:apply|follow|use|according\s+to|in\s+line\s+with)\s+(?:all\s+)?(?:the\s+)?"
    r"(?:latest\s+|modern\s+|industry\s+|general\s+)?best\s+practices?\b(?!\s+(?:of|for|in|below)))",
    re.IGNORECASE,
)


def _unbounded(prompt: PromptDraft) -> Iterator[Hint]:
    plain = blanked(prompt.template)
    for pattern in (_VAGUE, _AT_WILL):
        for match in pattern.finditer(plain):
            if _is_negated(plain[: match.start()]):
                continue
            yield _at(
                prompt, match.start(), match.end(), "unbounded-scope",
                "sets no bounds, so a job may go on until its budget is spent, and no two do the "
                "same.",
                "Name what to look for, in which files, and what is left alone.",
            )  # fmt: skip


_RUN = re.compile(
    r"(?:run|re-?run|execute|launch|start)\s+(?:`|(?:(?:the|all|our|your|any|every|its|a|full|whole|"
    r"unit|complete|existing|project['\u2019]s|relevant)\s+)*(?:tests?|test\s?suite|suite|"
    r"integration\s+tests|linters?|formatters?|builds?|program|script|scripts|server|"
    r"application|app|benchmarks?|type\s+checker|migrations?|command|commands|pytest|tox|nox|npm|"
    r"yarn|pnpm|make|mypy|ruff|black|isort|flake8|eslint|prettier|go\s+test|cargo|mvn|gradle)\b)|"
    r"(?:compile|build|install)\s+(?:it|the\s+(?:project|code|application|app|package|program|"
    r"dependencies))\b|(?:pip|npm|yarn|poetry)\s+install\b",
    re.IGNORECASE,
)
_PASSES = re.compile(
    r"(?:make\s+sure|ensure|check|verify|confirm|see)\s+(?:that\s+)?(?:the\s+|all\s+|every\s+|"
    r"existing\s+|our\s+|unit\s+)*(?:tests?|test\s?suite|build|suite)\s+(?:still\s+|all\s+)*"
    r"(?:pass(?:es)?|succeeds?|run|runs|is\s+green|are\s+green|works?)\b",
    re.IGNORECASE,
)
_PUBLISH = re.compile(
    r"(?:push|force-push)(?:\s+(?:it|them|the|your|to|this|all|everything)\b|\s*[.!]?\Z)|"
    r"(?:open|create|make|submit|raise|file|send)\s+(?:an?|one|the)\s+(?:new\s+|draft\s+)*(?:pull[ "
    r"-]request|PR|merge[ -]request|branch|issue|ticket|release|tag)\b|"
    r"commit\s+(?:it|them|the|your|everything|all|this|to|with|and)\b|"
    r"(?:check\s?out|create)\s+(?:a|the)\s+(?:new\s+)?branch\b",
    re.IGNORECASE,
)
_BROWSE = re.compile(
    r"(?:(?:browse|search|use|check|consult|look\s+on)\s+(?:the\s+|on\s+the\s+)?(?:web|internet|"
    r"online)\b|google\s+(?:for|it|the)\b|(?:download|fetch|open|visit|read|curl|see|follow|browse)"
    r"\s+(?:[\w']+\s+){0,4}https?://|download\s+(?:the|a|it)\b|look\s+(?:it|them|this)\s+up\s+"
    r"online|check\s+(?:PyPI|npmjs|the\s+registry)\b)",
    re.IGNORECASE,
)
_ASK_US = re.compile(
    r"(?:ask\s+(?:me|us|the\s+(?:user|author|maintainers?|team)|for\s+(?:confirmation|approval|"
    r"permission|clarification))|wait\s+for\s+(?:my|our|a|the|confirmation|approval)|confirm\s+with"
    r"\s+(?:me|us|the)|let\s+me\s+(?:know|decide|choose))\b",
    re.IGNORECASE,
)
_BEYOND = (
    (_RUN, "cannot-run", "orders a program to be run, which the model's tools cannot do.",
     "Say what to verify by reading, and what a person should run afterwards."),
    (_PASSES, "cannot-run", "cannot be known without running something, which the tools cannot do.",
     "Say what to verify by reading, or have the gate check the patch."),
    (_PUBLISH, "cannot-publish", "is not the model's to do: it only edits files of a checkout.",
     "Leave it out, and choose what is published with --publish."),
    (_BROWSE, "cannot-browse", "needs a network, which the model's tools do not have.",
     "Write the facts that are needed into the text."),
    (_ASK_US, "cannot-ask", "asks somebody, and nobody answers during a job.",
     "Say what to choose, or to leave such a place and name it in the summary."),
)  # fmt: skip


def _beyond_the_tools(prompt: PromptDraft, sentence: Sentence) -> Iterator[Hint]:
    for start in sentence.orders():
        for pattern, rule, says, instead in _BEYOND:
            match = pattern.match(sentence.text, start)
            if match:
                at = sentence.start
                yield _at(prompt, at + start, at + match.end(), rule, says, instead)
                break


_NO_EDIT = re.compile(
    r"\w+(?:\s+up)?\s+(?:(?:no|nothing|none|neither|up|together|on|to\s+the\s+(?:answer|list|"
    r"findings?|summary|report))\b|(?:an?|the|your|each|one)\s+(?:\w+\s+)?(?:finding|findings|"
    r"suggestion|suggestions|summary|note|line|lines|evidence|severity|answer|results?|list|entry|"
    r"entries|items?|rating|severities)\b)",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"\w+\s+(?:up\s+)?(?:it|them|these|those|all|every|each|the|this|that|any|your)\b"
)
_READ_ONLY_EDITS = EDITS - {"apply", "sort", "raise", "format", "translate", "merge", "split"}


def _orders_edits(prompt: PromptDraft, sentence: Sentence) -> Iterator[Hint]:
    """In an audit or an ask; behind "and" only with an object, for that may name code as well."""
    for number, start in enumerate(sentence.orders()):
        word = re.match(r"[A-Za-z]+", sentence.text[start:])
        if word is None or word[0].lower() not in _READ_ONLY_EDITS:
            continue
        if _NO_EDIT.match(sentence.text, start):
            continue
        if number and not _OBJECT.match(sentence.text, start):
            continue
        at = sentence.start + start
        yield _at(
            prompt, at, sentence.start + _end_of_words(sentence.text, start), "edits-in-read-only",
            f"orders an edit, and a prompt of kind {prompt.kind} cannot change files.",
            "Save it as kind change, or ask for a suggestion how to do it.",
        )  # fmt: skip


def _end_of_words(text: str, start: int) -> int:
    """Where the first few words from ``start`` end."""
    found = re.compile(r"\S+(?:\s+\S+){0,3}").match(text, start)
    return found.end() if found else start


def _only_asks(prompt: PromptDraft, sentences: tuple[Sentence, ...]) -> Iterator[Hint]:
    if not MAKES.isdisjoint(words_of(prompt.template)) or not sentences:
        return
    asks = all(one.is_question for one in sentences)
    if asks or all(one.is_question or one.first_word in LOOKS for one in sentences):
        yield Hint(
            id="asks-in-change",
            says="The text only asks or looks for something, and a prompt of kind change edits "
            "files, so jobs end without a change or invent one.",
            instead="Save it as kind audit (findings) or ask (an answer by a schema), or say what "
            "to change.",
        )


_GENERIC = frozenset(
    "answer answers summary evidence explanation comment comments notes note confidence reason "  # noqa: SIM905
    "reasons details".split()
)


def _unmentioned(prompt: PromptDraft) -> Iterator[Hint]:
    properties = (prompt.answer_schema or {}).get("properties", {})
    if not isinstance(properties, Mapping):
        return
    text = prompt.template.lower()
    missing = [name for name, of in properties.items() if not _is_told(name, of, text)]
    if missing:
        several = len(missing) > 1
        yield Hint(
            id="field-not-mentioned",
            says=f"The answer's {'fields' if several else 'field'} {', '.join(missing[:6])} "
            f"{'are' if several else 'is'} asked for by the schema and never mentioned in the "
            "text, so the model guesses what belongs there.",
            instead="Say in the text what each field holds, or give it a description in the "
            "schema.",
        )


def _is_told(name: str, of: Any, text: str) -> bool:
    if isinstance(of, Mapping) and of.get("description"):
        return True
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)
    words = [part.lower() for part in parts if len(part) >= 3 and part.lower() != "has"]
    if name.lower() in text or set(words) <= _GENERIC:
        return True
    return any(word.removesuffix("s")[:8] in text for word in words)


_NEGATION = re.compile(
    r"(?:\bnot|n['\u2019]t|\bnever|\bwithout|\bneither|\bno\s+need\s+to|\binstead\s+of|\brather\s+than)"
    r"\s+(?:\w+\s+){0,2}\Z",
    re.IGNORECASE,
)


def _is_negated(before: str) -> bool:
    return _NEGATION.search(before[-60:]) is not None


def _at(prompt: PromptDraft, start: int, end: int, rule: str, says: str, instead: str) -> Hint:
    quote = prompt.template[start:end]
    return Hint(
        id=rule,
        says=f"{_quoted(quote)} {says}",
        instead=instead,
        place=place_in(prompt.template, start, end),
    )


def _quoted(text: str) -> str:
    flat = " ".join(text.split()).rstrip(".,;:")
    cut = flat if len(flat) <= _LONGEST_QUOTE else flat[: _LONGEST_QUOTE - 1] + "…"
    return f"“{cut}”"
