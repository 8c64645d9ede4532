"""The acts on a request that ask services elsewhere, as errands; by the services' promise each can
be asked for again without being done twice.
"""

from __future__ import annotations

from collections.abc import Callable

from codybatch.composition import Application
from codybatch.domain.identifiers import RequestId
from codybatch.domain.jobs import LineageRelation
from codybatch.services.continuations import Continued
from codybatch.ui.errands import Act, Told

Tell = Callable[[str], None]


def retry(app: Application, request: RequestId) -> Act:
    """Run again what did not succeed."""

    def act(tell: Tell) -> Told:
        tell("Looks at the repositories.")
        form = app.continuations.form_of_request(LineageRelation.RETRY, request, app.person)
        return _told("The retry is on its way.", app.continuations.submit(form))

    return act


def follow_up(app: Application, request: RequestId, instructions: str) -> Act:
    """Have something more done in every repository."""

    def act(tell: Tell) -> Told:
        tell("Looks at the repositories.")
        form = app.continuations.form_of_request(LineageRelation.FOLLOW_UP, request, app.person)
        made = app.continuations.submit(form.with_(instructions=instructions))
        return _told("The follow-up is on its way.", made)

    return act


def _told(said: str, made: Continued) -> Told:
    return Told(" ".join((said, *made.notices)), request=made.created.request.id)
