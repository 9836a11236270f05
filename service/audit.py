"""The audit trail: who changed or read what about whom. Changes are written by triggers (service.record_change), in the
transaction that made them; readings by `reads`. Nothing is ever taken out; a person's erasure blanks the private parts.

The times are the database's own, not the caller's: a trail does not take the word of whom it watches.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from service import merkle
from service.accounts import Account

ERASED = "audit.erased"  # the action of the entry that says whose private parts were blanked


class Place(Struct, frozen=True, order=True):
    """Where an entry stands: entries of finished transactions never come to stand before one that is sealed."""

    transaction: int
    id: int


BEGINNING = Place(0, -(2**63))


class Entry(Struct, frozen=True):
    """One line of the trail. Without a salt its private part (subject_id, candidate_id, changes) was erased."""

    id: int
    transaction: int
    at: datetime
    actor: UUID | None
    role: str | None
    action: str
    centre_id: UUID | None
    subject: str
    subject_id: UUID | None
    candidate_id: UUID | None
    changes: dict[str, Any] | None
    salt: bytes | None
    commitment: bytes | None

    @property
    def place(self) -> Place:
        return Place(self.transaction, self.id)

    @property
    def erased(self) -> bool:
        return self.salt is None


class Line(Struct, frozen=True):
    """What the person concerned may read: when, what, and who by role and centre. No role: the house itself."""

    id: int
    at: datetime
    action: str
    role: str | None
    centre: str | None


async def reads(tx: asyncpg.Connection, candidate_id: UUID, what: str, *, by: Account) -> None:
    """Staff reads of a person's file: `what` is one word of it ("file", "results"). Their own needs no entry.

    In the transaction that reads: no writing, no reading.
    """
    if by.candidate_id == candidate_id:
        return
    await tx.execute(
        """insert into service.audit (actor, role, action, centre_id, subject, subject_id, candidate_id)
           values ($1, $2, 'read.' || $3::text, $4, 'assessments.candidates', $5, $5)""",
        by.id,
        by.role,
        what,
        by.centre_id,
        candidate_id,
    )


async def reads_names(tx: asyncpg.Connection, *, by: Account, centre_id: UUID | None) -> None:
    """Staff reads who the assessors are behind the pseudonyms of a figure, or takes a bundle of a file with its names.

    In the transaction that reads, as `reads`.
    """
    await tx.execute(
        """insert into service.audit (actor, role, action, centre_id, subject)
           values ($1, $2, 'read.names', $3, 'assessments.assessors')""",
        by.id,
        by.role,
        centre_id or by.centre_id,
    )


async def exported(tx: asyncpg.Connection, name: str, table: str, *, by: Account, centre_id: UUID) -> None:
    """Staff take a list out of the house. In a transaction before the list is read: no writing, no list."""
    await tx.execute(
        """insert into service.audit (actor, role, action, centre_id, subject, changes)
           values ($1, $2, 'list.exported', $3, $4, jsonb_build_object('list', jsonb_build_array(null, $5::text)))""",
        by.id,
        by.role,
        centre_id,
        table,
        name,
    )


async def of_person(
    tx: asyncpg.Connection, candidate_id: UUID, *, before: int | None = None, most: int = 100
) -> list[Line]:
    """What was done and read about a person, newest first; `before` the id of a line, for the next page."""
    rows = await tx.fetch(
        """select a.id, a.at, a.action, a.role, c.name as centre
           from service.audit a
           left join scheduling.centres c on c.id = service.centre_of(a.actor)
           where a.candidate_id = $1 and ($2::bigint is null or a.id < $2)
           order by a.id desc limit $3""",
        candidate_id,
        before,
        most,
    )
    return [Line(**row) for row in rows]


async def erase(tx: asyncpg.Connection, candidate_id: UUID) -> int:
    """Blank the private part of every entry about a person, and say so in a new entry; return how many there were.

    The last thing an erasure does: what it did before is in the trail too. The log's root stays; `preuve audit verify`
    still holds each entry's open part against its leaf, and accepts one without a private part only if an entry of
    this kind names it.
    """
    rows = await tx.fetch(
        """select id, transaction::text::bigint as transaction, at, actor, role, action, centre_id, subject, subject_id,
                  candidate_id, changes, salt, commitment
           from service.audit where candidate_id = $1 order by id for update""",
        candidate_id,
    )
    return await _blank(tx, [Entry(**row) for row in rows])


async def erase_rows(tx: asyncpg.Connection, rows: Mapping[str, Sequence[UUID]]) -> int:
    """The same of every entry about some rows, by their tables: of what an assessor said about themselves."""
    blanked = 0
    for table, ids in rows.items():
        found = await tx.fetch(
            """select id, transaction::text::bigint as transaction, at, actor, role, action, centre_id, subject,
                      subject_id, candidate_id, changes, salt, commitment
               from service.audit where subject = $1 and subject_id = any ($2::uuid[]) order by id for update""",
            table,
            list(ids),
        )
        blanked += await _blank(tx, [Entry(**row) for row in found])
    return blanked


async def _blank(tx: asyncpg.Connection, entries: Sequence[Entry]) -> int:
    if not entries:
        return 0
    await tx.execute(
        """update service.audit a
           set subject_id = null, candidate_id = null, changes = null, salt = null, commitment = e.commitment
           from unnest($1::bigint[], $2::bytea[]) e(id, commitment) where a.salt is not null and a.id = e.id""",
        [entry.id for entry in entries],
        [commitment(entry) for entry in entries],
    )
    await tx.execute(
        """insert into service.audit (actor, role, action, subject, changes)
           values (nullif(current_setting('preuve.actor', true), '')::uuid,
                   nullif(current_setting('preuve.role', true), ''), $1, 'service.audit', $2)""",
        ERASED,
        {"entries": [entry.id for entry in entries]},
    )
    return len(entries)


async def erasures(tx: asyncpg.Connection) -> set[int]:
    """The ids of all entries that an erasure has named."""
    rows = await tx.fetch("select changes from service.audit where action = $1", ERASED)
    return {entry for row in rows for entry in row["changes"]["entries"]}


async def finished(tx: asyncpg.Connection, after: Place, *, most: int) -> list[Entry]:
    """The next entries whose transactions are over, as all are that began before them: nothing can come in between."""
    rows = await tx.fetch(
        """select id, transaction::text::bigint as transaction, at, actor, role, action, centre_id, subject, subject_id,
                  candidate_id, changes, salt, commitment
           from service.audit
           where (transaction, id) > ($1::text::xid8, $2) and transaction < pg_snapshot_xmin(pg_current_snapshot())
           order by transaction, id limit $3""",
        str(after.transaction),
        after.id,
        most,
    )
    return [Entry(**row) for row in rows]


async def between(tx: asyncpg.Connection, after: Place, until: Place) -> list[Entry]:
    """The entries that stand after one place, up to another."""
    rows = await tx.fetch(
        """select id, transaction::text::bigint as transaction, at, actor, role, action, centre_id, subject, subject_id,
                  candidate_id, changes, salt, commitment
           from service.audit
           where (transaction, id) > ($1::text::xid8, $2) and (transaction, id) <= ($3::text::xid8, $4)
           order by transaction, id""",
        str(after.transaction),
        after.id,
        str(until.transaction),
        until.id,
    )
    return [Entry(**row) for row in rows]


async def about_rows(tx: asyncpg.Connection, ids: Sequence[UUID]) -> list[Entry]:
    """The entries about these rows, of whatever table, in the order of the log; what was erased is about nothing."""
    rows = await tx.fetch(
        """select id, transaction::text::bigint as transaction, at, actor, role, action, centre_id, subject, subject_id,
                  candidate_id, changes, salt, commitment
           from service.audit where subject_id = any ($1::uuid[]) order by transaction, id""",
        ids,
    )
    return [Entry(**row) for row in rows]


async def waiting(tx: asyncpg.Connection, after: Place) -> tuple[int, int | None]:
    """How many entries stand after a place, and the first of them whose transaction has not even begun: a forgery."""
    row = await tx.fetchrow(
        """select count(*), min(id) filter (where transaction >= pg_snapshot_xmax(pg_current_snapshot())) as forged
           from service.audit where (transaction, id) > ($1::text::xid8, $2)""",
        str(after.transaction),
        after.id,
    )
    assert row is not None
    return row["count"], row["forged"]


def leaf(entry: Entry) -> bytes:
    """The entry's hash in the log: RFC 6962's leaf hash of its open part, the commitment to its private one included."""
    return merkle.leaf_hash(_canonical(opened(entry)))


def opened(entry: Entry) -> dict[str, Any]:
    """The open part of an entry, as the log signs it and an export shows it."""
    private = commitment(entry) if entry.commitment is None else entry.commitment
    return {
        "id": entry.id,
        "transaction": entry.transaction,
        "at": entry.at,
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "centre_id": entry.centre_id,
        "subject": entry.subject,
        "private": private.hex(),
    }


def commitment(entry: Entry) -> bytes:
    """SHA-256(salt || private part): without the salt it tells nothing. Only of an entry that is not erased."""
    assert entry.salt is not None
    private = {"subject_id": entry.subject_id, "candidate_id": entry.candidate_id, "changes": entry.changes}
    return sha256(entry.salt + _canonical(private)).digest()


def _canonical(record: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8, times in UTC."""
    return msgspec.json.encode(record, order="deterministic")
