"""The index of the interface for programs: /api/v1, and what a token needs there (service/tokens.py)."""

from collections.abc import Iterator
from types import ModuleType

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from service import auth
from service.api import (
    accounts,
    alerts,
    appeals,
    attendance,
    bookings,
    catalogue,
    certificates,
    closures,
    complaints,
    confirmations,
    day,
    decisions,
    details,
    enrolments,
    equipment,
    feeds,
    guidance,
    imports,
    invitations,
    jury_seats,
    logins,
    measures,
    openings,
    papers,
    passkeys,
    places,
    recognitions,
    recordings,
    repairs,
    reports,
    screenings,
    series,
    sessions,
    standards,
    tokens,
    waiting,
)
from service.tokens import Scope

# Reading needs "read"; writing what stands here. None: no scope leads there, a person has to.
WRITES: dict[ModuleType, Scope | None] = {
    places: None,
    openings: "bookings:write",
    alerts: "bookings:write",
    bookings: "bookings:write",
    waiting: "bookings:write",
    enrolments: "bookings:write",
    guidance: None,  # who failed, and what was said to them, is for people
    measures: None,  # what somebody needs is asked for, and granted, by a person
    confirmations: "bookings:write",
    sessions: "sessions:write",
    series: "sessions:write",
    repairs: "sessions:write",
    closures: "sessions:write",
    equipment: "sessions:write",
    invitations: None,  # saying yes or no is a person's own
    jury_seats: "sessions:write",
    attendance: "sessions:write",
    recordings: "results:write",
    day: "results:write",
    decisions: "results:write",
    recognitions: "results:write",
    screenings: "results:write",
    appeals: "results:write",
    complaints: None,  # a candidate's own words, and the centre's: a person's
    papers: None,  # only read
    certificates: None,  # suspending and withdrawing ask for a fresh sign-in
    catalogue: None,
    standards: None,  # what a test asks for is written by a person
    details: None,  # what is on record about somebody is corrected by a person
    feeds: None,  # makes a secret address that would outlive the token
    imports: None,  # whole registers change: a person orders it
    reports: None,
}
IN_PERSON = (logins, tokens, passkeys, accounts)  # not even reading


def _routers() -> Iterator[Router]:
    for module, scope in WRITES.items():
        for handler in module.HANDLERS:
            yield _within("read" if _reads(handler) else scope, handler)
    for module in IN_PERSON:
        yield from (_within(None, handler) for handler in module.HANDLERS)


def _within(scope: Scope | None, handler: HTTPRouteHandler) -> Router:
    """What is open to everyone ({} as its security) stays open."""
    token: list[dict[str, list[str]]] = [{"token": [scope]}] if scope else []
    return Router("/", route_handlers=[handler], opt={"token_scope": scope}, security=[{"login": []}, *token])


def _reads(handler: HTTPRouteHandler) -> bool:
    return handler.http_methods == {"GET"}


router = Router("/api/v1", route_handlers=[*_routers()], guards=[auth.within_scope])
