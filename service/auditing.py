"""`preuve audit`: hold the audit trail against its sealed log; export the log; show the key that signs it.

What it finds: an entry that was changed, removed or put in between, also by who may switch triggers off; a seal that
was changed; an end that was cut off, against a checkpoint that is kept outside the database. What it cannot find: who
holds the key as well can write another log, which only a checkpoint that somebody else has kept would contradict.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import asyncpg
import msgspec
from msgspec import Struct

from service import audit, audit_seals, checkpoints, merkle
from service.audit import BEGINNING, Entry, Place
from service.audit_seals import Seal
from service.check import UNHURRIED
from service.checkpoints import Checkpoint, Forged, Verifier
from service.db import speak_json
from service.settings import Settings, SettingsFault

LONGEST_TRANSACTION = timedelta(hours=1)  # an entry dated longer before the seal it comes after is antedated


Result = TypeVar("Result")


class Fault(Exception):
    """The first thing that is not as it was sealed."""


class Verdict(Struct, frozen=True):
    """What held: how many entries in how many seals, how many of them erased, and how many still wait for their seal."""

    entries: int
    seals: int
    erased: int
    waiting: int
    root: bytes


class _Walk(Struct):
    """How far the log has been verified."""

    verifiers: tuple[Verifier, ...]
    checkpoint: Checkpoint | None
    erasures: set[int]
    size: int = 0
    peaks: tuple[bytes, ...] = ()
    before: Seal | None = None
    seals: int = 0
    erased: int = 0

    @property
    def place(self) -> Place:
        return self.before.last if self.before else BEGINNING


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Offer verify, export and key."""
    acts = parser.add_subparsers(dest="act", metavar="act", required=True)
    verifying = acts.add_parser("verify", help="hold every entry against the log; status 2 names the first fault")
    verifying.add_argument("--checkpoint", type=Path, help="a checkpoint that was kept elsewhere")
    verifying.add_argument("--key", help="the public key, as `preuve audit key` shows it; by default the data folder's")
    export = acts.add_parser("export", help="print the newest checkpoint")
    export.add_argument("--entries", action="store_true", help="print every entry's open part and leaf, as JSON lines")
    acts.add_parser("key", help="print the public key")


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Do one of the three. Status 2 and one line when the trail is not as it was sealed."""
    if arguments.act == "key":
        sys.stdout.write(f"{checkpoints.signer(settings.data).verifiers[-1]}\n")
        return 0
    try:
        if arguments.act == "export":
            asyncio.run(_reading(settings, lambda tx: export(tx, settings, entries=arguments.entries)))
            return 0
        verifiers = _verifiers(arguments.key, settings)
        known = _checkpoint(arguments.checkpoint, settings, verifiers)
        verdict = asyncio.run(_reading(settings, lambda tx: verify(tx, verifiers, known)))
    except (Fault, Forged) as fault:
        sys.stdout.write(f"{fault}.\n")
        return 2
    sys.stdout.write(
        f"{verdict.entries:,} entries in {verdict.seals:,} seals are as they were sealed; {verdict.erased:,} of them are "
        f"erased. {verdict.waiting:,} wait for their seal.\nroot {verdict.root.hex()}\n"
    )
    return 0


def _verifiers(given: str | None, settings: Settings) -> tuple[Verifier, ...]:
    if given is None:
        return checkpoints.signer(settings.data).verifiers
    try:
        return (checkpoints.verifier(given),)
    except ValueError:
        raise SettingsFault("--key: this is not a key as `preuve audit key` shows it.") from None


def _checkpoint(given: Path | None, settings: Settings, verifiers: tuple[Verifier, ...]) -> Checkpoint | None:
    """The one that was asked for, else the one that the sequencer left in the data folder, if there is one."""
    try:
        text = given.read_text(encoding="utf-8") if given else checkpoints.published(settings.data)
    except OSError as error:
        raise SettingsFault(f"--checkpoint: {given}: {error.strerror}.") from None
    try:
        return None if text is None else checkpoints.parsed(text, verifiers)
    except Forged as forged:
        raise Forged(f"The checkpoint cannot be relied on: {forged}") from None


async def _reading(settings: Settings, act: Callable[[asyncpg.Connection], Awaitable[Result]]) -> Result:
    connection = await asyncpg.connect(settings.owner, server_settings=UNHURRIED)
    try:
        await speak_json(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await act(connection)
    except asyncpg.UndefinedTableError:
        raise SettingsFault("The database is not of this release; `preuve migrate` brings it up to date.") from None
    finally:
        await connection.close()


async def verify(tx: asyncpg.Connection, verifiers: tuple[Verifier, ...], checkpoint: Checkpoint | None) -> Verdict:
    """Recompute every leaf and every root in one picture of the database. Refuses (Fault) the first that is different.

    A checkpoint that was kept elsewhere must be one of the sizes the log went through: that is what finds a cut end.
    """
    walk = _Walk(verifiers, checkpoint, await audit.erasures(tx))
    async for seal in audit_seals.every(tx):
        _check_seal(walk, seal)
        _check_entries(walk, seal, await audit.between(tx, walk.place, seal.last))
        walk.before, walk.seals = seal, walk.seals + 1
    if checkpoint is not None and walk.size < checkpoint.size:
        raise Fault(f"The log ends after {walk.size} entries, the checkpoint has {checkpoint.size}: its end is gone")
    waiting, forged = await audit.waiting(tx, walk.place)
    if forged is not None:
        raise Fault(f"Entry {forged} is of a transaction that has not been: it was put there")
    return Verdict(walk.size, walk.seals, walk.erased, waiting, merkle.root_of(walk.peaks))


def _check_seal(walk: _Walk, seal: Seal) -> None:
    """What is signed first: then its root vouches for the leaves, and each leaf for its entry."""
    if not seal.signed_by(walk.verifiers):
        raise Fault(f"The seal of {seal.size} entries was changed: its signature is false, or of another key")
    if seal.size != walk.size + len(seal.entries):
        raise Fault(f"A seal between {walk.size} and {seal.size} entries was removed or changed")
    known, another = walk.checkpoint, False
    for leaf in audit_seals.leaves_of(seal):
        walk.peaks = merkle.appended(walk.peaks, walk.size, leaf)
        walk.size += 1
        another |= known is not None and known.size == walk.size and known.root != merkle.root_of(walk.peaks)
    if merkle.root_of(walk.peaks) != seal.root:
        raise Fault(f"The seal of {seal.size} entries was changed: its leaves do not give its root")
    if another:
        raise Fault(f"The log up to {seal.size} entries is another than the checkpoint's: it was written anew")


def _check_entries(walk: _Walk, seal: Seal, entries: list[Entry]) -> None:
    """In lockstep: what was sealed between two places must be there, and nothing else."""
    sealed = list(zip(seal.entries, audit_seals.leaves_of(seal), strict=True))
    there, matched = {entry.id for entry in entries}, 0
    for entry in entries:
        if matched == len(sealed):
            raise Fault(_STRANGER.format(entry.id))
        expected, leaf = sealed[matched]
        if entry.id != expected:
            raise Fault(_STRANGER.format(entry.id) if expected in there else f"Entry {expected} is missing")
        _check_entry(walk, seal, entry, leaf)
        matched += 1
    if matched < len(sealed):
        raise Fault(f"Entry {sealed[matched][0]} is missing")


_STRANGER = "Entry {} was put there after its neighbours were sealed"


def _check_entry(walk: _Walk, seal: Seal, entry: Entry, leaf: bytes) -> None:
    if audit.leaf(entry) != leaf:
        raise Fault(f"Entry {entry.id} was changed after it was sealed")
    if entry.erased and entry.id not in walk.erasures:
        raise Fault(f"Entry {entry.id} was emptied, and no erasure names it")
    if walk.before is not None and entry.at < walk.before.sealed_at - LONGEST_TRANSACTION:
        raise Fault(f"Entry {entry.id} is antedated: {walk.before.size} entries were sealed long after its date")
    walk.erased += entry.erased


async def export(tx: asyncpg.Connection, settings: Settings, *, entries: bool) -> None:
    """Print the newest checkpoint, or every sealed entry as whoever audits without the private parts needs it."""
    if not entries:
        latest = await audit_seals.latest(tx)
        if latest is not None:
            signer = checkpoints.signer(settings.data)
            sys.stdout.write(checkpoints.note(latest.checkpoint, latest.signature, signer.verifiers))
        return
    place = BEGINNING
    async for seal in audit_seals.every(tx):
        for entry in await audit.between(tx, place, seal.last):
            line = {"leaf": audit.leaf(entry).hex(), "entry": audit.opened(entry)}
            sys.stdout.write(msgspec.json.encode(line, order="deterministic").decode() + "\n")
        place = seal.last
