"""What a bundle holds of one session, file by file."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from certificates import numbers
from service.bundling import facts, naming, packing, proof
from service.bundling.naming import Naming
from service.bundling.proof import Log
from service.checkpoints import Signer
from service.papers import minutes, shelf
from service.papers.sheets import Sheet
from service.pseudonyms import Pseudonyms
from service.refusals import NotFound
from service.settings import Settings

PEOPLE = ("person", "assessor", "decider", "reviewers")
# What a row of the audit trail is about, by the record that names it.
OURS = ("seat", "booking", "recording", "entry", "deliberation", "decision", "profile", "recognition", "certificate")


class Frame(Struct, frozen=True):
    """What all sessions of a bundle share. Without `pseudonyms` it is a bundle with names."""

    pseudonyms: Pseudonyms | None
    log: Log
    signer: Signer
    settings: Settings


async def of_session(tx: asyncpg.Connection, session_id: UUID, frame: Frame) -> AsyncIterator[tuple[str, bytes]]:
    """Each file with its path. Refuses NotFound for a session that is not there."""
    about = await facts.session(tx, session_id)
    if about is None:
        raise NotFound
    called = await naming.of_session(tx, session_id, frame.pseudonyms)
    folder = f"sessions/{about['day']}-{about['unit']}-{str(session_id)[:8]}"
    records = await _records(tx, session_id)
    yield f"{folder}/session.json", packing.written(called.everywhere(about))
    yield f"{folder}/standard.json", packing.written(await facts.standard(tx, session_id))
    for name, found in records.items():
        yield f"{folder}/{name}.json", packing.written([_named(record, called) for record in found])
    async for path, paper in _papers(tx, about, records, called, frame):
        yield f"{folder}/{path}", paper
    rows = _rows(session_id, records)
    yield f"{folder}/audit.json", packing.written(await proof.of(tx, frame.log, rows, frame.signer))


async def _records(tx: asyncpg.Connection, session_id: UUID) -> dict[str, facts.Records]:
    return {
        "jury": await facts.jury(tx, session_id),
        "candidates": await facts.candidates(tx, session_id),
        "grids": await facts.grids(tx, session_id),
        "day": await facts.day(tx, session_id),
        "deliberations": await facts.deliberations(tx, session_id),
        "decisions": await facts.decisions(tx, session_id),
        "profiles": await facts.profiles(tx, session_id),
        "recognitions": await facts.recognitions(tx, session_id),
        "certificates": await facts.certificates(tx, session_id),
    }


def _named(record: dict[str, Any], called: Naming) -> dict[str, Any]:
    """People by what they are called here, and texts without the names of anybody else."""
    people = {name: _name(record[name], called) for name in PEOPLE if name in record}
    rest = {name: called.everywhere(value) for name, value in record.items() if name not in people}
    return people | rest


def _name(who: UUID | list[UUID], called: Naming) -> str | list[str]:
    return [called.called[one] for one in who] if isinstance(who, list) else called.called[who]


async def _papers(
    tx: asyncpg.Connection, about: dict[str, Any], records: dict[str, facts.Records], called: Naming, frame: Frame
) -> AsyncIterator[tuple[str, bytes]]:
    """Summonses, signed contracts and minutes as they are handed out, certificates as printed; these only with names."""
    for record in records["candidates"]:
        try:
            sheet = await shelf.summons_as_sent(tx, record["booking"], settings=frame.settings)
        except NotFound:  # never summoned, or erased
            continue
        name = f"{called.called[record['person']]}.pdf"
        yield f"summonses/{name}", await _printed(sheet, called)
        if record["contract_signed_at"] is not None and record["ended_at"] is None:
            _, sheet = await shelf.compose(tx, "contract", record["booking"], settings=frame.settings)
            yield f"contracts/{name}", await _printed(sheet, called)
    try:
        sheet = await minutes.of_session(tx, about["id"], now=_last(about, records))
        yield "minutes.pdf", await _printed(sheet, called)
    except NotFound:  # not ended yet
        pass
    for record in records["certificates"] if frame.pseudonyms is None else ():
        pdf = await facts.document(tx, record["certificate"])
        if pdf is not None:
            yield f"certificates/{numbers.serial(record['year'], record['number'])}.pdf", pdf


def _last(about: dict[str, Any], records: dict[str, facts.Records]) -> datetime:
    """The day on the minutes is that of the last thing that happened, not that on which somebody asks for them."""
    moments: list[datetime] = [about["ended_at"] or about["planned_from"]]
    moments += [record["deliberated_at"] for record in records["deliberations"]]
    moments += [record["released_at"] for record in records["decisions"]]
    return max(moments)


async def _printed(sheet: Sheet, called: Naming) -> bytes:
    if called.pattern is not None:
        sheet = msgspec.convert(called.everywhere(msgspec.to_builtins(sheet)), Sheet)
    return await shelf.printed(sheet)


def _rows(session_id: UUID, records: dict[str, facts.Records]) -> dict[UUID, str]:
    """The rows that the trail may speak of, and what each is called in this bundle."""
    found = {session_id: "session"}
    for record in (record for each in records.values() for record in each):
        for kind in (kind for kind in OURS if isinstance(record.get(kind), UUID)):
            found.setdefault(record[kind], f"{kind} {record[kind]}")
        if appeal := record.get("appeal"):
            found[UUID(appeal["appeal"])] = f"appeal {appeal['appeal']}"
    return found
