"""The summons: when and where, what to bring, how long, in which language, and until when one can still cancel."""

from datetime import timedelta

import asyncpg

from scheduling.bookings import CancellationPolicy
from service.i18n import BRUSSELS, words
from service.papers import seats
from service.papers.seats import Seat
from service.papers.sheets import Code, Heading, Notice, Paragraph, Sheet
from service.refusals import NotFound


async def of(tx: asyncpg.Connection, seat: Seat, *, base_url: str) -> Sheet:
    """The summons to a test. Refuses NotFound before the list is locked, and once the seat is given back."""
    if seat.convoked_at is None or seat.released_at is not None:
        raise NotFound
    w = words(seat.speaks)
    day = seat.convoked_at.astimezone(BRUSSELS).date()
    address = f"{base_url}/bookings/{seat.id}"
    until = seat.starts_at - timedelta(hours=CancellationPolicy().late_hours)
    return Sheet(
        language=w.language,
        title=w.gettext("Summons to your test"),
        centre=seat.centre_name,
        to=(seat.name,),
        day=day,
        blocks=(
            Paragraph(w.gettext("We expect you for this test."), strong=True),
            seats.when_and_where(seat, w),
            seats.how_long(seat, w),
            *seats.to_bring(seat, w),
            Heading(w.gettext("You cannot come?")),
            Paragraph(
                w.gettext(
                    "You can cancel without any consequence until %(moment)s. Afterwards, tell us all the same: "
                    "%(email)s. It will be noted as a late cancellation.",
                    moment=w.moment(until),
                    email=seat.centre_email,
                )
            ),
            Notice(
                w.gettext("If you work"),
                w.gettext("The attestation of enrolment for your employer is on the same page as this summons."),
            ),
            Code(
                address,
                w.gettext("Your booking: see it, cancel it, put it into your calendar"),
                w.gettext("QR code to the page of your booking: %(address)s", address=address),
            ),
        ),
        foot=seats.foot(seat, w, day),
        page=seats.page(w),
    )
