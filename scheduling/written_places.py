"""Places as a program reads them: written by PostgreSQL, which has all of it at hand."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import places


class WrittenPlaces(Struct, frozen=True):
    """`places`: each a JSON object that ends where the value of `refusals` begins. `rules`: beside each what stands in the
    candidate's way, nearest first; None without a candidate. `first`: when the first of them begins. `seen`: the snapshot
    in which they were found, empty where it was not asked."""

    places: list[str]
    rules: list[Sequence[str]] | None
    first: datetime | None
    seen: str


async def search(
    tx: asyncpg.Connection, wish: places.Wish, *, candidate_id: UUID | None, now: datetime
) -> WrittenPlaces:
    """What places.search finds, in the same order. A plain wish takes one round trip and no transaction."""
    if wish.is_plain:
        return await _next_ones(tx, wish, candidate_id, now)
    rows = await places.found(tx, wish, candidate_id=candidate_id, now=now)
    written = await tx.fetchval("select scheduling.places_written($1)", [row["id"] for row in rows]) if rows else []
    rules = [row["rules"] or () for row in rows] if candidate_id else None
    return WrittenPlaces(written, rules, min((row["starts_at"] for row in rows), default=None), "")


async def _next_ones(
    tx: asyncpg.Connection, wish: places.Wish, candidate_id: UUID | None, now: datetime
) -> WrittenPlaces:
    [row] = await tx.fetch(
        "select places, rules, first, seen from scheduling.next_places_written($1, $2, $3, $4, $5, $6)",
        now,
        wish.since,
        wish.until,
        candidate_id,
        wish.limit,
        wish.skip,
    )
    found, rules, first, seen = row
    return WrittenPlaces(found or [], None if rules is None else [(said or "").split() for said in rules], first, seen)
