"""What the members of a jury read: their seats, how far their grids are, and grids laid side by side."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments.grids import ConformityItem, Criterion, Grid
from assessments.marking import Rating
from scheduling.jury_seats import Role
from service.i18n import Words
from service.refusals import NotFound


class MyGrid(Struct, frozen=True):
    """How far one assessor is with one candidate."""

    rated: int
    submitted_at: datetime | None


async def role_in(tx: asyncpg.Connection, assessor_id: UUID, session_id: UUID) -> Role:
    """As what the assessor sits on the session's jury. Refuses NotFound when they do not."""
    role: Role | None = await tx.fetchval(
        """select j.role from scheduling.jury_seats j
           where j.session_id = $1 and j.assessor_id = $2 and j.released_at is null""",
        session_id,
        assessor_id,
    )
    if role is None:
        raise NotFound
    return role


async def roles(tx: asyncpg.Connection, assessor_id: UUID, session_ids: list[UUID]) -> dict[UUID, Role]:
    """As what the assessor sits on each of these juries."""
    rows = await tx.fetch(
        """select j.session_id, j.role from scheduling.jury_seats j
           where j.assessor_id = $1 and j.session_id = any ($2) and j.released_at is null""",
        assessor_id,
        session_ids,
    )
    return {row["session_id"]: row["role"] for row in rows}


async def my_grids(tx: asyncpg.Connection, assessor_id: UUID, session_id: UUID) -> dict[UUID, MyGrid]:
    """The assessor's grids in a session, by booking; those that were begun."""
    rows = await tx.fetch(
        """select r.booking_id, r.submitted_at,
                  (select count(*) from assessments.ratings m where m.recording_id = r.id) as rated
           from assessments.recordings r join scheduling.bookings b on b.id = r.booking_id
           where b.session_id = $2 and r.assessor_id = $1""",
        assessor_id,
        session_id,
    )
    return {row["booking_id"]: MyGrid(row["rated"], row["submitted_at"]) for row in rows}


def expected(grid: Grid, role: Role) -> list[str]:
    """The codes that somebody in this role rates: every indicator, and for the observer the check-list too."""
    indicators = [one.code for criterion in grid.criteria for one in criterion.indicators]
    return indicators + ([item.code for item in grid.conformity] if role == "observer" else [])


def side_by_side(
    criteria: Iterable[Criterion],
    columns: list[tuple[Rating, ...]],
    words: Words,
    *,
    only: set[str] | None = None,
) -> list[dict[str, Any]]:
    """For grids.view: each indicator with what each of several people saw; `only` these codes, if given."""
    seen = [{rating.indicator: rating for rating in column} for column in columns]
    laid_out = [
        {
            "title": f"{criterion.code}. {words.label(criterion.label)}",
            "indicators": [
                _line(one.code, words.label(one.label), one.eliminatory, seen)
                for one in criterion.indicators
                if only is None or one.code in only
            ],
        }
        for criterion in criteria
    ]
    return [criterion for criterion in laid_out if criterion["indicators"]]


def check_list(items: Iterable[ConformityItem], observed: tuple[Rating, ...], words: Words) -> list[dict[str, Any]]:
    """For grids.view: the observer's check-list; empty until there is one to read."""
    seen = [{rating.indicator: rating for rating in observed}]
    lines = [_line(item.code, words.label(item.label), False, seen) for item in items]
    title = words.gettext("Check-list of the observer")
    return [{"title": title, "indicators": lines}] if observed and lines else []


def _line(code: str, text: str, eliminatory: bool, seen: list[dict[str, Rating]]) -> dict[str, Any]:
    return {"text": text, "eliminatory": eliminatory, "ratings": [_pair(column.get(code)) for column in seen]}


def _pair(rating: Rating | None) -> tuple[str, str]:
    return (rating.rating, rating.reason) if rating else ("", "")


def labels(grid: Grid, words: Words) -> Mapping[str, str]:
    """Every criterion, indicator and line of the check-list by its code."""
    return {
        **{criterion.code: words.label(criterion.label) for criterion in grid.criteria},
        **{one.code: words.label(one.label) for criterion in grid.criteria for one in criterion.indicators},
        **{item.code: words.label(item.label) for item in grid.conformity},
    }
