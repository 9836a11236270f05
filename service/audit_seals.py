"""The sequencer: gives the entries of the audit trail their order in a Merkle log, and signs what it has come to.

One at a time, in batches, after the fact: nobody waits for it. A change made between its commit and its seal, a second or
two, is the one that nothing would show.
"""

from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg
from msgspec import Struct

from service import audit, checkpoints, merkle
from service.audit import BEGINNING, Entry, Place
from service.checkpoints import Checkpoint, Forged, Signer, Verifier
from service.wiring import Running

LOCK = 0x61_75_64_69_74  # "audit": one sequencer at a time, wherever its worker runs
BATCH = 1000


class BrokenLog(Exception):
    """The log cannot be continued: it is not what was signed, or not all of it is there."""


class Seal(Struct, frozen=True):
    """A batch of entries with their leaves, and the log up to them."""

    size: int
    entries: list[int]
    leaves: bytes
    peaks: bytes
    root: bytes
    through: int
    sealed_at: datetime
    signature: bytes

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.size, self.root, self.through, self.sealed_at)

    @property
    def last(self) -> Place:
        return Place(self.through, self.entries[-1])

    def signed_by(self, verifiers: tuple[Verifier, ...]) -> bool:
        return any(verifier.signed(self.checkpoint.text, self.signature) for verifier in verifiers)


async def seal(running: Running) -> bool:
    """Seal what is waiting, up to a batch, and leave the checkpoint in the data folder; say whether more may be waiting.

    Refuses (BrokenLog) to build on a seal that is not ours, on a log that ends before its checkpoint, and in a database
    whose transactions were numbered anew, as a restored dump's are.
    """
    folder = running.settings.data
    signer = checkpoints.signer(folder)
    async with running.db.transaction() as tx:
        if not await tx.fetchval("select pg_try_advisory_xact_lock($1)", LOCK):
            return False
        before = await latest(tx)
        _check(before, _published(running, signer), signer)
        sealed = await _next(tx, before, signer)
    if sealed is None:
        return False
    checkpoints.publish(folder, checkpoints.note(sealed.checkpoint, sealed.signature, signer.verifiers))
    return len(sealed.entries) == BATCH


def _published(running: Running, signer: Signer) -> Checkpoint | None:
    text = checkpoints.published(running.settings.data)
    try:
        return None if text is None else checkpoints.parsed(text, signer.verifiers)
    except Forged as forged:
        raise BrokenLog(f"audit.checkpoint: {forged}") from None


def _check(before: Seal | None, published: Checkpoint | None, signer: Signer) -> None:
    if published is not None and (before is None or before.size < published.size):
        raise BrokenLog(f"{before.size if before else 0} entries are sealed, audit.checkpoint has {published.size}")
    if before is None:
        return
    if not before.signed_by(signer.verifiers) or merkle.root_of(_hashes(before.peaks)) != before.root:
        raise BrokenLog(f"the seal of {before.size} entries was changed")


async def _next(tx: asyncpg.Connection, before: Seal | None, signer: Signer) -> Seal | None:
    horizon: int = await tx.fetchval("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    if before is not None and before.through >= horizon:
        raise BrokenLog("transactions are numbered lower than those sealed: was this database loaded from a dump?")
    entries = await audit.finished(tx, before.last if before else BEGINNING, most=BATCH)
    if not entries:
        return None
    sealed = _sealed(entries, before, signer, now=await tx.fetchval("select clock_timestamp()"))
    await tx.execute(
        """insert into service.audit_seals (size, entries, leaves, peaks, root, through, sealed_at, signature)
           values ($1, $2, $3, $4, $5, $6::text::xid8, $7, $8)""",
        sealed.size,
        sealed.entries,
        sealed.leaves,
        sealed.peaks,
        sealed.root,
        str(sealed.through),
        sealed.sealed_at,
        sealed.signature,
    )
    return sealed


def _sealed(entries: list[Entry], before: Seal | None, signer: Signer, *, now: datetime) -> Seal:
    size, peaks = (before.size, _hashes(before.peaks)) if before else (0, ())
    leaves = [audit.leaf(entry) for entry in entries]
    for leaf in leaves:
        peaks = merkle.appended(peaks, size, leaf)
        size += 1
    checkpoint = Checkpoint(size, merkle.root_of(peaks), entries[-1].transaction, now)
    return Seal(
        size=size,
        entries=[entry.id for entry in entries],
        leaves=b"".join(leaves),
        peaks=b"".join(peaks),
        root=checkpoint.root,
        through=checkpoint.through,
        sealed_at=now,
        signature=signer.sign(checkpoint),
    )


async def latest(tx: asyncpg.Connection) -> Seal | None:
    """The newest seal."""
    row = await tx.fetchrow(
        """select size, entries, leaves, peaks, root, through::text::bigint as through, sealed_at, signature
           from service.audit_seals order by size desc limit 1"""
    )
    return None if row is None else Seal(**row)


async def every(tx: asyncpg.Connection) -> AsyncIterator[Seal]:
    """All seals, the oldest first, a few in memory at a time."""
    rows = tx.cursor(
        """select size, entries, leaves, peaks, root, through::text::bigint as through, sealed_at, signature
           from service.audit_seals order by size"""
    )
    async for row in rows:
        yield Seal(**row)


def leaves_of(sealed: Seal) -> tuple[bytes, ...]:
    """The leaves of a batch, in its order."""
    return _hashes(sealed.leaves)


def _hashes(joined: bytes) -> tuple[bytes, ...]:
    return tuple(joined[start : start + merkle.SIZE] for start in range(0, len(joined), merkle.SIZE))
