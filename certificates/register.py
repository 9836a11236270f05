"""The register: every certificate issued, in a gapless series, with its life: issued ⇄ suspended → withdrawn.

What is printed is copied here when it is issued, so that the certificate outlives names, catalogues and erasures.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from certificates import numbers
from certificates.refusals import NotFound, NotInThatState

Status = Literal["valid", "suspended", "withdrawn"]
Recognised = Literal["full-qualification", "part-qualification", "competences"]  # of an EVC


class Certificate(Struct, frozen=True):
    """All that the register knows; for the holder and the centre, never for the public."""

    id: UUID
    decision_id: UUID
    candidate_id: UUID
    centre_id: UUID
    year: int
    number: int
    public_code: str
    holder_name: str
    birth_date: date
    language: Literal["fr", "nl", "en", "de"]
    unit_code: str
    unit_label: dict[str, str]
    trade_label: dict[str, str]
    scheme_label: dict[str, str]
    centre_name: str
    municipality: str
    standard_version: int
    recognised: Recognised | None
    competences: list[dict[str, str]]
    jury_date: date
    issued_at: datetime
    valid_until: date | None
    suspended_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def serial(self) -> str:
        return numbers.serial(self.year, self.number)

    @property
    def is_whole(self) -> bool:
        """Not a part of a qualification, nor single competences."""
        return self.recognised in (None, "full-qualification")

    @property
    def status(self) -> Status:
        return "withdrawn" if self.withdrawn_at else "suspended" if self.suspended_at else "valid"


class Proof(Struct, frozen=True):
    """What anyone may know who has the public code (domain.md, invariant 15): no name, no birth date."""

    status: Status
    unit_code: str
    unit_label: dict[str, str]
    trade_label: dict[str, str]
    centre_name: str
    issued_on: date
    recognised: Recognised | None
    competences: list[dict[str, str]]


async def issue(tx: asyncpg.Connection, decision_id: UUID, *, public_code: str, now: datetime) -> UUID:
    """Issue the certificate of a released pass decision, or of what was recognised; a second call returns the first one's id.

    `public_code` comes from codes.public_code and fresh random bytes. Refuses NotFound; a decision that is not a
    released pass of an accredited session is a defect of the caller and stays an error (invariants 3 and 13).
    """
    locked = await tx.fetchval("select id from assessments.decisions where id = $1 for no key update", decision_id)
    if locked is None:
        raise NotFound
    issued: UUID | None = await tx.fetchval("select id from certificates.register where decision_id = $1", decision_id)
    if issued is not None:
        return issued
    year = await tx.fetchval("select extract(year from service.day($1))::int", now)
    number = await numbers.take(tx, year)
    return await _enter(tx, decision_id, year, number, public_code, now)


async def _enter(
    tx: asyncpg.Connection, decision_id: UUID, year: int, number: int, public_code: str, now: datetime
) -> UUID:
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with issued as (
               insert into certificates.register (
                   decision_id, candidate_id, unit_id, centre_id, year, number, public_code, holder_name, birth_date,
                   language, unit_code, unit_label, trade_label, scheme_label, centre_name, municipality,
                   standard_version, recognised, competences, jury_date, issued_at)
               select f.decision_id, f.candidate_id, f.unit_id, f.centre_id, $2, $3, $4, f.holder_name, f.birth_date,
                      f.language, f.unit_code, f.unit_label, f.trade_label, f.scheme_label, f.centre_name,
                      f.municipality, f.standard_version, f.recognised, f.competences, f.jury_date, $5
               from certificates.certifiable f where f.decision_id = $1
               returning id, candidate_id, centre_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'certificate.issued', id,
                      jsonb_build_object('candidate_id', candidate_id, 'centre_id', centre_id), $5
               from issued)
           select id from issued""",
        decision_id,
        year,
        number,
        public_code,
        now,
    )


async def get(tx: asyncpg.Connection, certificate_id: UUID) -> Certificate:
    """The whole entry, for its holder and its centre. Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, decision_id, candidate_id, centre_id, year, number, public_code, holder_name, birth_date,
                  language, unit_code, unit_label::jsonb, trade_label::jsonb, scheme_label::jsonb,
                  centre_name, municipality, standard_version, recognised, competences, jury_date, issued_at, valid_until,
                  suspended_at, withdrawn_at
           from certificates.register where id = $1""",
        certificate_id,
    )
    if row is None:
        raise NotFound
    return Certificate(**row)


