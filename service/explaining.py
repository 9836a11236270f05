"""Explaining: beside each refusal of a place, why not and the nearest way out, as programs read it and pages show it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date
from uuid import UUID

from litestar import Request
from litestar.types import Scope
from msgspec import Struct

import service.refusals
from service import why_not
from service.db import ACTING
from service.i18n import Words, words
from service.problems import slug_of
from service.refusals import Explained
from service.ways_out import WAYS
from service.web.language import language_of

# As pages name what was refused in their addresses.
BY_SLUG = {slug_of(refusal): refusal for refusal in WAYS}


class WayOut(Struct, frozen=True):
    """A page that leads on, and what a link to it says."""

    title: str
    address: str


class WhyNot(Struct, frozen=True):
    """See GET /why-not. `title`, `advice` and `ways_out` (nearest first) are in the reader's language. `not_before`: the day
    from which on the rule lets them; `failures`: after how many of them a guidance meeting comes first, if that is the rule."""

    bottleneck: why_not.Bottleneck
    title: str
    advice: str
    limits: dict[str, int]
    waiting: int
    before_me: int | None
    next_session_id: UUID | None
    next_at: str | None
    not_before: date | None
    failures: int | None
    ways_out: list[WayOut]


def shown(said: why_not.WhyNot, words: Words) -> WhyNot:
    """The reasons, with their sentences."""
    return WhyNot(
        bottleneck=said.bottleneck,
        title=words.gettext(said.said[0]),
        advice=said.advice(words),
        limits=said.limits,
        waiting=said.waiting,
        before_me=said.before_me,
        next_session_id=said.next_session_id,
        next_at=said.next_at.isoformat() if said.next_at else None,
        not_before=said.not_before,
        failures=said.failures,
        ways_out=[WayOut(*way) for way in said.ways(words)],
    )


@asynccontextmanager
async def explaining(
    scope: Scope, *, session_id: UUID | None = None, unit_id: UUID | None = None, booking_id: UUID | None = None
) -> AsyncIterator[None]:
    """Around what somebody does for a place: its refusal is raised with what stands in the way and the nearest way out;
    where nobody can say it now, by itself, as is every other exception."""
    try:
        yield
    except tuple(WAYS) as refusal:
        why = None
        with suppress(service.refusals.Refusal):
            why = await _asked(type(refusal), scope, session_id, unit_id, booking_id)
        if why is None:
            raise
        raise Explained(refusal, {"why_not": why}) from refusal


async def of_place(refusal: type[Exception], scope: Scope, session_id: UUID) -> WhyNot | None:
    """The same of a place that is only looked at."""
    return await _asked(refusal, scope, session_id)


async def _asked(
    refusal: type[Exception],
    scope: Scope,
    session_id: UUID | None,
    unit_id: UUID | None = None,
    booking_id: UUID | None = None,
) -> WhyNot | None:
    state = scope["litestar_app"].state
    asked = why_not.Refused(ACTING.get(), refusal, session_id, state.running.now(), unit_id, booking_id)
    why = await state.reasons(asked)
    return shown(why, words(language_of(Request(scope)))) if why else None
