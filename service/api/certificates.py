"""Certificates: verified by anyone who has the code, listed for their holder."""

from datetime import date
from typing import Literal
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from msgspec import Struct

from certificates import codes, register
from service import auth
from service.api.described import refusals
from service.provide import Db

TAGS = ["certificates"]


class Verification(Struct, frozen=True):
    """What anyone may know: no name, no birth date. Unknown: nobody ever issued this code, or it is mistyped."""

    status: Literal["valid", "suspended", "withdrawn", "unknown"]
    unit_code: str | None = None
    unit_label: dict[str, str] | None = None
    trade_label: dict[str, str] | None = None
    centre_name: str | None = None
    issued_on: date | None = None


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


@get("/certificates/{code:str}", tags=TAGS, security=[{}], responses=refusals(codes=(404,)))
async def verify(code: FromPath[str], db: Db) -> Verification:
    """Verify a certificate by its public code; case, spaces and dashes do not matter. 404: no code at all."""
    known = codes.normalise(code)
    if known is None:
        return Verification("unknown")
    async with db.read() as tx:
        proof = await register.proof(tx, known)
    if proof is None:
        return Verification("unknown")
    return Verification(
        proof.status, proof.unit_code, proof.unit_label, proof.trade_label, proof.centre_name, proof.issued_on
    )


@get("/certificates", tags=TAGS, guards=[auth.candidate], responses=refusals(codes=(401, 403)))
async def mine(me: auth.Me, db: Db) -> list[Certificate]:
    """My certificates, newest first, withdrawn ones included."""
    async with db.read() as tx:
        return [_shown(one) for one in await register.of_candidate(tx, auth.own(me.candidate_id))]


def _shown(one: register.Certificate) -> Certificate:
    return Certificate(
        one.id, one.serial, one.public_code, one.status, one.unit_code, one.unit_label, one.centre_name, one.jury_date
    )


HANDLERS = [verify, mine]