async def of_candidate(tx: asyncpg.Connection, candidate_id: UUID) -> list[Certificate]:
    """A candidate's certificates, newest first, withdrawn ones included."""
    rows = await tx.fetch(
        """select id, decision_id, candidate_id, centre_id, year, number, public_code, holder_name, birth_date,
                  language, unit_code, unit_label::jsonb, trade_label::jsonb, scheme_label::jsonb,
                  centre_name, municipality, standard_version, recognised, competences, jury_date, issued_at, valid_until,
                  suspended_at, withdrawn_at
           from certificates.register where candidate_id = $1 order by issued_at desc""",
        candidate_id,
    )
    return [Certificate(**row) for row in rows]


async def of_centre(tx: asyncpg.Connection, centre_id: UUID, *, sought: str, most: int) -> list[Certificate]:
    """The newest `most` that a centre issued and whose holder, serial, code or unit contains `sought`."""
    rows = await tx.fetch(
        """select id, decision_id, candidate_id, centre_id, year, number, public_code, holder_name, birth_date,
                  language, unit_code, unit_label::jsonb, trade_label::jsonb, scheme_label::jsonb,
                  centre_name, municipality, standard_version, recognised, competences, jury_date, issued_at, valid_until,
                  suspended_at, withdrawn_at
           from certificates.register
           where centre_id = $1 and strpos(upper(concat_ws(' ', holder_name, unit_code, public_code,
                                                           format('BXL-%s-%s', year, lpad(number::text, 6, '0')))),
                                           upper($2)) > 0
           order by issued_at desc, number desc limit $3""",
        centre_id,
        sought,
        most,
    )
    return [Certificate(**row) for row in rows]


async def reason(tx: asyncpg.Connection, certificate_id: UUID) -> str | None:
    """Why it is suspended or withdrawn: for its holder and its centre."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select reason from certificates.register where id = $1", certificate_id
    )


async def proof(tx: asyncpg.Connection, public_code: str) -> Proof | None:
    """What a stranger learns from a public code as codes.normalise writes it; None when nobody ever issued it."""
    row = await tx.fetchrow(
        """select case when withdrawn_at is not null then 'withdrawn' when suspended_at is not null then 'suspended'
                       else 'valid' end as status,
                  unit_code, unit_label::jsonb, trade_label::jsonb, centre_name, service.day(issued_at) as issued_on,
                  recognised, competences
           from certificates.register where public_code = $1""",
        public_code,
    )
    return None if row is None else Proof(**row)


async def holder(tx: asyncpg.Connection, public_code: str, serial: str) -> str | None:
    """The holder's name, for someone who has the certificate before them: its public code and its serial number."""
    row = await tx.fetchrow(
        "select year, number, holder_name from certificates.register where public_code = $1", public_code
    )
    if row is None or numbers.serial(row["year"], row["number"]) != serial.strip().upper():
        return None
    return str(row["holder_name"])


async def suspend(tx: asyncpg.Connection, certificate_id: UUID, *, reason: str, by: UUID | None, now: datetime) -> None:
    """Suspend a valid certificate. Refuses ReasonUnstated, NotInThatState, CertificateWithdrawn."""
    status = await tx.execute(
        """with suspended as (
               update certificates.register set suspended_at = $2, suspended_by = $3, reason = $4
               where id = $1 and suspended_at is null returning id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'certificate.suspended', id, jsonb_build_object('candidate_id', candidate_id), $2 from suspended""",
        certificate_id,
        now,
        by,
        reason,
    )
    _refuse_unchanged(status)


async def reinstate(tx: asyncpg.Connection, certificate_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Lift a suspension: valid again. Refuses NotInThatState, CertificateWithdrawn."""
    status = await tx.execute(
        """with reinstated as (
               update certificates.register set suspended_at = null, suspended_by = null, reason = null
               where id = $1 and suspended_at is not null returning id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'certificate.reinstated', id, jsonb_build_object('candidate_id', candidate_id, 'by', $3::uuid), $2
           from reinstated""",
        certificate_id,
        now,
        by,
    )
    _refuse_unchanged(status)


async def withdraw(
    tx: asyncpg.Connection, certificate_id: UUID, *, reason: str, by: UUID | None, now: datetime
) -> None:
    """Withdraw for good. Refuses ReasonUnstated, CertificateWithdrawn, NotInThatState (unknown certificate)."""
    status = await tx.execute(
        """with withdrawn as (
               update certificates.register set withdrawn_at = $2, withdrawn_by = $3, reason = $4
               where id = $1 returning id, candidate_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'certificate.withdrawn', id, jsonb_build_object('candidate_id', candidate_id), $2 from withdrawn""",
        certificate_id,
        now,
        by,
        reason,
    )
    _refuse_unchanged(status)


def _refuse_unchanged(status: str) -> None:
    if status.endswith(" 0"):
        raise NotInThatState
