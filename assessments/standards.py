"""Standards: the versions of a unit's test. A draft is edited; published means frozen; the next version retires the one
before, and sessions keep the version they opened with."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from assessments.grids import Grid, Languages, Text
from assessments.refusals import NotFound, StandardPublished
from assessments.standard_refusals import StandardChanged, StandardOvertaken, StandardUnpublished

Label = dict[str, Text]
Kind = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)", max_length=40)]


class Content(Struct, frozen=True, forbid_unknown_fields=True):
    """What one version of a test says. Times in minutes."""

    duration_minutes: Annotated[int, Meta(ge=15, le=720)]
    setup_minutes: Annotated[int, Meta(ge=0, le=480)]
    teardown_minutes: Annotated[int, Meta(ge=0, le=480)]
    candidates_per_evaluator: Annotated[int, Meta(ge=1, le=50)]
    room_kind: Kind
    equipment_kind: Kind | None
    languages: Languages
    task: Label
    conditions: Label
    grid: Grid


class Standard(Struct, frozen=True):
    """`revision` grows with each change of a draft; `copied_from`: the version that was in force when it was begun."""

    id: UUID
    unit_id: UUID
    version: int
    content: Content
    published_at: datetime | None
    retired_at: datetime | None
    revision: int = 1
    copied_from: UUID | None = None
    edited_at: datetime | None = None

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


async def draft(
    tx: asyncpg.Connection, unit_id: UUID, content: Content, *, by: UUID | None = None, now: datetime | None = None
) -> UUID:
    """Write the unit's next version, not in force yet; return its id. Two at once get two numbers."""
    await tx.fetchval("select u.id from assessments.units u where u.id = $1 for no key update", unit_id)
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.standards (unit_id, version, duration_minutes, setup_minutes, teardown_minutes,
               candidates_per_evaluator, room_kind, equipment_kind, languages, task, conditions, grid, drafted_by,
               drafted_at, copied_from)
           select $1, coalesce((select max(v.version) from assessments.standards v where v.unit_id = $1), 0) + 1,
                  $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                  (select f.id from assessments.standards f
                   where f.unit_id = $1 and f.published_at is not null and f.retired_at is null)
           returning id""",
        unit_id,
        *_columns(content),
        by,
        now,
    )


async def amend(
    tx: asyncpg.Connection, standard_id: UUID, content: Content, *, revision: int, by: UUID | None, now: datetime
) -> int:
    """Write over a draft as it was at `revision`; return the new revision.

    Refuses NotFound, StandardPublished, StandardChanged (somebody else wrote since that revision).
    """
    written: int | None = await tx.fetchval(
        """update assessments.standards set duration_minutes = $3, setup_minutes = $4, teardown_minutes = $5,
               candidates_per_evaluator = $6, room_kind = $7, equipment_kind = $8, languages = $9, task = $10,
               conditions = $11, grid = $12, revision = revision + 1, edited_by = $13, edited_at = $14
           where id = $1 and revision = $2 and published_at is null returning revision""",
        standard_id,
        revision,
        *_columns(content),
        by,
        now,
    )
    if written is None:
        raise await _why_not(tx, standard_id)
    return written


async def discard(tx: asyncpg.Connection, standard_id: UUID, *, revision: int) -> None:
    """Throw a draft away. Refuses NotFound, StandardPublished, StandardChanged."""
    gone = await tx.fetchval(
        "delete from assessments.standards where id = $1 and revision = $2 and published_at is null returning id",
        standard_id,
        revision,
    )
    if gone is None:
        raise await _why_not(tx, standard_id)


async def publish(
    tx: asyncpg.Connection,
    standard_id: UUID,
    *,
    now: datetime,
    by: UUID | None = None,
    revision: int | None = None,
) -> None:
    """Put a version in force and retire the one before; sessions keep the version they opened with.

    Publishing it again changes nothing. Refuses NotFound, StandardChanged (it is not at `revision` any more),
    StandardOvertaken (another version came into force since the draft was begun, which it would silently undo),
    StandardIncomplete (the grid could not be marked).
    """
    found = await tx.fetchrow(
        """select u.id from assessments.units u
           where u.id = (select s.unit_id from assessments.standards s where s.id = $1) for no key update""",
        standard_id,
    )
    if found is None:
        raise NotFound
    standard = await get(tx, standard_id)
    if not standard.is_draft:
        return
    if revision is not None and standard.revision != revision:
        raise StandardChanged
    before = await tx.fetchval(
        """select id from assessments.standards
           where unit_id = $1 and published_at is not null and retired_at is null""",
        standard.unit_id,
    )
    if before is not None and before != standard.copied_from:
        raise StandardOvertaken
    await tx.execute(
        """update assessments.standards set retired_at = $2, retired_by = $3
           where unit_id = $1 and published_at is not null and retired_at is null""",
        standard.unit_id,
        now,
        by,
    )
    await tx.execute(
        "update assessments.standards set published_at = $2, published_by = $3 where id = $1 and published_at is null",
        standard_id,
        now,
        by,
    )


async def retire(tx: asyncpg.Connection, standard_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Take a version out of force without another one: no new session of the unit. Twice is once.

    Refuses NotFound, StandardUnpublished.
    """
    if (await get(tx, standard_id)).is_draft:
        raise StandardUnpublished
    await tx.execute(
        """update assessments.standards set retired_at = $2, retired_by = $3 where id = $1 and retired_at is null""",
        standard_id,
        now,
        by,
    )


