"""A stand-in for Anthropic's Messages API, as strict as the 5.5 models are.

What lives here: the rules, the prompt cache, signed thinking, faults on demand, the HTTP face.
What never does: anything that knows Cody Batch's own prompts; its models are given from outside.
"""

from __future__ import annotations

from codybatch.standins.anthropic.faults import Fault
from codybatch.standins.anthropic.reply import Brain, Reply, text, thinking, tool_use
from codybatch.standins.anthropic.script import Script, turn_of
from codybatch.standins.anthropic.server import AnthropicStandin
from codybatch.standins.anthropic.service import DEMONSTRATION_KEY

__all__ = [
    "DEMONSTRATION_KEY",
    "AnthropicStandin",
    "Brain",
    "Fault",
    "Reply",
    "Script",
    "text",
    "thinking",
    "tool_use",
    "turn_of",
]
