"""Makes a bundle: session after session onto the disk, then what explains them, then the index and its signature."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import checkpoints
from service.bundling import contents, facts, packing, proof, readme
from service.bundling.contents import Frame
from service.bundling.packing import Packer
from service.checkpoints import Signer
from service.db import Database
from service.i18n import words
from service.pseudonyms import Pseudonyms
from service.refusals import NotFound
from service.settings import Settings, secret
from service.web.look import environment

Told = Callable[[float], Awaitable[None]]


class Subject(Struct, frozen=True, kw_only=True):
    """A session, or a year of one centre or of all; with names or under pseudonyms; explained in a language."""

    session_id: UUID | None = None
    year: int | None = None
    centre_id: UUID | None = None
    with_names: bool = False
    language: str = "fr"


async def make(db: Database, settings: Settings, subject: Subject, path: Path, *, told: Told) -> int:
    """Write the bundle to `path`; return how many sessions it holds.

    `told` is called with how far it is, from 0 to 1, and may raise to end it.
    Every session is one consistent picture; a year is as many of them. Refuses NotFound for a session that is not there.
    """
    signer = checkpoints.signer(settings.data)
    async with db.read() as tx:
        frame = Frame(
            pseudonyms=None if subject.with_names else Pseudonyms(secret(settings)),
            log=await proof.read(tx),
            signer=signer,
            settings=settings,
        )
        sessions = await _sessions(tx, subject)
    with Packer(path) as packer:
        about = []
        for number, session_id in enumerate(sessions):
            async with db.read() as tx:
                about.append(await _add(tx, packer, session_id, frame))
            await told((number + 1) / len(sessions))
        _close(packer, subject, about, signer)
    return len(sessions)


async def _sessions(tx: asyncpg.Connection, subject: Subject) -> list[UUID]:
    if subject.session_id is not None:
        return [subject.session_id]
    assert subject.year is not None
    return await facts.of_year(tx, subject.year, subject.centre_id)


async def _add(tx: asyncpg.Connection, packer: Packer, session_id: UUID, frame: Frame) -> dict[str, Any]:
    async for path, content in contents.of_session(tx, session_id, frame):
        packer.add(path, content)
    session = await facts.session(tx, session_id)
    if session is None:
        raise NotFound
    return session | {"folder": packer.files[-1].path.rpartition("/")[0]}


def _close(packer: Packer, subject: Subject, sessions: list[dict[str, Any]], signer: Signer) -> None:
    """What explains the rest comes last, because it lists it."""
    w, engine = words(subject.language), environment(subject.language)
    key = str(signer.verifiers[-1])
    said = {"sessions": sessions, "files": packer.files, "subject": subject, "key": key}
    page = engine.get_template("bundles/index.html").render(**said)
    packer.add(packing.KEY, packing.public_key(signer))
    packer.add("README.txt", readme.written(w, key=key, with_names=subject.with_names).encode())
    packer.add("index.html", page.encode())
    about = {"sessions": [one["id"] for one in sessions], "year": subject.year, "language": w.language}
    packer.seal(about, with_names=subject.with_names, signer=signer)
