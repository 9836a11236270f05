"""Certificates: verified by anyone who has the code, listed for their holder, suspended and withdrawn by their centre."""

from datetime import date
from typing import Literal
from uuid import UUID

from litestar import delete, get, put
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from certificates import codes, register
from certificates.refusals import CertificateWithdrawn, NotInThatState, ReasonUnstated
from service import auth, outcome_reach
from service.api.described import refusals
from service.api.fields import Remarks
from service.provide import Db, Now
from service.refusals import PersonNeeded, StepUpNeeded

TAGS = ["certificates"]


class Verification(Struct, frozen=True):
    """What anyone may know: no name, no birth date. Unknown: nobody ever issued this code, or it is mistyped.

    `recognised`: of an EVC, whether it is the whole qualification, a part of it or the `competences` named.
    """

    status: Literal["valid", "suspended", "withdrawn", "unknown"]
    unit_code: str | None = None
    unit_label: dict[str, str] | None = None
    trade_label: dict[str, str] | None = None
    centre_name: str | None = None
    issued_on: date | None = None
    recognised: register.Recognised | None = None
    competences: list[dict[str, str]] = []


class Certificate(Struct, frozen=True):
    """One of mine; `public_code` is what I give to whoever is to verify it."""

    id: UUID
    serial: str
    public_code: str
    status: register.Status
    unit_code: str
    unit_label: dict[str, str]
    centre_name: str
    jury_date: date


class Grounds(Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for the register and for the holder."""

    reason: Remarks


class Standing(Struct, frozen=True):
    """How the certificate stands from now on."""

    id: UUID
    status: register.Status


@get(
    "/certificates/{code:str}",
    guards=[auth.may("results", "verify")],
    tags=TAGS,
    security=[{}],
    responses=refusals(codes=(404,)),
)
async def verify(code: FromPath[str], db: Db) -> Verification:
    """Verify a certificate by its public code; case, spaces and dashes do not matter. 404: no code at all."""
    known = codes.normalise(code)
    if known is None:
        return Verification("unknown")
    async with db.as_house().read() as tx:
        proof = await register.proof(tx, known)
    if proof is None:
        return Verification("unknown")
    return Verification(
        proof.status,
        proof.unit_code,
        proof.unit_label,
        proof.trade_label,
        proof.centre_name,
        proof.issued_on,
        proof.recognised,
        proof.competences,
    )


@get("/certificates", tags=TAGS, guards=[auth.may("results", "certificates")], responses=refusals(codes=(401, 403)))
async def mine(me: auth.Me, db: Db) -> list[Certificate]:
    """My certificates, newest first, withdrawn ones included."""
    async with db.read() as tx:
        return [_shown(one) for one in await register.of_candidate(tx, auth.own(me.candidate_id))]


@put(
    "/certificates/{certificate_id:uuid}/suspension",
    tags=TAGS,
    guards=[auth.may("results", "standing")],
    responses=refusals(NotInThatState, CertificateWithdrawn, ReasonUnstated, PersonNeeded, StepUpNeeded),
)
async def suspend(certificate_id: FromPath[UUID], data: JSONBody[Grounds], me: auth.Me, db: Db, now: Now) -> Standing:
    """Suspend a certificate of my centre, for the time being. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        await outcome_reach.runs_certificate(tx, me, certificate_id)
        await register.suspend(tx, certificate_id, reason=data.reason, by=me.id, now=now)
        return Standing(certificate_id, (await register.get(tx, certificate_id)).status)


@delete(
    "/certificates/{certificate_id:uuid}/suspension",
    tags=TAGS,
    guards=[auth.may("results", "standing")],
    status_code=200,
    responses=refusals(NotInThatState, CertificateWithdrawn, PersonNeeded, StepUpNeeded, codes=(401, 403, 404)),
)
async def reinstate(certificate_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Standing:
    """Lift the suspension: valid again. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        await outcome_reach.runs_certificate(tx, me, certificate_id)
        await register.reinstate(tx, certificate_id, by=me.id, now=now)
        return Standing(certificate_id, (await register.get(tx, certificate_id)).status)


@put(
    "/certificates/{certificate_id:uuid}/withdrawal",
    tags=TAGS,
    guards=[auth.may("results", "standing")],
    responses=refusals(CertificateWithdrawn, ReasonUnstated, PersonNeeded, StepUpNeeded),
)
async def withdraw(certificate_id: FromPath[UUID], data: JSONBody[Grounds], me: auth.Me, db: Db, now: Now) -> Standing:
    """Withdraw a certificate of my centre for good. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        await outcome_reach.runs_certificate(tx, me, certificate_id)
        await register.withdraw(tx, certificate_id, reason=data.reason, by=me.id, now=now)
        return Standing(certificate_id, (await register.get(tx, certificate_id)).status)


def _shown(one: register.Certificate) -> Certificate:
    return Certificate(
        one.id, one.serial, one.public_code, one.status, one.unit_code, one.unit_label, one.centre_name, one.jury_date
    )


HANDLERS = [verify, mine, suspend, reinstate, withdraw]
