"""Metrics in Prometheus's text format, version 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from codybatch.api.counters import Counters
from codybatch.domain.states import JobState
from codybatch.ports import Clock
from codybatch.ports.store import Store

MEDIA_TYPE = "text/plain; version=0.0.4"
TOO_MANY = 429


def metrics_text(store: Store, clock: Clock, daily_cap: Decimal | None, counters: Counters) -> str:
    """All metrics; what it costs to read them does not grow with the store.

    Args:
        store: keeps counts of jobs and the day's budget, and of what it had to ask again.
        clock: tells which day it is.
        daily_cap: of a UTC day, in US dollars; None for none.
        counters: what this process answered.
    """
    records = store.records
    counts, flags = records.job_counts(), records.flag_counts()
    day = records.day_budget(clock.now().date())
    by_state = {state.value: counts.of(state) for state in JobState}
    money: dict[str, Decimal] = {"spent": day.spent_usd, "reserved": day.reserved_usd}
    parts = [
        _metric("jobs", "gauge", "Jobs by state.", "state", by_state),
        _metric(
            "jobs_flagged",
            "gauge",
            "Ended jobs that wait for a person, and open pull requests.",
            "flag",
            {
                "open_pull_request": flags.open_pull_request,
                "unjudged": flags.unjudged,
                "withheld": flags.withheld,
            },
        ),
        _metric("day_usd", "gauge", "US dollars of this UTC day.", "kind", money),
        *_served(counters),
        _asked_again(store),
    ]
    if daily_cap is not None:
        parts.append(_metric("day_cap_usd", "gauge", "The cap of a UTC day.", "", {"": daily_cap}))
    return "".join(line for part in parts for line in part)


def _served(counters: Counters) -> Iterator[list[str]]:
    served = sorted(counters.served().items())
    name = "codybatch_http_requests_total"
    yield [
        f"# HELP {name} Requests that this process answered.\n",
        f"# TYPE {name} counter\n",
        *(
            f'{name}{{method="{_escaped(one.method)}",route="{_escaped(one.route)}",'
            f'status="{one.status}"}} {count}\n'
            for one, count in served
        ),
    ]
    refused = sum(count for one, count in served if one.status == TOO_MANY)
    yield _metric("http_throttled_total", "counter", "Answers with 429.", "", {"": refused})
    took = f"{counters.seconds():.6f}"
    yield _metric("http_seconds_total", "counter", "Seconds of all answers.", "", {"": took})


def _asked_again(store: Store) -> list[str]:
    name = "codybatch_store_retries_total"
    return [
        f"# HELP {name} Calls that this process made again to services behind its store.\n",
        f"# TYPE {name} counter\n",
        *(
            f'{name}{{service="{_escaped(service)}",reason="{_escaped(reason)}"}} {count}\n'
            for service, reasons in store.setbacks.items()
            for reason, count in reasons.items()
        ),
    ]


def _metric(
    name: str, kind: str, about: str, label: str, values: Mapping[str, object]
) -> list[str]:
    full = f"codybatch_{name}"
    lines = [f"# HELP {full} {about}\n", f"# TYPE {full} {kind}\n"]
    for value, number in values.items():
        labels = f'{{{label}="{_escaped(value)}"}}' if label else ""
        lines.append(f"{full}{labels} {number}\n")
    return lines


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
