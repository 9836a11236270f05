"""Two attestations for whoever the candidate hands them to: enrolled for a test, and present at it. Never the result."""

from datetime import date

import asyncpg

from service.i18n import BRUSSELS, Words, words
from service.papers import seats
from service.papers.seats import Seat
from service.papers.sheets import Block, Notice, Paragraph, Sheet, Signature
from service.refusals import NotFound
from service.settings import Settings


async def of_enrolment(tx: asyncpg.Connection, seat: Seat, *, settings: Settings) -> Sheet:
    """That somebody is expected at a test; to a worker's employer it says the paid educational leave of that day.

    Refuses NotFound once the seat is given back.
    """
    if seat.released_at is not None:
        raise NotFound
    w = words(seat.speaks)
    said: list[Block] = [
        Paragraph(w.gettext("The centre attests that this person is enrolled for a skills validation test:")),
        seats.who(seat, w),
        seats.when_and_where(seat, w),
    ]
    if seat.status == "worker":
        said.append(
            Notice(
                w.gettext("For the employer"),
                w.gettext(
                    "On the day of the test a worker is entitled to 8 hours of paid educational leave. "
                    "After the test the centre attests the attendance."
                ),
            )
        )
    return _sheet(seat, w, w.gettext("Attestation of enrolment"), seat.booked_at.astimezone(BRUSSELS).date(), said)


async def of_attendance(tx: asyncpg.Connection, seat: Seat, *, settings: Settings) -> Sheet:
    """That somebody was at a test, from when to when. Refuses NotFound before the test has ended."""
    if seat.attended_at is None or seat.test_ended_at is None:
        raise NotFound
    w = words(seat.speaks)
    said: list[Block] = [
        Paragraph(w.gettext("The centre attests that this person was present at a skills validation test:")),
        seats.who(seat, w),
        seats.when_and_where(seat, w),
        Paragraph(w.gettext("This attestation says nothing about the result, which belongs to the candidate alone.")),
    ]
    return _sheet(seat, w, w.gettext("Attestation of attendance"), seat.test_ended_at.astimezone(BRUSSELS).date(), said)


def _sheet(seat: Seat, w: Words, title: str, day: date, said: list[Block]) -> Sheet:
    return Sheet(
        language=w.language,
        title=title,
        centre=seat.centre_name,
        day=day,
        blocks=(*said, Signature((w.gettext("For the centre: %(centre)s", centre=seat.centre_name),))),
        foot=seats.foot(seat, w, day),
        page=seats.page(w),
    )
