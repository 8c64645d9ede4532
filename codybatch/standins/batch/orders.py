"""Reading what SubmitJob and RegisterJobDefinition are given, with AWS's limits."""

from __future__ import annotations

import json
import re
from typing import Any

from codybatch.standins.batch.catalogue import Catalogue, Definition
from codybatch.standins.batch.jobs import Order
from codybatch.standins.batch.problems import BatchProblem
from codybatch.standins.batch.retries import MOST_ATTEMPTS, MOST_RULES, Rule

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
PATTERN = re.compile(r"[A-Za-z0-9.:\s]{0,511}[A-Za-z0-9.:\s*]?")
EXIT_CODES = re.compile(r"[0-9]{0,511}[0-9*]?")
SMALLEST_ARRAY, LARGEST_ARRAY = 2, 10_000
SHORTEST_TIMEOUT_SECONDS = 60
MOST_TAGS = 50
OVERRIDES = ("containerOverrides", "ecsPropertiesOverride")


def order_of(body: dict[str, Any], catalogue: Catalogue, region: str) -> Order:
    """What a SubmitJob request asks for.

    Raises:
        BatchProblem: AWS would not take it.
    """
    name = text(body, "jobName")
    if not NAME.fullmatch(name):
        raise BatchProblem(f"Job name should match valid pattern: {NAME.pattern}")
    queue = catalogue.queue(text(body, "jobQueue"), region)
    definition = catalogue.definition(text(body, "jobDefinition"), region)
    if not queue.is_enabled:
        raise BatchProblem(f"JobQueue {catalogue.queue_arn(queue)} is not in ENABLED state.")
    overrides = _overrides(body, definition)
    attempts, rules = _retries(body.get("retryStrategy", {}))
    tags = body.get("tags", {})
    if len(tags) > MOST_TAGS:
        raise BatchProblem(f"A job has at most {MOST_TAGS} tags.")
    return Order(
        name=name,
        queue=catalogue.queue_arn(queue),
        definition=catalogue.definition_arn(definition),
        command=tuple(overrides.get("command", definition.command)),
        environment={one["name"]: one["value"] for one in overrides.get("environment", [])},
        overrides_length=sum(len(json.dumps(body.get(name, ""))) for name in OVERRIDES),
        attempts=attempts,
        rules=rules,
        timeout_seconds=_timeout(body.get("timeout", {})),
        tags=tags,
        container=definition.container,
    )


def array_size(body: dict[str, Any]) -> int | None:
    """How many children a job shall have; None for a single one.

    Raises:
        BatchProblem: too few or too many.
    """
    size = body.get("arrayProperties", {}).get("size")
    if size is None:
        return None
    if not isinstance(size, int) or not SMALLEST_ARRAY <= size <= LARGEST_ARRAY:
        raise BatchProblem(f"Array size must be between {SMALLEST_ARRAY} and {LARGEST_ARRAY}.")
    return size


def text(body: dict[str, Any], name: str) -> str:
    """A field that must be there.

    Raises:
        BatchProblem: it is not.
    """
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise BatchProblem(f"Error executing request, Exception : {name} is required.")
    return value


def _overrides(body: dict[str, Any], definition: Definition) -> dict[str, Any]:
    """What a job's container has in place of its definition's; its form is the definition's."""
    plain, ecs = (body.get(name) for name in OVERRIDES)
    if (plain is not None and definition.container) or (
        ecs is not None and not definition.container
    ):
        raise BatchProblem("The overrides do not have the form of the job definition's properties.")
    if not definition.container:
        return plain or {}
    containers = [
        one for task in (ecs or {}).get("taskProperties", []) for one in task.get("containers", [])
    ]
    named = [one for one in containers if one.get("name") == definition.container]
    if len(named) != len(containers):
        raise BatchProblem(f"The job definition has one container, {definition.container}.")
    return named[0] if named else {}


def _retries(strategy: dict[str, Any]) -> tuple[int, tuple[Rule, ...]]:
    rules = tuple(_rule(given) for given in strategy.get("evaluateOnExit", []))
    attempts = strategy.get("attempts", 1)
    if rules and "attempts" not in strategy:
        raise BatchProblem("evaluateOnExit requires attempts.")
    if not 1 <= attempts <= MOST_ATTEMPTS:
        raise BatchProblem(f"Retry attempts must be between 1 and {MOST_ATTEMPTS}.")
    if len(rules) > MOST_RULES:
        raise BatchProblem(f"A retry strategy has at most {MOST_RULES} evaluateOnExit rules.")
    return attempts, rules


def _rule(given: dict[str, str]) -> Rule:
    action = given.get("action", "").upper()
    if action not in {"RETRY", "EXIT"}:
        raise BatchProblem("evaluateOnExit needs an action: RETRY or EXIT.")
    status_reason, reason = given.get("onStatusReason", ""), given.get("onReason", "")
    code = given.get("onExitCode", "")
    is_legal = PATTERN.fullmatch(status_reason) and PATTERN.fullmatch(reason)
    if not (is_legal and EXIT_CODES.fullmatch(code)):
        raise BatchProblem("A pattern of evaluateOnExit holds a character that is not allowed.")
    return Rule(action, status_reason, reason, code)


def _timeout(given: dict[str, Any]) -> int | None:
    seconds = given.get("attemptDurationSeconds")
    if seconds is None:
        return None
    if not isinstance(seconds, int) or seconds < SHORTEST_TIMEOUT_SECONDS:
        raise BatchProblem(f"Timeout should be at least {SHORTEST_TIMEOUT_SECONDS} seconds.")
    return seconds
