"""The frame of spending: what jobs cost together, by what they were."""

from __future__ import annotations

from operator import attrgetter

from codybatch.analysis.frames.column import NUMBER, TEXT, WHOLE, Column, Frame
from codybatch.services.spending import Spent

SPENDING: Frame[Spent] = Frame(
    name="spending",
    row="A row is a group of jobs: a model, a prompt, a repository, a person or a UTC day.",
    columns=(
        Column("group", TEXT, "What its jobs have in common.", attrgetter("name"), is_foreign=True),
        Column("jobs", WHOLE, "How many jobs.", attrgetter("jobs")),
        Column("succeeded", WHOLE, "How many of them succeeded.", attrgetter("succeeded")),
        Column("input_tokens", WHOLE, "Tokens read fresh.", attrgetter("usage.input_tokens")),
        Column(
            "cache_write_tokens",
            WHOLE,
            "Tokens written to the cache.",
            lambda one: one.usage.cache_write_5m_tokens + one.usage.cache_write_1h_tokens,
        ),
        Column(
            "cache_read_tokens",
            WHOLE,
            "Tokens read from the cache.",
            attrgetter("usage.cache_read_tokens"),
        ),
        Column(
            "output_tokens",
            WHOLE,
            "Tokens that the model wrote.",
            attrgetter("usage.output_tokens"),
        ),
        Column(
            "cached_share",
            NUMBER,
            "Share of all prompts that came from the cache, 0 to 1.",
            attrgetter("cached"),
        ),
        Column("cost_usd", NUMBER, "US dollars.", lambda one: float(one.cost_usd)),
        Column(
            "uncertain_usd",
            NUMBER,
            "US dollars of it: for replies that were lost.",
            lambda one: float(one.uncertain_usd),
        ),
    ),
)
