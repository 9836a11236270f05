"""Alerts: "tell me when a place opens", asked on the search, listed, and ended: by one tap from the letter too."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.exceptions import ValidationException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from scheduling import alert_notices, alerts
from service import alert_letters, alert_words, auth, reach, searches
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.settings import secret
from service.web.look import render


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """`query`: the search, as its address says it."""

    query: Annotated[str, Meta(max_length=2000)]


@get("/alerts", include_in_schema=False, guards=[auth.may("alerts", "list")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, words: Words) -> Response[str]:
    """My live alerts, each with its search."""
    async with db.read() as tx:
        found = await alerts.of_candidate(tx, auth.own(me.candidate_id), now=now)
        told = [await alert_words.describe(tx, searches.read_again(alert.query, now=now), words) for alert in found]
    return render(request, "alerts/mine.html", alerts=[*zip(found, told, strict=True)])


@post("/alerts", include_in_schema=False, guards=[auth.may("alerts", "create")])
async def create(data: URLEncodedBody[Order], me: auth.Me, db: Db, now: Now) -> Redirect:
    """Tell me."""
    asked = searches.read_again(data.query, now=now)
    if asked.errors:
        raise ValidationException
    async with db.transaction() as tx:
        candidate_id = auth.own(me.candidate_id)
        alert_id = await alerts.create(tx, candidate_id, asked.wish(now), query=asked.query, now=now)
        await alert_notices.take_as_seen(tx, alert_id, now=now)
    return Redirect("/alerts", status_code=303)


@post("/alerts/{alert_id:uuid}/end", include_in_schema=False, guards=[auth.may("alerts", "end")])
async def end(alert_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """No more letters about this."""
    async with db.transaction() as tx:
        await reach.holds_alert(tx, me, alert_id)
        await alerts.end(tx, alert_id, now=now)
    return Redirect("/alerts", status_code=303)


@get("/alerts/stop/{token:str}", include_in_schema=False, guards=[auth.may("alerts", "stop")])
async def stop_page(
    token: FromPath[str], request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[str]:
    """From the letter: what it was about, and one button. Reading it ends nothing, because programs read mail too."""
    async with db.as_house().read() as tx:  # a stranger: the secret address is the proof
        alert = await alerts.get(tx, _alert(token, request))
        told = await alert_words.describe(tx, searches.read_again(alert.query, now=now), words)
    is_over = alert.ended_at is not None or alert.expires_at <= now
    return render(request, "alerts/stop.html", told=told, is_over=is_over, token=token)


@post("/alerts/stop/{token:str}", include_in_schema=False, guards=[auth.may("alerts", "stop")])
async def stop(token: FromPath[str], request: Request[Any, Any, Any], db: Db, now: Now) -> Redirect:
    """The tap. The address is the proof; nothing else can be done with it."""
    async with db.as_house().transaction() as tx:  # as above
        await alerts.end(tx, _alert(token, request), now=now)
    return Redirect(f"/alerts/stop/{token}", status_code=303)


def _alert(token: str, request: Request[Any, Any, Any]) -> UUID:
    alert_id = alert_letters.alert_of(token, secret(request.app.state.settings))
    if alert_id is None:
        raise NotFound
    return alert_id


HANDLERS = [mine, create, end, stop_page, stop]
