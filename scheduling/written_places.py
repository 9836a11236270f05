"""Places as a program reads them: written by PostgreSQL, which has all of it at hand, and kept by the process that asked.

A text is kept under all that is written in it. So nobody has to say that it changed: a session that moved, or whose room
has another name, is found under another key.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import places

MOST = 2000  # texts, about two megabytes; whoever reads on to the end of a long list begins them anew


class Asked(Struct, frozen=True):
    """A plain wish, whose it is (None: anybody's), and when."""

    wish: places.Wish
    candidate_id: UUID | None
    now: datetime


class WrittenPlaces(Struct, frozen=True):
    """`texts`: each place as a JSON object that ends where the value of `free` begins, and beside it how many are `free`.
    `rules`: what stands in the candidate's way, nearest first; None without a candidate. `first`: when the first of them
    begins. `seen`: the snapshot in which they were found, empty where it was not asked."""

    texts: list[bytes]
    free: list[int]
    rules: list[Sequence[str]] | None
    first: datetime | None
    seen: str


class Texts:
    """What one process keeps of the places that it has found, for one version of what surrounds them."""

    def __init__(self) -> None:
        self._version: UUID | None = None
        self._by_key: dict[bytes, bytes] = {}

    async def search(self, tx: asyncpg.Connection, asked: Sequence[Asked]) -> list[WrittenPlaces]:
        """What places.search finds for each of these, in the same order: in one round trip without a transaction, and
        one more when something in it is not known yet, which then answers for itself."""
        found = [self._known(row) for row in await _next_ones(tx, asked, telling=False)]
        if new := [number for number, known in enumerate(found) if known is None]:
            told = await _next_ones(tx, [asked[number] for number in new], telling=True)
            for number, row in zip(new, told, strict=True):
                found[number] = self._learnt(row)
        return found  # type: ignore[return-value]

    def _known(self, row: asyncpg.Record) -> WrittenPlaces | None:
        by_key = self._by_key if row["version"] == self._version else {}
        try:
            return _read(row, [by_key[key] for key in row["keys"]])
        except KeyError:
            return None

    def _learnt(self, row: asyncpg.Record) -> WrittenPlaces:
        if row["version"] != self._version or len(self._by_key) > MOST:
            self._version, self._by_key = row["version"], {}
        texts = [text.encode() for text in row["texts"]]
        self._by_key.update(zip(row["keys"], texts, strict=True))
        return _read(row, texts)


async def search(
    tx: asyncpg.Connection, wish: places.Wish, *, candidate_id: UUID | None, now: datetime
) -> WrittenPlaces:
    """The same for any wish, in a transaction that shows one picture."""
    rows = await places.found(tx, wish, candidate_id=candidate_id, now=now)
    told = await tx.fetchval("select scheduling.places_told($1)", [row["id"] for row in rows]) if rows else []
    return WrittenPlaces(
        [text.encode() for text in told],
        [row["free"] for row in rows],
        [row["rules"] or () for row in rows] if candidate_id else None,
        min((row["starts_at"] for row in rows), default=None),
        "",
    )


async def _next_ones(tx: asyncpg.Connection, asked: Sequence[Asked], *, telling: bool) -> list[asyncpg.Record]:
    return await tx.fetch(
        """select keys, free, texts, rules, first, version, seen
           from scheduling.next_places_known($1, $2, $3, $4, $5, $6, $7)""",
        [one.now for one in asked],
        [one.wish.since for one in asked],
        [one.wish.until for one in asked],
        [one.candidate_id for one in asked],
        [one.wish.limit for one in asked],
        [one.wish.skip for one in asked],
        telling,
    )


def _read(row: asyncpg.Record, texts: list[bytes]) -> WrittenPlaces:
    rules = row["rules"]
    said = None if rules is None else [(names or "").split() for names in rules]
    return WrittenPlaces(texts, row["free"], said, row["first"], row["seen"])
