"""The HTTP application: routes, problems and the OpenAPI description, around one `Platform`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from domain.plan.catalogue import Catalogue
from services.api import (
    access_endings,
    account,
    acts,
    audit,
    backchannel_logout,
    disclosures,
    drafts,
    entitlements,
    feed,
    imports,
    invitations,
    oauth,
    operations,
    organisations,
    plans,
    published,
    retention,
    rules,
    sign_in,
    subject_access,
    subscriptions,
    worklists,
)
from services.api.caller import caller_of
from services.api.description import complete_description
from services.api.erased import told_of_erased
from services.api.faults import ANSWERS, problem_of
from services.api.figures import Figures
from services.api.guards import Guards
from services.api.keys_at_hand import KeysAtHand
from services.api.paces import Pace
from services.api.parameters import only_known_parameters, unreadable_parameters
from services.api.problems import Problem, not_found
from services.api.refusing import Refusing
from services.api.showing import REFUSALS, record_refusal
from services.api.unforeseen import LastNet
from services.bootstrap import Platform
from services.errors import NotRecorded

TITLE = "EHCP Exchange"
VERSION = "1.0.0"
SUMMARY = "The record of Education, Health and Care Plans: acts in, history out."
NOTHING_HERE = "There is nothing at this address."


def create_app(platform: Platform, channel: str = "http") -> FastAPI:
    """The application that serves this platform; it closes the platform when it stops.

    `channel` is what the disclosure log says of how its answers leave.
    """
    catalogue = platform.rules.catalogue
    app = _with_routes(acts.router(catalogue), worklists.routes, imports.routes)
    if platform.signing_in.providers:
        app.include_router(sign_in.routes)
        app.include_router(account.routes)
        app.include_router(backchannel_logout.routes)
    if platform.token_endpoint is not None:
        app.include_router(oauth.routes)
    app.state.platform, app.state.channel = platform, channel
    app.state.pace = Pace(platform.settings.calls_per_minute if channel == "http" else 0)
    app.add_middleware(KeysAtHand, issuers=platform.token_checker.issuers)
    app.add_middleware(Refusing, refused=lambda: platform.store.writes_refused)
    app.add_middleware(LastNet)
    app.add_middleware(Figures)
    app.add_middleware(Guards, tls=platform.settings.base_url.startswith("https:"))
    _answer_problems(app)
    _describe(app, catalogue)
    return app


def _with_routes(*first: APIRouter) -> FastAPI:
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        summary=SUMMARY,
        lifespan=_running,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for routes in (
        *first,
        drafts.routes,
        plans.routes,
        disclosures.routes,
        audit.routes,
        subject_access.routes,
        entitlements.routes,
        feed.routes,
        subscriptions.routes,
        invitations.routes,
        access_endings.routes,
        organisations.routes,
        retention.routes,
        rules.routes,
    ):
        app.include_router(routes, dependencies=[Depends(only_known_parameters)])
    app.include_router(published.routes)
    app.include_router(operations.routes)
    return app


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    """While it serves, the one process that has an embedded record does for it what workers do for a shared one."""
    if app.state.platform.projection.database.is_embedded:
        app.state.platform.projection.running.start()
        app.state.platform.key_rewrap.start()
        app.state.platform.key_watch.start()
        app.state.platform.signals.running.start()
        app.state.platform.notary.running.start()
        if app.state.platform.publication is not None:
            app.state.platform.publication.start()
        app.state.platform.signals.delivering.start()
        if app.state.platform.signals.mesh is not None:
            app.state.platform.signals.mesh.start()
    yield
    app.state.platform.close()


def _answer_problems(app: FastAPI) -> None:
    for kind in ANSWERS:
        app.add_exception_handler(kind, _answer_fault)
    app.add_exception_handler(RequestValidationError, _parameters_invalid)
    app.add_exception_handler(HTTPException, _no_such_route)


async def _answer_fault(request: Request, error: Exception) -> Response:
    """The problem that tells of a fault; a refusal to show something is on record before it is told."""
    error = told_of_erased(request, error)
    if isinstance(error, REFUSALS):
        try:
            await record_refusal(request, error)
        except (NotRecorded, Problem) as failure:
            return problem_of(failure).response()
    return problem_of(error).response()


async def _parameters_invalid(request: Request, error: Exception) -> Response:
    """A parameter that can't be read, as a problem that doesn't repeat it; without a token, not a word of it."""
    if not isinstance(error, RequestValidationError):
        raise error
    try:
        caller_of(request)
    except Problem as no_token:
        return no_token.response()
    if any(fault["loc"][0] == "path" for fault in error.errors()):
        return (not_found() if "plan_id" in request.path_params else not_found(NOTHING_HERE)).response()
    return unreadable_parameters(error.errors()).response()


async def _no_such_route(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        title, headers = "This address doesn't take that method", dict(error.headers or {})
        return Problem(405, "method-not-allowed", title, headers=headers).response()
    return not_found(NOTHING_HERE).response()


def _describe(app: FastAPI, catalogue: Catalogue) -> None:
    """What is described names every act; what is served needs no route for each."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            named = _with_routes(worklists.routes, imports.routes, acts.described(catalogue))
            app.openapi_schema = complete_description(named.openapi(), catalogue)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
