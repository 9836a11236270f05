"""A candidate's own details: read and corrected by themselves; a date of birth by the centre that looks at a document, an
email address by the link that is sent to the new one."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from litestar import Response, delete, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from assessments import candidates
from assessments.refusals import NameUnreadable
from scheduling.refusals import CandidateTooYoung, NotInThatState
from service import auth, identities, reach, rectification_readings, rectifications, versions
from service.api.described import refusals
from service.api.fields import Language
from service.provide import Db, Now
from service.refusals import PersonNeeded, RectifiedTooOften, SecondPersonNeeded, StepUpNeeded
from service.settings import secret

TAGS = ["privacy"]
Line = Annotated[str, Meta(max_length=100)]
Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S")]
Email = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,189}$(?!\n)", max_length=254)
]


class Details(Struct, frozen=True, forbid_unknown_fields=True):
    """What candidates correct themselves."""

    given_name: Name
    family_name: Name
    language: Language
    phone: Line | None = None
    municipality: Line | None = None


class BirthDate(Struct, frozen=True, forbid_unknown_fields=True):
    """As the identity document has it."""

    birth_date: date


class Address(Struct, frozen=True, forbid_unknown_fields=True):
    """Where letters should go."""

    email: Email


class Asked(Struct, frozen=True):
    """What is waited for: for a date of birth a look at a document, for an address that its link is followed. `ripe_at`: of
    an address that staff asked for; until then, and until its link is followed, it can be taken back."""

    birth_date: date | None
    email: str | None
    asked_at: datetime
    expires_at: datetime | None
    ripe_at: datetime | None = None


class Readdressing(Struct, frozen=True):
    """An address that staff asked for. A link goes there once it is approved and ripe."""

    id: UUID
    email: str
    asked_at: datetime
    ripe_at: datetime
    approved_at: datetime | None


@get("/details", tags=TAGS, guards=[auth.may("privacy", "correct")], responses=refusals(codes=(401, 403)))
async def mine(me: auth.Me, db: Db) -> Response[candidates.Details]:
    """How we call me and reach me, with the ETag that correcting it asks for."""
    async with db.read() as tx:
        return versions.shown((await candidates.get(tx, auth.own(me.candidate_id))).details)


@put(
    "/details",
    tags=TAGS,
    guards=[auth.may("privacy", "correct"), versions.stated],
    responses=refusals(NameUnreadable, codes=(401, 403, 412, 422, 428)),
)
async def correct(
    data: JSONBody[Details], if_match: versions.IfMatch, me: auth.Me, db: Db, now: Now
) -> Response[candidates.Details]:
    """Correct it. Certificates that were issued keep the name they were issued to."""
    said = candidates.Details(data.given_name, data.family_name, data.phone, data.municipality, data.language)
    candidate_id = auth.own(me.candidate_id)
    async with db.transaction() as tx:
        versions.refuse_stale(if_match, (await candidates.hold(tx, candidate_id)).details)
        await candidates.correct(tx, candidate_id, said, by=me.id, now=now)
    return versions.shown(said)


@get("/details/corrections", tags=TAGS, guards=[auth.may("privacy", "correct")], responses=refusals(codes=(401, 403)))
async def waiting(me: auth.Me, db: Db, now: Now) -> list[Asked]:
    """Corrections that I asked for and that nobody has answered yet."""
    async with db.read() as tx:
        found = await rectification_readings.waiting(tx, auth.own(me.candidate_id), now=now)
    return [Asked(one.birth_date, one.email, one.asked_at, one.expires_at, one.ripe_at) for one in found]


@post(
    "/details/birth-date",
    tags=TAGS,
    guards=[auth.may("privacy", "correct")],
    status_code=202,
    responses=refusals(RectifiedTooOften, codes=(401, 403, 422)),
)
async def ask_birth_date(data: JSONBody[BirthDate], me: auth.Me, db: Db, now: Now) -> None:
    """Ask for another date of birth: a centre corrects it when it sees my identity document."""
    identities.refuse_unlikely(data.birth_date, now=now)
    async with db.transaction() as tx:
        await rectifications.ask_birth_date(tx, auth.own(me.candidate_id), data.birth_date, by=me.id, now=now)


@post(
    "/details/address",
    tags=TAGS,
    guards=[auth.may("privacy", "readdress")],
    status_code=202,
    responses=refusals(RectifiedTooOften, PersonNeeded, StepUpNeeded, codes=(401, 403, 422)),
)
async def ask_address(data: JSONBody[Address], me: auth.Me, db: Db, now: Now, state: State) -> None:
    """Ask for another email address; the link sent to it changes it. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        await rectifications.ask_address(
            tx,
            auth.own(me.candidate_id),
            data.email,
            rectification_id=uuid4(),
            key=secret(state.settings),
            by=me.id,
            now=now,
        )


