"""The demonstration's model: a few changes, audits and answers, by rules on what the tools return.

What lives here: reading a conversation, choosing the next step, the tasks, a file each.
What never does: anything that a real model is not told, such as what the repositories hold.
"""

from __future__ import annotations

from codybatch.standins.demonstration.model import DemonstrationModel, choose_task

__all__ = ["DemonstrationModel", "choose_task"]
