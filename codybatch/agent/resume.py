"""Going on after a crash: the recorded steps are read back, and the recorded edits run again.

A worker that died left a fresh checkout to its successor, so the work tree is brought to where it
was by running the recorded edits, which are deterministic; the digest after each step is compared
with the recorded one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from codybatch.agent.journal import Journal
from codybatch.agent.turn import Toolbox
from codybatch.agent.turn_log import RecordedStep, StepEntry
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.records import JsonObject
from codybatch.domain.threads import StepKind
from codybatch.ports.model import ModelClient

if TYPE_CHECKING:
    from codybatch.workspace.tree import WorkTree


class TreeDiffers(CodyBatchError):
    """The recorded edits do not lead to the recorded work tree."""


def read_back(
    steps: Iterable[RecordedStep], journal: Journal, toolbox: Toolbox, tree: WorkTree
) -> None:
    """Take over all recorded steps, and bring the fresh work tree to where they left it.

    Args:
        steps: of all conversations of the job, in order.
        journal: an empty one.
        toolbox: on ``tree``.
        tree: a fresh checkout of the pinned commit.

    Raises:
        DamagedThread: a step is missing.
        TreeDiffers: the digest after a step is not the recorded one.
    """
    for recorded in steps:
        entry = _entry(recorded)
        if entry.kind is StepKind.RESULTS:
            _replay_edits(journal, json.loads(entry.content or b"{}"), toolbox)
        journal.take(entry)
        expected = entry.tree
        if entry.kind is StepKind.HEADER:
            expected = journal.conversation.header.base_tree
        if expected is not None and expected != tree.digest():
            raise TreeDiffers(
                f"The work tree after step {entry.sequence} of conversation {entry.conversation} "
                f"is {tree.digest()[:12]}, and was {expected[:12]} when it was recorded."
            )


def _entry(recorded: RecordedStep) -> StepEntry:
    step = recorded.step
    return StepEntry(
        conversation=step.conversation,
        sequence=step.sequence,
        kind=step.kind,
        turn=step.turn,
        content=recorded.content,
        request_sha256=step.request_sha256,
        reserved_usd=step.reserved_usd,
        usage=step.usage,
        cost_usd=step.cost_usd,
        appended=step.appended,
        tree=step.tree,
    )


def _replay_edits(journal: Journal, results: JsonObject, toolbox: Toolbox) -> None:
    """Run the last reply's calls again that changed files; the ones that failed changed nothing."""
    calls = journal.reply.calls if journal.reply else []
    blocks = results.get("content", [])
    succeeded = {
        block["tool_use_id"]
        for block in blocks
        if block["type"] == "tool_result" and not block.get("is_error")
    }
    for call in calls:
        if call.id in succeeded:
            toolbox.replay(call)


def adopt_reply(journal: Journal, model: ModelClient, at: datetime) -> None:
    """Settle a request without a reply: take the reply over that an earlier attempt received and
    could not commit, or charge the request, whose reply is lost.

    Raises:
        Interrupted: the worker asks the conversation to stop.
    """
    request = journal.outstanding
    if request is None or request.request_sha256 is None:
        return
    content = journal.log.adopt(request.conversation, request.sequence + 1, request.request_sha256)
    message = _message(content)
    if message is None:
        journal.lose_request()
        journal.tell(
            EventKind.PAID_TWICE,
            f"The reply of turn {request.turn} was lost in a restart and may be paid twice; "
            f"${request.reserved_usd:.4f} is charged for it.",
            EventLevel.WARNING,
        )
        return
    usage, cost = model.charge(journal.conversation.header.model, message, at)
    journal.add_reply(message, usage, cost)
    journal.commit()


def _message(content: bytes | None) -> JsonObject | None:
    try:
        message = json.loads(content or b"")
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
