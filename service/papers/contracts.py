"""The test contract: what candidate and centre sign before a test, because it insures the candidate against accidents."""

import asyncpg

from service.i18n import BRUSSELS, words
from service.papers import seats
from service.papers.seats import Seat
from service.papers.sheets import Block, Bullets, Notice, Paragraph, Sheet, Signature
from service.refusals import NotFound
from service.settings import Settings


async def of(tx: asyncpg.Connection, seat: Seat, *, settings: Settings) -> Sheet:
    """To be signed by hand before the test; once it is noted as signed, it says when. From the summons on.

    Refuses NotFound before it, and once the seat is given back.
    """
    if seat.released_at is not None or seat.convoked_at is None:
        raise NotFound
    w = words(seat.speaks)
    if seat.contract_signed_at is None:
        signed: Block = Signature((w.gettext("Candidate: %(name)s", name=seat.name), seat.centre_name))
    else:
        moment = w.moment(seat.contract_signed_at)
        signed = Notice(
            w.gettext("Signed"),
            w.gettext("The centre saw the identity card and noted the signature on %(moment)s.", moment=moment),
        )
    clauses = (
        w.gettext("The centre holds this test by the published standard of the unit, before an independent jury."),
        w.gettext("The centre insures the candidate against accidents at the place and for the time of the test."),
        w.gettext("The candidate keeps to the safety rules of the place and to what the jury says about them."),
        w.gettext(
            "The jury says nothing about the result on the day. It belongs to the candidate alone, who is told by us."
        ),
        w.gettext("The candidate may complain about how the test was held, and appeal against a failure in time."),
    )
    day = seat.starts_at.astimezone(BRUSSELS).date()
    return Sheet(
        language=w.language,
        title=w.gettext("Test contract"),
        centre=seat.centre_name,
        day=day,
        blocks=(
            Paragraph(w.gettext("The candidate and the centre agree on this test:")),
            seats.who(seat, w),
            seats.when_and_where(seat, w),
            seats.how_long(seat, w),
            Bullets(clauses),
            signed,
        ),
        foot=seats.foot(seat, w, day),
        page=seats.page(w),
    )