@delete(
    "/details/address",
    tags=TAGS,
    guards=[auth.may("privacy", "correct")],
    responses=refusals(codes=(401, 403)),
)
async def keep_address(me: auth.Me, db: Db, now: Now) -> None:
    """Keep the address I have, whoever asked for another one. Twice is once."""
    async with db.transaction() as tx:
        await rectifications.take_back(tx, auth.own(me.candidate_id), now=now)


@post(
    "/bookings/{booking_id:uuid}/birth-date",
    tags=TAGS,
    guards=[auth.may("attendance", "rectify")],
    status_code=200,
    responses=refusals(NotInThatState, CandidateTooYoung, RectifiedTooOften),
)
async def correct_birth_date(
    booking_id: FromPath[UUID], data: JSONBody[BirthDate], me: auth.Me, db: Db, now: Now
) -> BirthDate:
    """What the identity document says, of a candidate of my centre whose identity was seen."""
    identities.refuse_unlikely(data.birth_date, now=now)
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        seen = await identities.seen(tx, booking_id)
        await rectifications.correct_birth_date(tx, seen.candidate_id, data.birth_date, by=me.id, now=now)
    return data


@post(
    "/bookings/{booking_id:uuid}/address",
    tags=TAGS,
    guards=[auth.may("attendance", "readdress")],
    status_code=202,
    responses=refusals(NotInThatState, RectifiedTooOften, PersonNeeded, StepUpNeeded),
)
async def ask_address_for(
    booking_id: FromPath[UUID], data: JSONBody[Address], me: auth.Me, db: Db, now: Now, state: State
) -> None:
    """Another email address for a candidate whose identity was seen. The old one is told and can stop it; once somebody
    else has approved it and that time is over, a link is sent to the new one, which changes it. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        seen = await identities.seen(tx, booking_id)
        await rectifications.ask_address_for(
            tx,
            seen.candidate_id,
            data.email,
            booking_id=booking_id,
            rectification_id=uuid4(),
            key=secret(state.settings),
            wait=timedelta(hours=state.settings.address_wait),
            by=me.id,
            now=now,
        )


@get(
    "/bookings/{booking_id:uuid}/address",
    tags=TAGS,
    guards=[auth.may("attendance", "rectify")],
    responses=refusals(NotInThatState, codes=(401, 403, 404)),
)
async def asked_address(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> list[Readdressing]:
    """The address that staff asked for and that is not in use yet: none, or one."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
        seen = await identities.seen(tx, booking_id)
        found = await rectification_readings.waiting(tx, seen.candidate_id, now=now)
    return [
        Readdressing(one.id, one.email, one.asked_at, one.ripe_at, one.approved_at)
        for one in found
        if one.email and one.ripe_at
    ]


@put(
    "/bookings/{booking_id:uuid}/address/{rectification_id:uuid}/approval",
    tags=TAGS,
    guards=[auth.may("attendance", "approve_address")],
    status_code=204,
    responses=refusals(NotInThatState, SecondPersonNeeded, PersonNeeded, StepUpNeeded),
)
async def approve_address(
    booking_id: FromPath[UUID], rectification_id: FromPath[UUID], me: auth.Me, db: Db, now: Now
) -> None:
    """Stand for the address that somebody else asked for. Asks for a fresh sign-in. Twice is once."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        seen = await identities.seen(tx, booking_id)
        await rectifications.approve(tx, seen.candidate_id, rectification_id, by=me.id, now=now)


HANDLERS = [
    mine,
    correct,
    waiting,
    ask_birth_date,
    ask_address,
    keep_address,
    correct_birth_date,
    ask_address_for,
    asked_address,
    approve_address,
]
