"""How long the way between two sites is, door to door."""

from uuid import UUID

import asyncpg
from msgspec import Struct


class Way(Struct, frozen=True):
    """From a site of a centre to another one. `minutes` None: nobody has said."""

    one_site: UUID
    one: str
    other_site: UUID
    other: str
    minutes: int | None


async def put(tx: asyncpg.Connection, one_site: UUID, other_site: UUID, *, minutes: int) -> None:
    """Record the way between two different sites, 1 to 600 minutes, the same in both directions."""
    await tx.execute(
        """insert into scheduling.travel_times (one_site, other_site, minutes)
           values (least($1::uuid, $2::uuid), greatest($1::uuid, $2::uuid), $3)
           on conflict (one_site, other_site) do update set minutes = $3""",
        one_site,
        other_site,
        minutes,
    )


async def drop(tx: asyncpg.Connection, one_site: UUID, other_site: UUID) -> None:
    """The way is not reckoned with any more."""
    await tx.execute(
        """delete from scheduling.travel_times
           where one_site = least($1::uuid, $2::uuid) and other_site = greatest($1::uuid, $2::uuid)""",
        one_site,
        other_site,
    )


async def of_centre(tx: asyncpg.Connection, centre_id: UUID) -> list[Way]:
    """From each site of a centre to every other site there is, its own ones first; each way once."""
    rows = await tx.fetch(
        """select s.id as one_site, s.name as one, o.id as other_site,
                  case when o.centre_id = s.centre_id then o.name else o.name || ' (' || c.name || ')' end as other, t.minutes
           from scheduling.sites s
           join scheduling.sites o on o.id <> s.id and (o.centre_id <> s.centre_id or s.id < o.id)
           join scheduling.centres c on c.id = o.centre_id
           left join scheduling.travel_times t on t.one_site = least(s.id, o.id) and t.other_site = greatest(s.id, o.id)
           where s.centre_id = $1 order by o.centre_id <> s.centre_id, s.name, c.name, o.name""",
        centre_id,
    )
    return [Way(**row) for row in rows]
