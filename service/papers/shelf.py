"""Which papers there are about a booking, and how each is made: the one list that pages, interface and letters share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from service.i18n import N_, words
from service.papers import attestations, contracts, convocations, result_letters, seats, sheets
from service.papers.seats import Seat
from service.papers.sheets import Sheet
from service.refusals import NotFound
from service.settings import Settings

Kind = Literal["convocation", "enrolment", "contract", "attendance", "result"]


class Paper(Struct, frozen=True):
    """`name`: what it is called where it is offered. `file`: what its file is called, without its ending."""

    name: str
    file: str
    compose: Callable[..., Awaitable[Sheet]]


PAPERS: dict[Kind, Paper] = {
    "convocation": Paper(N_("Summons to your test"), N_("summons"), convocations.of),
    "enrolment": Paper(N_("Attestation of enrolment"), N_("attestation-of-enrolment"), attestations.of_enrolment),
    "contract": Paper(N_("Test contract"), N_("test-contract"), contracts.of),
    "attendance": Paper(N_("Attestation of attendance"), N_("attestation-of-attendance"), attestations.of_attendance),
    "result": Paper(N_("Result of your test"), N_("result"), result_letters.of),
}


def handed_out(kind: str) -> Kind:
    """The word of an address as a paper that the centre may hand out too. Refuses NotFound, also for the result."""
    if kind not in PAPERS or kind == "result":
        raise NotFound
    return kind


async def offered(tx: asyncpg.Connection, booking_id: UUID) -> list[Kind]:
    """What can be had of a booking now, in the order in which it comes; the result is offered on its own page."""
    try:
        seat = await seats.of_booking(tx, booking_id)
    except NotFound:
        return []
    live = seat.released_at is None
    found: list[tuple[Kind, bool]] = [
        ("enrolment", live),
        ("convocation", live and seat.convoked_at is not None),
        ("contract", live and seat.convoked_at is not None),
        ("attendance", seat.attended_at is not None and seat.test_ended_at is not None),
    ]
    return [kind for kind, is_there in found if is_there]


async def compose(tx: asyncpg.Connection, kind: Kind, booking_id: UUID, *, settings: Settings) -> tuple[str, Sheet]:
    """The file's name and the paper, in the candidate's language. Refuses NotFound where it is not there (yet)."""
    seat = await seats.of_booking(tx, booking_id)
    sheet = await PAPERS[kind].compose(tx, seat, settings=settings)
    return file_name(seat, kind), sheet


async def summons_as_sent(tx: asyncpg.Connection, booking_id: UUID, *, settings: Settings) -> Sheet:
    """For a file about the session: also of who did not come, or gave the seat back afterwards. Refuses NotFound."""
    seat = await seats.of_booking(tx, booking_id)
    return await convocations.of(tx, structs.replace(seat, released_at=None), settings=settings)


def file_name(seat: Seat, kind: Kind) -> str:
    """« convocation-MACO-1-2026-09-15.pdf »; nobody's name: files end up in the downloads of a shared computer."""
    stem = words(seat.speaks).gettext(PAPERS[kind].file)
    return f"{stem}-{seat.unit_code}-{seat.starts_at:%Y-%m-%d}.pdf"


async def printed(sheet: Sheet) -> bytes:
    """The PDF, made in a thread."""
    return await asyncio.to_thread(sheets.render, sheet)