async def follow(tx: asyncpg.Connection, standard_id: UUID, *, revision: int, now: datetime) -> None:
    """The draft's editor has seen what came into force since it was begun: it may replace that.

    Refuses NotFound, StandardPublished, StandardChanged.
    """
    done = await tx.fetchval(
        """update assessments.standards d set revision = revision + 1, edited_at = $3, copied_from = (
               select f.id from assessments.standards f
               where f.unit_id = d.unit_id and f.published_at is not null and f.retired_at is null)
           where d.id = $1 and d.revision = $2 and d.published_at is null returning d.revision""",
        standard_id,
        revision,
        now,
    )
    if done is None:
        raise await _why_not(tx, standard_id)


async def _why_not(tx: asyncpg.Connection, standard_id: UUID) -> Exception:
    return StandardChanged() if (await get(tx, standard_id)).is_draft else StandardPublished()


async def in_force(tx: asyncpg.Connection, unit_id: UUID, at: datetime) -> Standard:
    """The version by which the unit is tested at a moment. Refuses NotFound."""
    return _standard(
        await tx.fetchrow(
            """select s.* from assessments.standards s
               where s.unit_id = $1 and s.published_at <= $2 and (s.retired_at is null or s.retired_at > $2)
               order by s.version desc limit 1""",
            unit_id,
            at,
        )
    )


async def latest(tx: asyncpg.Connection, unit_id: UUID) -> Standard | None:
    """The newest version that was published; None when there is none."""
    row = await tx.fetchrow(
        """select s.* from assessments.standards s where s.unit_id = $1 and s.published_at is not null
           order by s.published_at desc, s.version desc limit 1""",
        unit_id,
    )
    return _standard(row) if row else None


async def of_unit(tx: asyncpg.Connection, unit_id: UUID) -> list[Standard]:
    """Every version of a unit, drafts too, the newest first."""
    rows = await tx.fetch(
        "select s.* from assessments.standards s where s.unit_id = $1 order by s.version desc", unit_id
    )
    return [_standard(row) for row in rows]


async def get(tx: asyncpg.Connection, standard_id: UUID) -> Standard:
    """Refuses NotFound."""
    return _standard(await tx.fetchrow("select s.* from assessments.standards s where s.id = $1", standard_id))


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Standard:
    """The version that a candidate is assessed by: that of their session. Refuses NotFound."""
    return _standard(
        await tx.fetchrow(
            """select s.* from scheduling.bookings b
               join scheduling.sessions x on x.id = b.session_id
               join assessments.standards s on s.id = x.standard_id
               where b.id = $1""",
            booking_id,
        )
    )


def _columns(content: Content) -> tuple[object, ...]:
    return (
        content.duration_minutes,
        content.setup_minutes,
        content.teardown_minutes,
        content.candidates_per_evaluator,
        content.room_kind,
        content.equipment_kind,
        content.languages,
        content.task,
        content.conditions,
        msgspec.to_builtins(content.grid),
    )


def _standard(row: asyncpg.Record | None) -> Standard:
    if row is None:
        raise NotFound
    content = msgspec.convert({field: row[field] for field in Content.__struct_fields__}, Content)
    rest = {field: row[field] for field in Standard.__struct_fields__ if field != "content"}
    return Standard(content=content, **rest)
