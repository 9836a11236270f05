"""Brings the catalogue's files into the tables, as often as one likes: what is the same stays untouched."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import schemes, standards, trades, units
from assessments.catalogue_files import Catalogue, Scheme, Trade, Unit
from assessments.grids import Grid


class Import(Struct, frozen=True):
    """What an import changed, as codes. A standard is written `TPCR-3 v2`; `absent` units are in no file any more and
    stay as they are."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    published: tuple[str, ...]
    absent: tuple[str, ...]


async def import_catalogue(tx: asyncpg.Connection, catalogue: Catalogue, *, now: datetime) -> Import:
    """Record what is new, renew labels and rules, and publish a new version of each standard that differs.

    The version before is retired and kept: sessions that opened with it are assessed by it.
    """
    changes = [(scheme.code, await schemes.put(tx, _scheme(scheme))) for scheme in catalogue.schemes]
    for trade in catalogue.trades:
        changes.append((trade.code, await _put_trade(tx, trade)))
        changes += [(unit.code, await _put_unit(tx, trade, unit)) for unit in trade.units]
    known = {unit.code: unit.id for unit in await units.every(tx)}
    versions = [await _renew(tx, known[unit.code], unit, catalogue.grids[unit.code], now) for unit in catalogue.units]
    return Import(
        added=tuple(code for code, change in changes if change == "added"),
        changed=tuple(code for code, change in changes if change == "changed"),
        published=tuple(version for version in versions if version),
        absent=tuple(sorted(known.keys() - {unit.code for unit in catalogue.units})),
    )


def _scheme(scheme: Scheme) -> schemes.Scheme:
    return schemes.Scheme(
        code=scheme.code,
        label=scheme.label,
        evaluators_min=scheme.evaluators_min,
        observers_min=scheme.observers_min,
        manager_required=scheme.manager_required,
        needs_accreditation=scheme.needs_accreditation,
        issues_certificate=scheme.issues_certificate,
        result_types=list(scheme.result_types),
        minimum_age=scheme.minimum_age,
        failures_before_guidance=scheme.failures_before_guidance,
        appeal_days=scheme.appeal_days,
        appeal_answer_days=scheme.appeal_answer_working_days,
        decision_profile=scheme.decision_profile,
        fee_cents=scheme.fee_cents,
        fee_cents_jobseeker=scheme.fee_cents_jobseeker,
        release_together=scheme.release_together,
        languages=list(scheme.languages),
        retake_wait_days=scheme.retake_wait_days,
        weighted=scheme.weighted,
    )


async def _put_trade(tx: asyncpg.Connection, trade: Trade) -> trades.Change | None:
    return await trades.put(
        tx,
        trade.code,
        centre_code=trade.centre,
        scheme=trade.scheme,
        label=trade.label,
        rome=trade.rome,
        isco=trade.isco,
        esco=UUID(trade.esco),
        esco_label=trade.esco_label,
    )


async def _put_unit(tx: asyncpg.Connection, trade: Trade, unit: Unit) -> units.Change | None:
    return await units.put(tx, unit.code, trade_code=trade.code, label=unit.label, proposal=unit.proposal)


async def _renew(tx: asyncpg.Connection, unit_id: UUID, unit: Unit, grid: Grid, now: datetime) -> str | None:
    """What differs from the version in force becomes the next one; a draft that somebody left is overtaken by it."""
    written = standards.Content(
        duration_minutes=unit.duration_minutes,
        setup_minutes=unit.setup_minutes,
        teardown_minutes=unit.teardown_minutes,
        candidates_per_evaluator=unit.candidates_per_evaluator,
        room_kind=unit.room_kind,
        equipment_kind=unit.equipment_kind,
        languages=unit.languages,
        task=unit.task,
        conditions=unit.conditions,
        grid=grid,
    )
    latest = await standards.latest(tx, unit_id)
    if latest is not None and latest.retired_at is None and latest.content == written:
        return None
    standard_id = await standards.draft(tx, unit_id, written)
    await standards.publish(tx, standard_id, now=now)
    return f"{unit.code} v{(await standards.get(tx, standard_id)).version}"
