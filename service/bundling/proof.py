"""What the audit trail says about a session, so that it can be held against the signed log without our database.

Of each entry the open part stands here, with its path to the root of a checkpoint (RFC 9162): the first one that covers
them all, so that a log that grows on elsewhere changes nothing. The log before the session's first entry is shown to be
a beginning of it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import audit, audit_seals, checkpoints, merkle
from service.audit import Entry
from service.audit_seals import Seal
from service.checkpoints import Signer


class Log(Struct, frozen=True):
    """The sealed log as it stands: its seals, its leaves, and where each entry is among them."""

    seals: tuple[Seal, ...]
    tree: merkle.Tree
    place: Mapping[int, int]


async def read(tx: asyncpg.Connection) -> Log:
    """Once for a bundle."""
    seals: list[Seal] = []
    leaves: list[bytes] = []
    place: dict[int, int] = {}
    async for seal in audit_seals.every(tx):
        for entry in seal.entries:
            place[entry] = len(place)
        leaves.extend(audit_seals.leaves_of(seal))
        seals.append(seal)
    return Log(tuple(seals), merkle.Tree(leaves), place)


async def of(tx: asyncpg.Connection, log: Log, about: Mapping[UUID, str], signer: Signer) -> dict[str, Any]:
    """The entries about these rows. `about`: what each row is, in the bundle's words; that is ours to say, not the log's.

    What was done a moment ago waits for its seal: those entries are counted, not proved.
    """
    entries = await audit.about_rows(tx, list(about))
    sealed = [entry for entry in entries if entry.id in log.place]
    found: dict[str, Any] = {"waiting": len(entries) - len(sealed), "entries": []}
    if not sealed:
        return found
    places = [log.place[entry.id] for entry in sealed]
    covering = next(seal for seal in log.seals if seal.size > max(places))
    before = max((seal for seal in log.seals if seal.size <= min(places)), key=lambda one: one.size, default=None)
    return found | {
        "checkpoint": _note(covering, signer),
        "entries": [_line(entry, log, covering.size, about) for entry in sealed],
        "before": before and {
            "checkpoint": _note(before, signer),
            "consistency": [one.hex() for one in log.tree.consistency(before.size, covering.size)],
        },
    }  # fmt: skip


def _line(entry: Entry, log: Log, size: int, about: Mapping[UUID, str]) -> dict[str, Any]:
    place = log.place[entry.id]
    return {
        "about": about[entry.subject_id] if entry.subject_id else None,
        "entry": audit.opened(entry),
        "index": place,
        "path": [one.hex() for one in log.tree.inclusion(place, size)],
    }


def _note(seal: Seal, signer: Signer) -> str:
    return checkpoints.note(seal.checkpoint, seal.signature, signer.verifiers)
