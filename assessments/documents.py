"""Documents: the papers behind what is valid for a time; a PDF or a picture, kept as it came, with its hash."""

import hashlib
from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments.refusals import NotFound
from assessments.standard_refusals import DocumentUnusable

LARGEST = 5_000_000  # bytes
BEGINNINGS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


class Document(Struct, frozen=True):
    """`content` is None once its time is over."""

    id: UUID
    sha256: str
    name: str
    media_type: str
    content: bytes | None
    received_at: datetime


async def keep(tx: asyncpg.Connection, name: str, content: bytes, *, by: UUID | None, now: datetime) -> UUID:
    """Keep a paper; return its id. What it is, its first bytes say, not its name.

    Refuses DocumentUnusable (no PDF, JPEG or PNG, or over 5 MB).
    """
    media_type = next((kind for begins, kind in BEGINNINGS.items() if content.startswith(begins)), None)
    if media_type is None or len(content) > LARGEST:
        raise DocumentUnusable
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.documents (sha256, name, media_type, content, received_at, received_by)
           values ($1, $2, $3, $4, $5, $6) returning id""",
        hashlib.sha256(content).hexdigest(),
        _plain(name),
        media_type,
        content,
        now,
        by,
    )


def _plain(name: str) -> str:
    """A file's name without folders and without what could steer a header or a terminal."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable() and letter not in '"<>|;')[-120:] or "document"


async def get(tx: asyncpg.Connection, document_id: UUID) -> Document:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        "select id, sha256, name, media_type, content, received_at from assessments.documents where id = $1",
        document_id,
    )
    if row is None:
        raise NotFound
    return Document(**row)


async def wipe(tx: asyncpg.Connection, assessor_id: UUID) -> None:
    """Of an erased assessor: their papers and the names of the files. The hashes stay: whoever kept a paper can show it."""
    await tx.execute(
        """update assessments.documents d set content = null, name = '–'
           where d.id in (select q.document_id from assessments.qualifications q where q.assessor_id = $1
                          union select v.document_id from assessments.undertakings v where v.assessor_id = $1)
             and not exists (select from assessments.accreditations a where a.document_id = d.id)
             and not exists (select from assessments.qualifications q
                             where q.document_id = d.id and q.assessor_id <> $1)
             and not exists (select from assessments.undertakings v
                             where v.document_id = d.id and v.assessor_id <> $1)""",
        assessor_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete the content of up to `most` papers whose validity ended before, and keep their hashes; return how many."""
    status = await tx.execute(
        """update assessments.documents set content = null where id in (
               select d.id from assessments.documents d
               where d.content is not null and d.received_at < $1
                 and not exists (select from assessments.accreditations a
                                 where a.document_id = d.id and (upper_inf(a.valid) or upper(a.valid) > service.day($1)))
                 and not exists (select from assessments.qualifications q
                                 where q.document_id = d.id and (upper_inf(q.valid) or upper(q.valid) > service.day($1)))
                 and not exists (select from assessments.undertakings v
                                 where v.document_id = d.id and (upper_inf(v.valid) or upper(v.valid) > service.day($1)))
               limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
