"""Health and metrics."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import PlainTextResponse, Response

from codybatch.api.call import Administering, Call, Reading
from codybatch.api.metrics import MEDIA_TYPE, metrics_text
from codybatch.api.routing import router
from codybatch.clients import code_host_credential, model_credential
from codybatch.domain.records import Record
from codybatch.services.health import Health, Standing, deep_health

routes = router("status")


class Alive(Record):
    """That the API answers."""

    standing: Standing = Standing.OK


@routes.get("/health", response_model=Alive)
async def health() -> Alive:
    """Say that the API answers; nothing is looked at, and no token is needed."""
    return Alive()


@routes.get("/health/deep", response_model=Health, responses={503: {"model": Health}})
def health_deep(call: Reading) -> Response:
    """Ask the store and the engine, and look at the credentials; 503 where one of them fails.

    No service is asked: a credential counts as refused while the last job's refusal does.
    """
    return _looked_at(call, thorough=False)


@routes.get("/health/thorough", response_model=Health, responses={503: {"model": Health}})
def health_thorough(call: Administering) -> Response:
    """The same, and look through the whole store: it may take long, and workers wait for it."""
    return _looked_at(call, thorough=True)


def _looked_at(call: Call, *, thorough: bool) -> Response:
    app = call.app
    credentials = (model_credential(app.settings), code_host_credential(app.settings))
    found = deep_health(app.store.records, app.engine, app.clock, credentials, thorough=thorough)
    return call.answer(found, 200 if found.standing is Standing.OK else 503)


@routes.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
def metrics(call: Reading, request: Request) -> Response:
    """Say how things stand, for Prometheus: jobs, money of today, what this process answered."""
    app = call.app
    counters = request.app.state.counters
    text = metrics_text(app.store, app.clock, app.settings.daily_cost_cap_usd, counters)
    return Response(text, media_type=MEDIA_TYPE)
