"""Whom somebody at the door has before them: an identity that was seen, and what may be corrected after that."""

from datetime import date, datetime
from uuid import UUID

import asyncpg
from litestar.exceptions import ValidationException
from msgspec import Struct

from scheduling.refusals import NotInThatState
from service.i18n import BRUSSELS, N_

OLDEST = 120  # years


class Seen(Struct, frozen=True):
    """Of the candidate no more than a look at their document needs."""

    candidate_id: UUID
    session_id: UUID
    given_name: str
    family_name: str
    birth_date: date


async def seen(tx: asyncpg.Connection, booking_id: UUID) -> Seen:
    """The candidate of a booking whose identity was noted as seen. Refuses NotInThatState before that, and when erased."""
    row = await tx.fetchrow(
        """select b.candidate_id, b.session_id, c.given_name, c.family_name, c.birth_date
           from scheduling.bookings b join assessments.candidates c on c.id = b.candidate_id
           where b.id = $1 and b.checked_in_at is not null and c.erased_at is null""",
        booking_id,
    )
    if row is None:
        raise NotInThatState
    return Seen(**row)


def is_likely(birth_date: date, *, now: datetime) -> bool:
    """Whether anybody who lives can be born then."""
    today = now.astimezone(BRUSSELS).date()
    return today.year - OLDEST <= birth_date.year and birth_date <= today


def refuse_unlikely(birth_date: date, *, now: datetime) -> None:
    if not is_likely(birth_date, now=now):
        raise ValidationException(
            extra=[{"key": "birth_date", "source": "body", "message": N_("This cannot be a date of birth.")}]
        )
