"""Substitutes: who decides where nobody of the centre may, because of a tie or a seat on the jury. ISO/IEC 17024, 9.4."""

from uuid import UUID

import asyncpg

from assessments import schemes, units
from assessments.decisions import Profile
from assessments.refusals import NoJuryInScheme
from service import agenda

Person = tuple[str, str]


async def possible(tx: asyncpg.Connection, booking_id: UUID) -> list[Person]:
    """Managers of other centres who may decide on this test, (id, name) by name; nobody while somebody of the centre may.

    Refuses NoJuryInScheme.
    """
    profile = await _profile(tx, booking_id)
    rows = await tx.fetch(
        """select distinct p.id, p.given_name || ' ' || p.family_name as name, p.family_name
           from assessments.assessors p join service.accounts k on k.assessor_id = p.id and k.role = 'manager'
           where k.disabled_at is null and p.retired_at is null and assessments.may_decide(p.id, $1, $2)
             and not assessments.centre_may_decide($1, $2)
           order by p.family_name, name""",
        booking_id,
        profile,
    )
    return [(str(row["id"]), row["name"]) for row in rows]


async def _profile(tx: asyncpg.Connection, booking_id: UUID) -> Profile:
    line = await agenda.booking(tx, booking_id)
    profile = (await schemes.get(tx, (await units.get(tx, line.unit_code)).scheme)).decision_profile
    if profile == "none":
        raise NoJuryInScheme
    return profile
