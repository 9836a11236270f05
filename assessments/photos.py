"""Photographs of the work: JPEG, without what a camera writes into it (place, moment, serial number)."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import asyncpg

from assessments.refusals import NotAPhoto, NotFound

LARGEST = 1_500_000  # bytes
START, END, SCAN = b"\xff\xd8", b"\xff\xd9", 0xDA
PICTURE = {0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, SCAN, 0xE0}  # frames, tables and the JFIF header; no EXIF, no comment


async def keep(
    tx: asyncpg.Connection, photo_id: UUID, booking_id: UUID, assessor_id: UUID, image: bytes, *, now: datetime
) -> str:
    """Store a photograph; return the SHA-256 of what is stored. Sent again, nothing changes.

    Refuses NotAPhoto (no JPEG, or over 1.5 MB), NotFound (the id is somebody else's).
    """
    plain = without_metadata(image)
    sha256 = hashlib.sha256(plain).hexdigest()
    await tx.execute(
        """insert into assessments.photos (id, booking_id, assessor_id, sha256, image, received_at)
           values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing""",
        photo_id,
        booking_id,
        assessor_id,
        sha256,
        plain,
        now,
    )
    stored: str | None = await tx.fetchval(
        "select sha256 from assessments.photos where id = $1 and booking_id = $2 and assessor_id = $3",
        photo_id,
        booking_id,
        assessor_id,
    )
    if stored is None:
        raise NotFound
    return stored


def without_metadata(jpeg: bytes) -> bytes:
    """The same picture with only the segments that draw it. Refuses NotAPhoto."""
    if len(jpeg) > LARGEST or not jpeg.startswith(START):
        raise NotAPhoto
    return START + b"".join(_kept(jpeg))


def _kept(jpeg: bytes) -> Iterator[bytes]:
    at = len(START)
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == SCAN:  # to the end of the picture; behind it a telephone may have hidden another one
            end = jpeg.rfind(END)
            if end <= at:
                break
            yield jpeg[at : end + len(END)]
            return
        if marker in PICTURE:
            yield jpeg[at : at + 2 + length]
        at += 2 + length
    raise NotAPhoto


async def image(tx: asyncpg.Connection, photo_id: UUID) -> tuple[UUID, UUID, bytes]:
    """Whose test, whose photograph, and the JPEG; who may see it is for recordings.read to say. Refuses NotFound."""
    row = await tx.fetchrow("select booking_id, assessor_id, image from assessments.photos where id = $1", photo_id)
    if row is None or row["image"] is None:
        raise NotFound
    return row["booking_id"], row["assessor_id"], row["image"]


async def erase(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Delete every photograph of a candidate's work."""
    await tx.execute(
        """delete from assessments.photos p using scheduling.bookings b
           where b.id = p.booking_id and b.candidate_id = $1""",
        candidate_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` images of tests that were over before, and keep their hashes; return how many.

    While a result, an appeal or a complaint is to come they stay, whatever their age. Of a test that nobody recorded
    they go by the day on which they arrived.
    """
    status = await tx.execute(
        """update assessments.photos set image = null where id in (
               select p.id from assessments.photos p
               where p.image is not null and p.received_at < $1
                 and case when exists (select from assessments.recordings r where r.booking_id = p.booking_id)
                          then assessments.over_since(p.booking_id) < $1
                          else not exists (select from assessments.complaints c where c.booking_id = p.booking_id
                                             and c.answered_at is null and c.withdrawn_at is null) end
               limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
