"""National numbers (NISS/INSZ, BIS numbers too): optional, sealed under keys that are not in the database.

Nobody needs to read one, so nothing here gives one back: a number is recorded, compared, shown as its last two digits.
Birth date and gender, which a number tells too, are never taken from it.
"""

import hmac
import os
from datetime import datetime
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct
from stdnum.be import ssn
from stdnum.exceptions import ValidationError

from assessments.refusals import NationalNumberInvalid, NotFound

NONCE_BYTES = 12
MASKED = "••.••.••-•••.{}"


class Keyring(Struct, frozen=True):
    """`keys`: id → 256 bits that seal; `current` is the one for what is sealed from now on. `lookup`: 256 bits that
    find a number again; it never changes, because uniqueness is measured with it."""

    current: str
    keys: dict[str, bytes]
    lookup: bytes

    def __repr__(self) -> str:
        return "Keyring(…)"  # a repr ends up in a log


async def record(tx: asyncpg.Connection, candidate_id: UUID, number: str, *, keyring: Keyring, now: datetime) -> None:
    """Keep a candidate's national number; recording again corrects it.

    Refuses NationalNumberInvalid (form or check digits), NationalNumberKnown (somebody else has it), NotFound.
    """
    digits = _digits(number)
    recorded = await tx.fetchval(
        """insert into assessments.national_numbers as n (candidate_id, sealed, key_id, lookup, recorded_at)
           select p.id, $2, $3, $4, $5 from (
               select c.id from assessments.candidates c where c.id = $1 and c.erased_at is null for key share) p
           on conflict (candidate_id) do update
               set sealed = excluded.sealed, key_id = excluded.key_id, lookup = excluded.lookup,
                   recorded_at = excluded.recorded_at
           returning n.candidate_id""",
        candidate_id,
        _seal(digits, candidate_id, keyring),
        keyring.current,
        _lookup(digits, keyring),
        now,
    )
    if recorded is None:
        raise NotFound


async def matches(tx: asyncpg.Connection, candidate_id: UUID, number: str, *, keyring: Keyring) -> bool:
    """Whether this is the number on record, for the identity check. Refuses NationalNumberInvalid."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select exists (select from assessments.national_numbers where candidate_id = $1 and lookup = $2)",
        candidate_id,
        _lookup(_digits(number), keyring),
    )


async def masked(tx: asyncpg.Connection, candidate_id: UUID, *, keyring: Keyring) -> str | None:
    """« ••.••.••-•••.90 », or None where none is on record."""
    row = await tx.fetchrow(
        "select sealed, key_id from assessments.national_numbers where candidate_id = $1", candidate_id
    )
    return None if row is None else MASKED.format(_open(row["sealed"], candidate_id, keyring.keys[row["key_id"]])[-2:])


async def rotate(tx: asyncpg.Connection, *, keyring: Keyring, most: int = 500) -> int:
    """Seal up to `most` numbers anew under the current key; return how many there were. Once it is 0, all are."""
    rows = await tx.fetch(
        """select candidate_id, sealed, key_id from assessments.national_numbers
           where key_id <> $1 order by candidate_id limit $2 for update skip locked""",
        keyring.current,
        most,
    )
    owners = [row["candidate_id"] for row in rows]
    await tx.execute(
        """update assessments.national_numbers n set sealed = s.sealed, key_id = $3
           from unnest($1::uuid[], $2::bytea[]) s (candidate_id, sealed) where n.candidate_id = s.candidate_id""",
        owners,
        [
            _seal(_open(row["sealed"], row["candidate_id"], keyring.keys[row["key_id"]]), row["candidate_id"], keyring)
            for row in rows
        ],
        keyring.current,
    )
    return len(rows)


async def keys_in_use(tx: asyncpg.Connection) -> dict[str, int]:
    """How many numbers are sealed under each key."""
    rows = await tx.fetch("select key_id, count(*) as numbers from assessments.national_numbers group by key_id")
    return {row["key_id"]: row["numbers"] for row in rows}


async def erase(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Delete a candidate's number: they took it back, or are erased."""
    await tx.execute("delete from assessments.national_numbers where candidate_id = $1", candidate_id)


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` numbers of candidates with whom nothing has happened since; return how many."""
    status = await tx.execute(
        """delete from assessments.national_numbers where candidate_id in (
               select n.candidate_id from assessments.national_numbers n
               where n.recorded_at < $1 and not assessments.active_since(n.candidate_id, $1) limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])


def _digits(number: str) -> str:
    try:
        return str(ssn.validate(number))
    except ValidationError as error:
        raise NationalNumberInvalid from error


def _seal(digits: str, candidate_id: UUID, keyring: Keyring) -> bytes:
    # Drawn here and not handed in, against the habit of the house: one nonce used twice under a key opens both.
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(keyring.keys[keyring.current]).encrypt(nonce, digits.encode(), candidate_id.bytes)


def _open(sealed: bytes, candidate_id: UUID, key: bytes) -> str:
    """A row that was changed, or is somebody else's, does not open (InvalidTag): that is no refusal but an alarm."""
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], candidate_id.bytes).decode()


def _lookup(digits: str, keyring: Keyring) -> bytes:
    return hmac.digest(keyring.lookup, digits.encode(), "sha256")
