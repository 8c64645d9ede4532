"""A job's conversation as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codybatch.analysis.display.sheet import MOST_TEXT, Html, Sheet, cut_text, tag
from codybatch.domain.errors import BlobDamaged, BlobMissing
from codybatch.domain.jobs import Job
from codybatch.domain.money import Usage
from codybatch.domain.threads import StepKind, ThreadLine
from codybatch.services.conversations import Conversation, Turn, Wanted, marks_of
from codybatch.services.findings import Clean, cleaned_json
from codybatch.services.plain_text import in_plain_sight
from codybatch.services.thread_blocks import Block, BlockKind, answered, as_json, edited_lines
from codybatch.services.wording import exact_money

MOST_OF_BLOCK = 8_000
"""Characters of one text; the whole of it is in the export."""
MOST_OF_BRIEF = 90
_TITLES = {
    BlockKind.THINKING: "Thinking",
    BlockKind.SYSTEM: "System prompt",
    BlockKind.TOOLS: "Tools",
    BlockKind.RESULT: "A result without its call",
    BlockKind.REFUSAL: "The model's service refused",
    BlockKind.OTHER: "Other",
}


@dataclass(frozen=True)
class Thread:
    """A job's conversation for reading, turn by turn; it is read when it is shown."""

    job: Job
    conversation: Conversation
    clean: Clean
    errors: bool = False
    """Whether only turns in which something went wrong are shown."""
    first: int = 0
    """The first turn that is shown; 0 is the beginning."""
    last: int | None = None

    def __repr__(self) -> str:
        """The conversation as plain text."""
        lines = [self._head()]
        left = 0
        for turn, said in self._read(lines):
            if sum(map(len, lines)) > MOST_TEXT - MOST_OF_BLOCK:
                left += 1
                continue
            lines.append(f"── {self._title(turn)}")
            lines += [text for _, text in self._told(said)]
        if left:
            lines.append(f"… {left} more turns: .thread(first=…, last=…) shows them.")
        return cut_text("\n".join(lines), ".thread(first=…, last=…) shows the rest")

    def _repr_html_(self) -> str:
        sheet = Sheet(f"Conversation of the job {self.job.id}")
        problems: list[str] = []
        sheet.add(tag("div", tag("strong", self._head()), class_="cb-head"))
        shown = left = 0
        for turn, said in self._read(problems):
            fits = not left and sheet.add(self._turn(turn, said, is_open=self.errors and shown < 3))
            shown, left = shown + fits, left + (not fits)
        if not (shown or left or problems):
            sheet.add(tag("p", "No turn went wrong." if self.errors else "Nothing was said yet."))
        for problem in problems:
            sheet.note(problem)
        if left:
            sheet.note(
                f"Left out, to keep this output small: {left} turns. "
                ".thread(first=…, last=…) shows them; an export holds everything."
            )
        return sheet.html()

    def _head(self) -> str:
        turns = [turn for turn in self.conversation.turns if turn.number]
        cost = exact_money(self.job.cost_usd)
        only = ", only those in which something went wrong" if self.errors else ""
        return f"{self.job.repository.full_name}: {len(turns)} turns, {cost}{only}"

    def _read(self, problems: list[str]) -> Iterator[tuple[Turn, tuple[ThreadLine, ...]]]:
        """The turns that are to be shown; damage ends them, and is told in ``problems``."""
        turn: Turn | None = None
        try:
            for turn, said in self.conversation.lines(0, len(self.conversation.turns)):
                if self.last is not None and turn.number > self.last:
                    return
                if turn.number >= self.first and self._wants(said):
                    yield turn, said
        except (BlobDamaged, BlobMissing) as error:
            after = f"after turn {turn.number}" if turn else "at its beginning"
            problems.append(f"The conversation is damaged {after}: {self.clean(error.message)}")

    def _wants(self, said: Sequence[ThreadLine]) -> bool:
        return not self.errors or Wanted.ERROR in marks_of(said)

    def _title(self, turn: Turn) -> str:
        if not turn.number:
            return f"Conversation {turn.conversation} begins"
        used = turn.usage or Usage()
        paid = (
            f"{used.prompt_tokens:,} + {used.output_tokens:,} tokens, {exact_money(turn.cost_usd)}"
        )
        kept = "" if turn.is_appended else " · paid for, and not part of the conversation"
        return f"Turn {turn.number} · {paid}{kept}"

    def _turn(self, turn: Turn, said: Sequence[ThreadLine], *, is_open: bool) -> Html:
        blocks = list(answered(said))
        calls = ", ".join(
            f"{block.name} {block.subject}".strip()
            for _, block, _ in blocks
            if block.kind is BlockKind.CALL
        )
        went_wrong = Wanted.ERROR in marks_of(said)
        head = tag(
            "summary",
            *(self._title(turn), tag("span", f" {self._brief(calls)}", class_="cb-quiet")),
            *((tag("strong", " ✗ something went wrong"),) if went_wrong else ()),
        )
        parts = (self._part(line, block, result) for line, block, result in blocks)
        return tag("details", head, *parts, open=is_open)

    def _part(self, line: ThreadLine, block: Block, result: Block | None) -> Html:
        if block.kind is BlockKind.CALL:
            return self._call(block, result)
        shown = self._shown(block.text)
        if block.kind is BlockKind.TEXT and line.kind is StepKind.REPLY:
            return tag("pre", shown)
        if block.kind is BlockKind.REFUSAL:
            return tag("p", f"{_TITLES[block.kind]}: {shown}", class_="cb-bad")
        told = "What Claude was asked" if line.kind is StepKind.HEADER else "Cody Batch told Claude"
        title = _TITLES.get(block.kind, told)
        brief = tag("span", f" {self._brief(block.text)}", class_="cb-quiet")
        return tag("details", tag("summary", title, brief), tag("pre", shown))

    def _call(self, block: Block, result: Block | None) -> Html:
        failed = result is not None and result.is_error
        name = self._brief(f"{block.name} {block.subject}")
        head = tag("summary", tag("code", name), tag("strong", " ✗ failed" if failed else ""))
        edited = edited_lines(block, self.clean)
        given = (
            tag("pre", *(self._edited(line) for line in edited))
            if edited
            else tag("pre", self._shown(as_json(cleaned_json(block.given, self.clean))))
        )
        gave = "Nothing answered it." if result is None else self._shown(result.text)
        return tag("details", head, given, tag("pre", gave, class_="cb-bad" if failed else False))

    def _edited(self, line: str) -> Html:
        return tag("span", self._shown(line), class_="cb-add" if line[0] == "+" else "cb-del")

    def _told(self, said: Sequence[ThreadLine]) -> Iterator[tuple[BlockKind, str]]:
        for _, block, result in answered(said):
            if block.kind is BlockKind.CALL:
                yield block.kind, f"→ {self._brief(f'{block.name} {block.subject}')}"
                if result is not None:
                    sign = "✗" if result.is_error else "←"
                    yield result.kind, f"{sign} {self._brief(result.text)}"
            else:
                title = _TITLES.get(block.kind)
                told = self._brief(block.text) if title else self._shown(block.text)
                yield block.kind, f"({title}) {told}" if title else told

    def _shown(self, text: str) -> str:
        """A text fit to be shown, cut only after secrets were taken out."""
        whole = in_plain_sight(self.clean(text))
        if len(whole) <= MOST_OF_BLOCK:
            return whole
        return f"{whole[:MOST_OF_BLOCK]}\n… {len(whole) - MOST_OF_BLOCK:,} more characters"

    def _brief(self, text: str) -> str:
        flat = " ".join(in_plain_sight(self.clean(text)).split())
        return flat if len(flat) <= MOST_OF_BRIEF else f"{flat[: MOST_OF_BRIEF - 1]}…"
