"""A seat as the papers about it need it: who, when, where, in which language, and how far it has come."""

from datetime import date, datetime
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from service.i18n import LANGUAGES, N_, Words
from service.papers.sheets import Bullets, Facts, Heading
from service.refusals import NotFound


class Seat(Struct, frozen=True):
    """One booking. `speaks`: the candidate's language, `language`: the jury's; `ends_at`: extra time included."""

    id: UUID
    session_id: UUID
    candidate_id: UUID
    given_name: str
    family_name: str
    birth_date: date
    status: str
    speaks: str
    booked_at: datetime
    convoked_at: datetime | None
    contract_signed_at: datetime | None
    attended_at: datetime | None
    released_at: datetime | None
    test_ended_at: datetime | None
    starts_at: datetime
    ends_at: datetime
    extra_minutes: int
    language: str
    unit_code: str
    unit_label: dict[str, str]
    trade_label: dict[str, str]
    scheme: str
    conditions: dict[str, str]
    centre_name: str
    centre_email: str
    room_name: str
    site_name: str
    street: str
    postcode: str
    municipality: str

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def address(self) -> str:
        return f"{self.room_name} ({self.site_name})\n{self.street}\n{self.postcode} {self.municipality}"


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Seat:
    """Refuses NotFound, also once the candidate is erased: there is nobody left to hand a paper to."""
    row = await tx.fetchrow(
        """select b.id, b.session_id, b.candidate_id, p.given_name, p.family_name, p.birth_date, p.status,
                  p.language::text as speaks, b.booked_at, b.convoked_at, b.contract_signed_at, b.attended_at, b.released_at,
                  s.ended_at as test_ended_at, lower(b.during) as starts_at, upper(b.during) as ends_at,
                  b.extra_minutes, s.language::text as language, u.code as unit_code, u.label::jsonb as unit_label,
                  t.label::jsonb as trade_label, t.scheme, st.conditions, c.name as centre_name, c.email as centre_email,
                  r.name as room_name, i.name as site_name, i.street, i.postcode, i.municipality
           from scheduling.bookings b
           join assessments.candidates p on p.id = b.candidate_id and p.erased_at is null
           join scheduling.sessions s on s.id = b.session_id
           join assessments.standards st on st.id = s.standard_id
           join assessments.units u on u.id = s.unit_id
           join assessments.trades t on t.id = u.trade_id
           join scheduling.rooms r on r.id = s.room_id
           join scheduling.sites i on i.id = r.site_id
           join scheduling.centres c on c.id = s.centre_id
           where b.id = $1""",
        booking_id,
    )
    if row is None:
        raise NotFound
    return msgspec.convert(dict(row), Seat)


def who(seat: Seat, w: Words) -> Facts:
    return Facts(((w.gettext("Name"), seat.name), (w.gettext("Born on"), w.birth_date(seat.birth_date))))


def when_and_where(seat: Seat, w: Words) -> Facts:
    """The test itself, as every paper says it."""
    return Facts(
        (
            (w.gettext("Test"), f"{w.label(seat.unit_label)} ({seat.unit_code})"),
            (w.gettext("Trade"), w.label(seat.trade_label)),
            (w.gettext("When"), w.span(seat.starts_at, seat.ends_at)),
            (w.gettext("Where"), f"{seat.centre_name}, {seat.address}"),
        )
    )


def how_long(seat: Seat, w: Words) -> Facts:
    """What more the candidate has to know about the test before it."""
    minutes = int((seat.ends_at - seat.starts_at).total_seconds()) // 60
    said = w.duration(minutes)
    if seat.extra_minutes:
        said = w.gettext("%(all)s, %(extra)s of it extra time", all=said, extra=w.duration(seat.extra_minutes))
    return Facts(((w.gettext("How long"), said), (w.gettext("Language of the test"), LANGUAGES[seat.language])))


def to_bring(seat: Seat, w: Words) -> tuple[Heading, Bullets]:
    items = [
        w.gettext("Please come 15 minutes early and bring your identity card."),
        w.gettext(
            "Before the test you sign the test contract. It insures you against accidents: "
            "without it you cannot take the test."
        ),
    ]
    if seat.conditions:
        items.append(w.label(seat.conditions))
    return Heading(w.gettext("On the day")), Bullets(tuple(items))


MADE = N_("Made on %(day)s by %(centre)s · %(email)s")
PAGE = N_("page %(number)s of %(all)s")


def foot(seat: Seat, w: Words, day: date) -> str:
    return w.gettext(MADE, day=w.day(day), centre=seat.centre_name, email=seat.centre_email)


def page(w: Words) -> str:
    return w.gettext(PAGE, number="{n}", all="{of}")
