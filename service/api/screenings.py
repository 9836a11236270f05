"""Screenings: the scores by domain, what is recommended, and the release of both to the candidate."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from assessments import profiles, recommendations
from assessments.recommendations import MOST, Recommendations
from assessments.refusals import NotAScreening, ProfileAlreadyReleased, ProfileTooEarly
from service import auth, reach, versions
from service.api.described import refusals
from service.api.fields import UnitCode
from service.provide import Db, Now
from service.refusals import PersonNeeded, StepUpNeeded

TAGS = ["screenings"]


class Recommending(Struct, frozen=True, forbid_unknown_fields=True):
    """`units`: codes of units to be tested in, one that is not known is left out; `trainings`: in words."""

    units: Annotated[list[UnitCode], Meta(max_length=MOST)] = []
    trainings: Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=MOST)] = []


@get(
    "/bookings/{booking_id:uuid}/recommendations",
    tags=TAGS,
    guards=[auth.may("recordings", "recommend")],
    responses=refusals(codes=(401, 403, 404)),
)
async def recommended(booking_id: FromPath[UUID], me: auth.Me, db: Db) -> Response[Recommendations]:
    """What is recommended to a candidate so far, perhaps nothing; with the ETag that changing it asks for."""
    async with db.read() as tx:
        await reach.sees_booking(tx, me, booking_id)
        return versions.shown(await recommendations.of_booking(tx, booking_id))


@put(
    "/bookings/{booking_id:uuid}/recommendations",
    tags=TAGS,
    guards=[auth.may("recordings", "recommend"), versions.stated],
    responses=refusals(NotAScreening, ProfileAlreadyReleased, codes=(401, 403, 404, 412, 422, 428)),
)
async def recommend(
    booking_id: FromPath[UUID],
    data: JSONBody[Recommending],
    if_match: versions.IfMatch,
    me: auth.Me,
    db: Db,
    now: Now,
) -> Response[Recommendations]:
    """Recommend this instead of what was, until the profile is released. If-Match is the ETag of what was read."""
    async with db.transaction() as tx:
        await reach.sees_booking(tx, me, booking_id)
        await recommendations.hold(tx, booking_id)
        versions.refuse_stale(if_match, await recommendations.of_booking(tx, booking_id))
        await recommendations.put(tx, booking_id, units=data.units, trainings=data.trainings, by=me.id, now=now)
        return versions.shown(await recommendations.of_booking(tx, booking_id))


@put(
    "/bookings/{booking_id:uuid}/profile",
    tags=TAGS,
    guards=[auth.may("decisions", "release")],
    responses=refusals(NotAScreening, ProfileTooEarly, PersonNeeded, StepUpNeeded, codes=(401, 403, 404)),
)
async def release(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> profiles.Profile:
    """Give the candidate the scores and what is recommended. Twice is once. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        return await profiles.release(tx, booking_id, now=now)


HANDLERS = [recommended, recommend, release]
