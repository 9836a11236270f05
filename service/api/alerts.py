"""Alerts: a candidate's wishes that stay, and bring a letter when a place answers them."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.exceptions import ValidationException
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from scheduling import alert_notices, alerts
from scheduling.refusals import AlertTooWide, TooManyAlerts
from service import auth, reach, searches
from service.api.described import refusals
from service.api.fields import Language
from service.i18n import N_
from service.provide import Db, Now

TAGS = ["alerts"]
Typed = Annotated[str, Meta(min_length=1, max_length=100)]


class Order(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`what` is a trade's code or a unit's; it or `text` is needed. The others are those of GET /places; `since` and `until`
    are days in Brussels."""

    text: Typed | None = None
    what: Annotated[str, Meta(pattern=r"^[A-Z]{4}(-[A-Z0-9]{1,3})?$(?!\n)", max_length=8)] | None = None
    language: Language | None = None
    centre: Typed | None = None
    since: date | None = None
    until: date | None = None
    weekdays: Annotated[list[Annotated[int, Meta(ge=1, le=7)]], Meta(max_length=7)] = []
    half: Annotated[str, Meta(pattern=r"^(morning|afternoon)$(?!\n)", max_length=9)] | None = None
    near: Annotated[str, Meta(pattern=r"^[0-9]{4}$(?!\n)", max_length=4)] | None = None
    within: Literal[2, 5, 10, 20] | None = None
    accessible: bool = False


@post(
    "/alerts",
    tags=TAGS,
    guards=[auth.may("alerts", "create")],
    responses=refusals(AlertTooWide, TooManyAlerts, codes=(400, 401, 403, 404, 422)),
)
async def create(data: JSONBody[Order], me: auth.Me, db: Db, now: Now) -> Response[alerts.Alert]:
    """Tell me, for 90 days at most, when a place opens that answers this; asked again it is the same one, and lasts anew."""
    asked = searches.read_again(_query(data), now=now)
    if wrong := [*asked.errors, *(["near"] if data.near and not asked.near else [])]:
        raise ValidationException(
            extra=[{"key": name, "source": "body", "message": N_("This is nothing that we know.")} for name in wrong]
        )
    async with db.transaction() as tx:
        candidate_id = auth.own(me.candidate_id)
        alert_id = await alerts.create(tx, candidate_id, asked.wish(now), query=asked.query, now=now)
        await alert_notices.take_as_seen(tx, alert_id, now=now)
        alert = await alerts.get(tx, alert_id)
    return Response(alert, status_code=201)


@get("/alerts", tags=TAGS, guards=[auth.may("alerts", "list")], responses=refusals(codes=(401, 403)))
async def mine(me: auth.Me, db: Db, now: Now) -> list[alerts.Alert]:
    """My live alerts, newest first."""
    async with db.read() as tx:
        return await alerts.of_candidate(tx, auth.own(me.candidate_id), now=now)


@delete(
    "/alerts/{alert_id:uuid}", tags=TAGS, guards=[auth.may("alerts", "end")], responses=refusals(codes=(401, 403, 404))
)
async def end(alert_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> None:
    """End one of my alerts; twice is once."""
    async with db.transaction() as tx:
        await reach.holds_alert(tx, me, alert_id)
        await alerts.end(tx, alert_id, now=now)


def _query(order: Order) -> str:
    """As the search page would write it."""
    given = msgspec.to_builtins(order)
    given["days"], given["words"] = given.pop("weekdays", []), given.pop("text", "")
    if given.pop("accessible", False):
        given["accessible"] = "yes"
    return urlencode({name: value for name, value in given.items() if value}, doseq=True)


HANDLERS = [create, mine, end]
