"""Consents and the addresses under them: given, taken back, made and ended by the candidate, and by nobody else."""

import secrets
from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from litestar import post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments import consents
from assessments.consents import Recipient, RecipientKind, Scope
from service import auth, share_links, shared_addresses
from service.i18n import BRUSSELS
from service.provide import Db, Now
from service.refusals import NotFound


class Consent(Struct, frozen=True, forbid_unknown_fields=True):
    """What the form says. `until`: the last day, Brussels time; `unit_id`: empty for every test."""

    scope: Scope
    recipient_kind: RecipientKind
    recipient_name: Annotated[str, Meta(max_length=200)]
    purpose: Annotated[str, Meta(max_length=500)]
    until: date
    unit_id: Annotated[str, Meta(max_length=36)] = ""


@post("/privacy/consents", include_in_schema=False, guards=[auth.may("privacy", "consent")])
async def give(data: URLEncodedBody[Consent], me: auth.Me, db: Db, now: Now) -> Redirect:
    """I agree."""
    over = datetime.combine(data.until + timedelta(days=1), time(), BRUSSELS)
    async with db.transaction() as tx:
        await consents.give(
            tx,
            auth.own(me.candidate_id),
            Recipient(data.recipient_kind, data.recipient_name),
            data.scope,
            purpose=data.purpose,
            unit_id=_unit(data.unit_id),
            expires_at=over,
            now=now,
        )
    return Redirect("/privacy#consents", status_code=303)


@post(
    "/privacy/consents/{consent_id:uuid}/withdrawal", include_in_schema=False, guards=[auth.may("privacy", "consent")]
)
async def withdraw(consent_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """I take it back; every address under it shows nothing any more."""
    async with db.transaction() as tx:
        await consents.withdraw(tx, consent_id, candidate_id=auth.own(me.candidate_id), now=now)
    return Redirect("/privacy#consents", status_code=303)


@post("/privacy/consents/{consent_id:uuid}/links", include_in_schema=False, guards=[auth.may("privacy", "share")])
async def share(consent_id: FromPath[UUID], me: auth.Me, db: Db, now: Now, state: State) -> Redirect:
    """An address to hand to whom I agreed to tell."""
    token = secrets.token_urlsafe(share_links.TOKEN_BYTES)
    async with db.transaction() as tx:
        await share_links.create(tx, consent_id, candidate_id=auth.own(me.candidate_id), token=token, now=now)
    return Redirect("/privacy", status_code=303, cookies=[shared_addresses.waiting(state.settings, token, seconds=120)])


@post("/privacy/links/{link_id:uuid}/revocation", include_in_schema=False, guards=[auth.may("privacy", "share")])
async def revoke(link_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Redirect:
    """End one address; what I agreed to stays."""
    async with db.transaction() as tx:
        await share_links.revoke(tx, link_id, candidate_id=auth.own(me.candidate_id), now=now)
    return Redirect("/privacy#consents", status_code=303)


def _unit(given: str) -> UUID | None:
    try:
        return UUID(given) if given else None
    except ValueError:
        raise NotFound from None


HANDLERS = [give, withdraw, share, revoke]
