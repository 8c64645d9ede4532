"""GitHub Apps: an app's signed token is exchanged for one of its installation."""

from __future__ import annotations

from codybatch.standins.github.problems import ApiProblem, not_found
from codybatch.standins.github.records import App, Repository, Role
from codybatch.standins.github.rest.call import Call, Reply
from codybatch.standins.github.rest.shapes import Json, account, repository, time
from codybatch.standins.github.site import Site
from codybatch.standins.loopback import Request

PERMISSIONS = {"contents": "write", "metadata": "read", "pull_requests": "write"}


def create_token(call: Call) -> Reply:
    """POST /app/installations/{installation}/access_tokens."""
    app = _app_of(call.site, call.request)
    if str(app.installation) != call.parameters["installation"]:
        raise not_found()
    repositories = _installed(call.site, app)
    token = call.site.new_token(
        f"installation-{app.installation}-{call.site.state.new_id()}",
        f"{app.login}[bot]",
        expires_at=call.site.now() + call.site.token_life,
        installation=app.installation,
        repositories=tuple(r.id for r in repositories),
    )
    return Reply(
        201,
        {
            "token": token.value,
            "expires_at": time(token.expires_at),
            "permissions": PERMISSIONS,
            "repository_selection": "selected",
        },
    )


def list_installations(call: Call) -> Reply:
    """GET /app/installations."""
    app = _app_of(call.site, call.request)
    return call.page([app], lambda shown: _installation(call, shown))


def repository_installation(call: Call) -> Reply:
    """GET /repos/{owner}/{name}/installation."""
    app = _app_of(call.site, call.request)
    named = call.site.state.repository_named(
        f"{call.parameters['owner']}/{call.parameters['name']}"
    )
    if named is None or named not in _installed(call.site, app):
        raise not_found()
    return Reply(200, _installation(call, app))


def installation_repositories(call: Call) -> Reply:
    """GET /installation/repositories, for an installation's token."""
    caller = call.view.caller
    if caller.repositories is None:
        raise ApiProblem(403, "You must authenticate with an installation access token")
    allowed = caller.repositories
    found = [shown for shown in call.view.visible() if shown.id in allowed]
    reply = call.page(found, lambda shown: repository(call.view, shown))
    reply.data = {"total_count": len(found), "repositories": reply.data}
    return reply


def _app_of(site: Site, request: Request) -> App:
    import jwt  # noqa: PLC0415 - it loads a cryptographic library, which only apps need

    value = request.headers.get("authorization", "").partition(" ")[2]
    for app in site.state.apps.values():
        try:
            claims = jwt.decode(value, app.public_key, algorithms=["RS256"])
        except jwt.InvalidTokenError:
            continue
        if str(claims.get("iss")) == str(app.id):
            return app
    raise ApiProblem(401, "A JSON web token could not be decoded")


def _installed(site: Site, app: App) -> list[Repository]:
    """Return where the app is installed: where its login has a role that may push."""
    return [
        repository
        for repository in site.state.repositories.values()
        if Role.named(repository.permissions.get(app.login.lower(), "none")) >= Role.WRITE
    ]


def _installation(call: Call, app: App) -> Json:
    api = call.view.api(f"/app/installations/{app.installation}")
    return {
        "id": app.installation,
        "app_id": app.id,
        "app_slug": app.login,
        "account": account(call.view, app.login),
        "target_type": "Organization",
        "target_id": app.id,
        "repository_selection": "selected",
        "access_tokens_url": f"{api}/access_tokens",
        "repositories_url": call.view.api("/installation/repositories"),
        "html_url": call.view.html(f"/settings/installations/{app.installation}"),
        "permissions": PERMISSIONS,
        "events": [],
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
        "single_file_name": None,
        "suspended_at": None,
    }
