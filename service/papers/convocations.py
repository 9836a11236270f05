"""The summons: when and where, what to bring, how long, in which language, and until when one can still cancel."""

from datetime import datetime, timedelta

import asyncpg

from service import booking_rules, check_in_codes
from service.i18n import BRUSSELS, Words, words
from service.papers import seats
from service.papers.seats import Seat
from service.papers.sheets import Code, Heading, Notice, Paragraph, Sheet
from service.refusals import NotFound
from service.settings import Settings


async def of(tx: asyncpg.Connection, seat: Seat, *, settings: Settings) -> Sheet:
    """The summons to a test. Refuses NotFound before the list is locked, and once the seat is given back."""
    if seat.convoked_at is None or seat.released_at is not None:
        raise NotFound
    w = words(seat.speaks)
    day = seat.convoked_at.astimezone(BRUSSELS).date()
    address = check_in_codes.address(settings, seat.id)
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
            Paragraph(_until_when(seat, seat.convoked_at, w, settings)),
            Notice(
                w.gettext("If you work"),
                w.gettext("The attestation of enrolment for your employer is on the same page as this summons."),
            ),
            Code(
                address,
                w.gettext("Show this code at the door. On your telephone it leads to your booking: see it, cancel it."),
                w.gettext("QR code for the door and to your booking: %(address)s", address=address),
            ),
        ),
        foot=seats.foot(seat, w, day),
        page=seats.page(w),
    )


def _until_when(seat: Seat, made_at: datetime, w: Words, settings: Settings) -> str:
    """By the rule of the scheme; who is summoned too late for that is not told of a moment that is over."""
    policy = booking_rules.rules(settings).cancellation(seat.scheme)
    until = seat.starts_at - timedelta(hours=policy.late_hours)
    if until <= made_at:
        return w.gettext("If you cannot come, tell us as soon as possible: %(email)s", email=seat.centre_email)
    return w.gettext(
        "You can cancel without any consequence until %(moment)s. Afterwards, tell us all the same: "
        "%(email)s. It will be noted as a late cancellation.",
        moment=w.moment(until),
        email=seat.centre_email,
    )
