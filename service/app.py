"""The index of the HTTP side: every page and every address, and what they all share."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import Any

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from service import (
    auth,
    bodies,
    booking_rules,
    fields,
    limits,
    logs,
    migrating,
    openapi,
    openid,
    outcome_rules,
    provide,
)
from service.api import v1
from service.edge import Edge
from service.kept_feeds import KeptFeeds
from service.orders import Orders
from service.place_lists import PlaceLists
from service.problems import answer
from service.recognition import Recognition
from service.settings import Settings, read
from service.short_way import ShortWay
from service.turns import Turn
from service.web import (
    accounts,
    agenda,
    alerts,
    announcements,
    appeals,
    assets,
    audit,
    availability,
    bookings,
    bundles,
    calendars,
    catalogue,
    centre,
    centre_sessions,
    centres,
    certificates,
    changes,
    check_in,
    closures,
    companions,
    complaints,
    confirmation,
    confirmations,
    consents,
    copies,
    corrections,
    day,
    day_list,
    deliberations,
    details,
    enrolments,
    equipment,
    excuses,
    front,
    gallery,
    guidance,
    health,
    identity_corrections,
    identity_desk,
    imports,
    invitations,
    journey,
    jury,
    lists,
    logins,
    mailbox,
    measures,
    openings,
    papers,
    passkeys,
    passwords,
    planning,
    privacy,
    profiles,
    provider,
    quality,
    recognitions,
    recommendations,
    record,
    recordings,
    register,
    regrouping,
    repairs,
    reports,
    rescheduling,
    resizing,
    results,
    schemes,
    series,
    series_opening,
    session_results,
    sessions,
    share,
    sign_in,
    standard_files,
    standard_parts,
    standard_pictures,
    standards,
    substitutions,
    text_wishes,
    today,
    tokens,
    validity,
    waiting,
    ways,
)
from service.why_not import Reasons
from service.wiring import Clock, running

HANDLERS: list[ControllerRouterHandler] = [
    assets.serve,
    health.live,
    health.ready,
    front.front_page,
    front.accessibility,
    front.access_page,
    front.problem_page,
    front.problem_list,
    *sign_in.HANDLERS,
    *provider.HANDLERS,
    *confirmation.HANDLERS,
    *logins.HANDLERS,
    *passkeys.HANDLERS,
    *tokens.HANDLERS,
    *passwords.HANDLERS,
    *accounts.HANDLERS,
    *sessions.HANDLERS,
    *openings.HANDLERS,
    *alerts.HANDLERS,
    *bookings.HANDLERS,
    *rescheduling.HANDLERS,
    *excuses.HANDLERS,
    *waiting.HANDLERS,
    *measures.HANDLERS,
    *guidance.HANDLERS,
    *confirmations.HANDLERS,
    *journey.HANDLERS,
    *enrolments.HANDLERS,
    *results.HANDLERS,
    *papers.HANDLERS,
    *certificates.HANDLERS,
    *register.HANDLERS,
    *calendars.HANDLERS,
    *centres.HANDLERS,
    *centre.HANDLERS,
    *planning.HANDLERS,
    *series.HANDLERS,
    *series_opening.HANDLERS,
    *copies.HANDLERS,
    *centre_sessions.HANDLERS,
    *announcements.HANDLERS,
    *changes.HANDLERS,
    *jury.HANDLERS,
    *companions.HANDLERS,
    *ways.HANDLERS,
    *regrouping.HANDLERS,
    *resizing.HANDLERS,
    *repairs.HANDLERS,
    *closures.HANDLERS,
    *equipment.HANDLERS,
    *day_list.HANDLERS,
    *today.HANDLERS,
    *audit.HANDLERS,
    *check_in.HANDLERS,
    *availability.HANDLERS,
    *invitations.HANDLERS,
    *agenda.HANDLERS,
    *recordings.HANDLERS,
    *recommendations.HANDLERS,
    *recognitions.HANDLERS,
    *corrections.HANDLERS,
    *day.HANDLERS,
    *deliberations.HANDLERS,
    *substitutions.HANDLERS,
    *session_results.HANDLERS,
    *profiles.HANDLERS,
    *appeals.HANDLERS,
    *complaints.HANDLERS,
    *lists.HANDLERS,
    *imports.HANDLERS,
    *reports.HANDLERS,
    *quality.HANDLERS,
    *bundles.HANDLERS,
    *catalogue.HANDLERS,
    *standards.HANDLERS,
    *standard_parts.HANDLERS,
    *standard_pictures.HANDLERS,
    *standard_files.HANDLERS,
    *schemes.HANDLERS,
    *validity.HANDLERS,
    *privacy.HANDLERS,
    *record.HANDLERS,
    *details.HANDLERS,
    *identity_corrections.HANDLERS,
    *identity_desk.HANDLERS,
    *text_wishes.HANDLERS,
    *consents.HANDLERS,
    *share.HANDLERS,
    v1.router,
]


def create_app(settings: Settings | None = None, *, clock: Clock | None = None, schema_seconds: float = 0) -> Litestar:
    """The application; it opens the database and the queue when its lifespan begins. `schema_seconds`: how long it waits
    then for migrations that are still to run."""
    settings = settings or read(os.environ)
    app = wired(assembled(settings.environment), settings, clock)
    app.state.schema_seconds = schema_seconds
    return app


def assembled(environment: str) -> Litestar:
    """Every page and every address, but nobody's yet: no settings, no database. This is what takes a second or two."""
    handlers = [*HANDLERS, *([gallery.look, *mailbox.HANDLERS] if environment == "development" else [])]
    return Litestar(
        route_handlers=[
            Router("/", route_handlers=handlers)
        ],  # one by one, Litestar does much of its work anew for each
        lifespan=[_lifespan],
        middleware=[auth.Recognise(), limits.Limit()],
        dependencies={
            **provide.DEPENDENCIES,
            **auth.DEPENDENCIES,
            **booking_rules.DEPENDENCIES,
            **outcome_rules.DEPENDENCIES,
        },
        before_request=_nowhere,
        exception_handlers={Exception: answer},
        request_class=bodies.StrictRequest,
        type_decoders=fields.DECODERS,
        request_max_body_size=bodies.LIMIT,
        multipart_form_part_limit=bodies.PARTS,
        openapi_config=openapi.config(),
        logging_config=None,
    )


def wired(app: Litestar, settings: Settings, clock: Clock | None) -> Litestar:
    """The same application, now of one installation."""
    logs.configure(settings.log)
    app.state = State(
        {
            "settings": settings,
            "clock": clock,
            "provider": openid.provider(settings),
        }
    )
    app.asgi_handler = Edge(ShortWay(app.asgi_handler, app), settings)
    return app


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    if seconds := app.state.get("schema_seconds"):
        await migrating.awaited(app.state.settings.database_url, seconds=seconds)
    async with AsyncExitStack() as stack:
        turn = stack.enter_context(closing(Turn(app.state.settings.data)))
        app.state.running = await stack.enter_async_context(running(app.state.settings, clock=app.state.clock))
        app.state.orders = Orders(app.state.running.db, turn=turn)
        app.state.place_lists = PlaceLists(app.state.running.db)
        app.state.reasons = Reasons(app.state.running.db)
        app.state.recognition = Recognition(app.state.running.db)
        app.state.kept_feeds = KeptFeeds(app.state.running.db)
        yield


async def _nowhere(request: Request[Any, Any, Any]) -> None:
    """Litestar answers every unknown address right under /api with a page of its own. (A plain function would cost a thread
    a request.)"""
    if request.scope.get("path_template") in ("/api", "/api/{path}"):
        raise NotFoundException
