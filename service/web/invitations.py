"""An assessor's invitations: yes or no, one tap each."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from scheduling import invitations
from service import agenda, auth, reach
from service.db import Database
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render


@get("/invitations", include_in_schema=False, guards=[auth.may("invitations", "list")])
async def mine(request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now) -> Response[str]:
    """What I have still to answer, most urgent first."""
    return await _page(request, db, auth.own(me.assessor_id), now)


@post(
    "/invitations/{invitation_id:uuid}/acceptance", include_in_schema=False, guards=[auth.may("invitations", "answer")]
)
async def accept(
    invitation_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """I come."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.answers_invitation(tx, me, invitation_id)
            await invitations.accept(tx, invitation_id, now=now)
    if no.refusal is None:
        return Redirect("/invitations", status_code=303)
    return await _page(request, db, auth.own(me.assessor_id), now, status=no.status, errors=no.errors(words))


@post("/invitations/{invitation_id:uuid}/refusal", include_in_schema=False, guards=[auth.may("invitations", "answer")])
async def decline(
    invitation_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """I do not come; no reason is asked."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.answers_invitation(tx, me, invitation_id)
            await invitations.decline(tx, invitation_id, by=me.id, now=now)
    if no.refusal is None:
        return Redirect("/invitations", status_code=303)
    return await _page(request, db, auth.own(me.assessor_id), now, status=no.status, errors=no.errors(words))


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    assessor_id: UUID,
    now: Now,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        found = [
            (one, await agenda.session(tx, one.session_id))
            for one in await invitations.open_for(tx, assessor_id, now=now)
        ]
    return render(request, "invitations/mine.html", status=status, found=found, errors=errors or {})


HANDLERS = [mine, accept, decline]
