"""Who wants short messages on their telephone: asked for by the candidate, and ended by them, never assumed."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import sms
from service.i18n import N_

NO_NUMBER = N_("This is not a telephone number. An example: 0470 12 34 56")


class Telephone(Struct, frozen=True):
    """A number, and since when its owner wants short messages on it; None: they do not."""

    number: str | None
    wished_at: datetime | None


async def wish(tx: asyncpg.Connection, candidate_id: UUID, *, by: UUID, now: datetime) -> None:
    """The candidate wants them; saying it twice is saying it once."""
    await tx.execute(
        """insert into service.text_wishes (candidate_id, wished_at, wished_by) values ($1, $2, $3)
           on conflict (candidate_id) do nothing""",
        candidate_id,
        now,
        by,
    )


async def end(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """No longer; also when they are erased."""
    await tx.execute("delete from service.text_wishes where candidate_id = $1", candidate_id)


async def telephone(tx: asyncpg.Connection, candidate_id: UUID) -> Telephone:
    """What the candidate's own page shows."""
    row = await tx.fetchrow(
        """select c.phone as number, w.wished_at from assessments.candidates c
           left join service.text_wishes w on w.candidate_id = c.id where c.id = $1""",
        candidate_id,
    )
    assert row is not None
    return Telephone(**row)


async def number(tx: asyncpg.Connection, candidate_id: UUID) -> str | None:
    """The telephone of who wants them; None where they do not, have none that can be called, or are erased."""
    given: str | None = await tx.fetchval(
        """select c.phone from service.text_wishes w join assessments.candidates c on c.id = w.candidate_id
           where w.candidate_id = $1 and c.erased_at is null""",
        candidate_id,
    )
    return sms.number(given or "")
