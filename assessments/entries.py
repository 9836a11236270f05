"""Entries: what a member of a jury entered on the day, on whatever device, in their order; only ever added to.

A rating follows those that its author saw when entering it, and what nothing follows counts. Two that count and differ
come from two devices that did not know of each other: neither overwrites the other, their author chooses.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from assessments.grids import ItemCode
from assessments.marking import Mark, Rating

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
Kind = Literal["rating", "choice", "note", "photo", "incident", "timer", "interruption"]
SetAside = Literal["not_in_jury", "session_cancelled", "recording_submitted", "indicator_unknown"]
Moment = Annotated[datetime, Meta(tz=True)]
Words = Annotated[str, Meta(max_length=2000)]
Name = Annotated[str, Meta(max_length=200)]


class Said(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an entry that is no rating says. `minutes`: those an interruption gives back to the candidate."""

    text: Words = ""
    category: Literal["", "accident", "equipment", "conduct", "health", "other"] = ""
    informed: Name = ""
    minutes: Annotated[int, Meta(ge=0, le=600)] = 0
    step: Literal["", "started", "ended"] = ""
    photo: UUID | None = None


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry as its device sends it. `follows`: the entries for the same line that its author saw."""

    id: UUID
    booking_id: UUID
    sequence: Annotated[int, Meta(ge=1, le=1_000_000)]
    kind: Kind
    at: Moment
    indicator: ItemCode | None = None
    rating: Mark | None = None
    reason: Annotated[str, Meta(max_length=800)] = ""
    motive: Annotated[str, Meta(max_length=800)] = ""
    follows: Annotated[tuple[UUID, ...], Meta(max_length=20)] = ()
    said: Said = Said()

    def __post_init__(self) -> None:
        """A device may have lost its clock; what it says must still be a moment that can be stored."""
        if not EARLIEST <= self.at < LATEST:
            raise ValueError("a moment between the years 2000 and 2100 is expected")


class Stored(Struct, frozen=True):
    """An entry at the centre. `device_id` None: entered on a page. `set_aside`: why it counts for nothing."""

    id: UUID
    booking_id: UUID
    device_id: UUID | None
    sequence: int | None
    kind: Kind | Literal["correction"]
    at: datetime
    indicator: str | None
    rating: Mark | None
    reason: str
    motive: str
    follows: tuple[UUID, ...]
    said: Said
    set_aside: SetAside | None


class Noted(Struct, frozen=True):
    """A note, photograph, incident or interruption that belongs to a recording. `sha256`: of the photograph."""

    id: UUID
    kind: Kind
    at: datetime
    said: Said
    sha256: str | None


class Correction(Struct, frozen=True):
    """What a submitted rating was before, what it is since, and why; `before` None: from before entries were kept."""

    assessor_id: UUID
    indicator: str
    before: Mark | None
    rating: Mark
    motive: str
    at: datetime


async def add(
    tx: asyncpg.Connection,
    entries: Iterable[tuple[Entry, SetAside | None]],
    *,
    assessor_id: UUID,
    role: str,
    device_id: UUID,
    now: datetime,
) -> None:
    """Store what a device sent; what is stored already stays as it is. Refuses EntryOutOfOrder, MotiveMissing,
    ReasonMissing."""
    await tx.executemany(
        """insert into assessments.entries (id, booking_id, assessor_id, role, device_id, sequence, kind, indicator,
               rating, reason, motive, follows, said, at, set_aside, received_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict (id) do nothing""",
        [
            (
                one.id, one.booking_id, assessor_id, role, device_id, one.sequence, one.kind, one.indicator, one.rating,
                one.reason, one.motive, list(one.follows), msgspec.to_builtins(one.said), one.at, set_aside, now,
            )
            for one, set_aside in entries
        ],
    )  # fmt: skip


async def enter(
    tx: asyncpg.Connection,
    recording_id: UUID,
    ratings: Iterable[Rating | str],
    *,
    kind: Literal["rating", "choice", "correction"] = "rating",
    motive: str = "",
    digest: str | None = None,
    now: datetime,
) -> None:
    """Enter ratings on a page: each follows whatever counted so far. A code alone takes its rating back.

    Refuses ReasonMissing, MotiveMissing; a correction also AlreadyDeliberated, RecordingNotSubmitted.
    """
    given = [one if isinstance(one, Rating) else None for one in ratings]
    codes = [one.indicator if isinstance(one, Rating) else one for one in ratings]
    await tx.execute(
        """with counted as (
               select c.id, c.indicator from assessments.recordings r
               cross join lateral assessments.entries_that_count(r.booking_id, r.assessor_id) c where r.id = $1)
           insert into assessments.entries (id, booking_id, assessor_id, role, kind, indicator, rating, reason, motive,
               follows, digest, at, received_at)
           select gen_random_uuid(), r.booking_id, r.assessor_id, r.role, $5, g.indicator, g.rating, g.reason, $6,
                  array(select c.id from counted c where c.indicator = g.indicator), $7, $8, $8
           from assessments.recordings r
           cross join unnest($2::text[], $3::text[], $4::text[]) as g (indicator, rating, reason)
           where r.id = $1""",
        recording_id,
        codes,
        [one.rating if one else None for one in given],
        [one.reason if one else "" for one in given],
        kind,
        motive,
        digest,
        now,
    )


async def known(
    tx: asyncpg.Connection, ids: list[UUID], *, assessor_id: UUID, device_id: UUID
) -> tuple[set[UUID], int]:
    """Which of these entries are stored, and the highest sequence that came from the device."""
    rows = await tx.fetch("select id from assessments.entries where id = any ($1)", ids)
    last = await tx.fetchval(
        "select coalesce(max(sequence), 0) from assessments.entries where assessor_id = $1 and device_id = $2",
        assessor_id,
        device_id,
    )
    return {row["id"] for row in rows}, last


async def of_session(tx: asyncpg.Connection, session_id: UUID, *, assessor_id: UUID) -> list[Stored]:
    """Everything that one assessor entered in a session, as it arrived."""
    rows = await tx.fetch(
        """select e.id, e.booking_id, e.device_id, e.sequence, e.kind, e.at, e.indicator, e.rating, e.reason, e.motive,
                  e.follows, e.said, e.set_aside
           from assessments.entries e join scheduling.bookings b on b.id = e.booking_id
           where b.session_id = $1 and e.assessor_id = $2 order by e.number""",
        session_id,
        assessor_id,
    )
    return [msgspec.convert(dict(row), Stored) for row in rows]


async def of_recording(tx: asyncpg.Connection, recording_id: UUID) -> list[Stored]:
    """Every rating entered for one recording, as it arrived: what it was, and what it became."""
    rows = await tx.fetch(
        """select e.id, e.booking_id, e.device_id, e.sequence, e.kind, e.at, e.indicator, e.rating, e.reason, e.motive,
                  e.follows, e.said, e.set_aside
           from assessments.entries e
           join assessments.recordings r on r.booking_id = e.booking_id and r.assessor_id = e.assessor_id
           where r.id = $1 and e.indicator is not null order by e.number""",
        recording_id,
    )
    return [msgspec.convert(dict(row), Stored) for row in rows]


async def disputed(tx: asyncpg.Connection, recording_id: UUID) -> dict[str, list[Stored]]:
    """By indicator, the ratings of two devices that differ and await their author's choice; the oldest first."""
    rows = await tx.fetch(
        """select c.id, c.booking_id, c.device_id, c.sequence, c.kind, c.at, c.indicator, c.rating, c.reason, c.motive,
                  c.follows, c.said, c.set_aside
           from assessments.recordings r
           cross join lateral assessments.entries_that_count(r.booking_id, r.assessor_id) c
           where r.id = $1 order by c.indicator, c.at, c.id""",
        recording_id,
    )
    found: defaultdict[str, list[Stored]] = defaultdict(list)
    for row in rows:
        found[row["indicator"]].append(msgspec.convert(dict(row), Stored))
    return {code: each for code, each in found.items() if len({(one.rating, one.reason) for one in each}) > 1}


async def noted(tx: asyncpg.Connection, booking_id: UUID) -> dict[UUID, tuple[Noted, ...]]:
    """By assessor, what they noted beside their ratings. Who may see it is for recordings.read to say."""
    rows = await tx.fetch(
        """select e.assessor_id, e.id, e.kind, e.at, e.said, p.sha256
           from assessments.entries e left join assessments.photos p on p.id = (e.said ->> 'photo')::uuid
           where e.booking_id = $1 and e.set_aside is null and e.kind in ('note', 'photo', 'incident', 'interruption')
           order by e.at, e.id""",
        booking_id,
    )
    found: defaultdict[UUID, tuple[Noted, ...]] = defaultdict(tuple)
    for row in rows:
        facts = {name: row[name] for name in Noted.__struct_fields__}
        found[row["assessor_id"]] += (msgspec.convert(facts, Noted),)
    return found


async def besides(tx: asyncpg.Connection, booking_id: UUID) -> list[Noted]:
    """What members of the jury noted about a candidate whose grid they do not fill in: no recording holds it."""
    rows = await tx.fetch("select assessor_id from assessments.recordings where booking_id = $1", booking_id)
    recorders = {row["assessor_id"] for row in rows}
    found = await noted(tx, booking_id)
    return [one for assessor_id, each in found.items() if assessor_id not in recorders for one in each]


async def corrections(tx: asyncpg.Connection, booking_id: UUID) -> list[Correction]:
    """Every correction of a submitted recording of this test, in its order. Who may see it is for recordings.read to say."""
    rows = await tx.fetch(
        """select e.assessor_id, e.indicator, e.rating, e.motive, e.received_at as at,
                  (select min(f.rating) from assessments.entries f where f.id = any (e.follows)) as before
           from assessments.entries e where e.booking_id = $1 and e.kind = 'correction' order by e.number""",
        booking_id,
    )
    return [Correction(**row) for row in rows]


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: the ratings stay, every word beside them goes."""
    await tx.execute(
        """update assessments.entries e
           set said = '{}', reason = case when e.reason = '' then '' else '–' end,
               motive = case when e.motive = '' then '' else '–' end
           from scheduling.bookings b where b.id = e.booking_id and b.candidate_id = $1
             and (e.said <> '{}' or e.reason <> '' or e.motive <> '')""",
        candidate_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Wipe the words of up to `most` notes, incidents and reasons of tests that were over before; that they were stays."""
    status = await tx.execute(
        """update assessments.entries
           set said = '{}', reason = case when reason = '' then '' else '–' end,
               motive = case when motive = '' then '' else '–' end
           where id in (
               select e.id from assessments.entries e
               where (e.reason not in ('', '–') or e.motive not in ('', '–')
                      or (e.kind in ('note', 'incident') and e.said <> '{}')
                      or e.said ->> 'text' <> '' or e.said ->> 'informed' <> '')
                 and e.received_at < $1 and assessments.over_since(e.booking_id) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
