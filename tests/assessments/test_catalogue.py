"""Standards are frozen once published; the catalogue's files are brought in as often as one likes."""

from datetime import datetime, timedelta

import asyncpg
import msgspec
import pytest

from assessments import catalogue, catalogue_files, refusals, standards, trades, units
from assessments.catalogue_files import Catalogue
from tests.builders.assessments import GRID, LABEL, VALIDATION, a_content, a_sitting, a_unit
from tests.builders.refused import refused

Tx = asyncpg.Connection


def files(duration: int = 240, label: dict[str, str] = LABEL) -> Catalogue:
    known = set(catalogue_files.Scheme.__struct_fields__) & set(VALIDATION.__struct_fields__) - {"languages"}
    rules = {name: getattr(VALIDATION, name) for name in known}
    scheme = catalogue_files.Scheme(**rules, appeal_answer_working_days=20, languages=("fr", "nl"))
    unit = catalogue_files.Unit(
        code="MACO-1", label=label, duration_minutes=duration, candidates_per_evaluator=3, room_kind="workshop",
        setup_minutes=60, teardown_minutes=60, languages=("fr", "nl"), task=LABEL, conditions=LABEL, proposal=True,
    )  # fmt: skip
    trade = catalogue_files.Trade(
        code="MACO", centre="construcity", scheme="validation", label=LABEL, rome="F1703", isco="7112",
        esco="05f321f8-055b-407d-bf19-e0ddabda56b7", esco_label="maçon", units=(unit,),
    )  # fmt: skip
    return Catalogue((scheme,), (), (), (trade,), {"MACO-1": GRID})


async def test_the_same_files_change_nothing(tx: Tx, now: datetime) -> None:
    first = await catalogue.import_catalogue(tx, files(), now=now)
    assert (first.added, first.published) == (("validation", "MACO", "MACO-1"), ("MACO-1 v1",))
    again = await catalogue.import_catalogue(tx, files(), now=now)
    assert (again.added, again.changed, again.published, again.absent) == ((), (), (), ())
    assert (await units.get(tx, "MACO-1")).proposal
    assert str((await trades.get(tx, "MACO")).esco) == "05f321f8-055b-407d-bf19-e0ddabda56b7"


async def test_a_label_is_renewed_in_place(tx: Tx, now: datetime) -> None:
    await catalogue.import_catalogue(tx, files(), now=now)
    done = await catalogue.import_catalogue(tx, files(label=LABEL | {"fr": "Maçonner"}), now=now)
    assert (done.changed, done.published) == (("MACO-1",), ())
    assert (await units.get(tx, "MACO-1")).label["fr"] == "Maçonner"


async def test_a_changed_standard_becomes_a_new_version_and_the_old_one_stays(tx: Tx, now: datetime) -> None:
    await catalogue.import_catalogue(tx, files(), now=now)
    later = now + timedelta(days=30)
    done = await catalogue.import_catalogue(tx, files(duration=300), now=later)
    assert (done.changed, done.published) == ((), ("MACO-1 v2",))
    unit = (await units.get(tx, "MACO-1")).id
    assert (await standards.in_force(tx, unit, now)).content.duration_minutes == 240
    assert (await standards.in_force(tx, unit, later)).content.duration_minutes == 300


async def test_a_changed_grid_becomes_a_new_version_too(tx: Tx, now: datetime) -> None:
    await catalogue.import_catalogue(tx, files(), now=now)
    other = msgspec.structs.replace(files(), grids={"MACO-1": msgspec.structs.replace(GRID, version=2)})
    assert (await catalogue.import_catalogue(tx, other, now=now)).published == ("MACO-1 v2",)


async def test_what_no_file_names_any_more_stays_and_is_said(tx: Tx, now: datetime) -> None:
    forgotten = await a_unit(tx, now=now)
    assert (await catalogue.import_catalogue(tx, files(), now=now)).absent == (forgotten.code,)


async def test_the_catalogue_that_we_ship_comes_in_whole(tx: Tx, now: datetime) -> None:
    shipped = catalogue_files.load()
    done = await catalogue.import_catalogue(tx, shipped, now=now)
    assert len(done.published) == len(shipped.units)
    assert (await catalogue.import_catalogue(tx, shipped, now=now)).published == ()
    for unit in await units.every(tx):
        assert (await standards.in_force(tx, unit.id, now)).content.grid == shipped.grids[unit.code]


async def test_a_published_standard_never_changes(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now)
    standard = await standards.in_force(tx, unit.id, now)
    async with refused(tx, refusals.StandardPublished):
        await tx.execute("update assessments.standards set duration_minutes = 15 where id = $1", standard.id)
    await standards.publish(tx, standard.id, now=now + timedelta(days=1))
    assert await standards.get(tx, standard.id) == standard


async def test_a_draft_is_not_in_force(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now)
    await standards.draft(tx, unit.id, a_content())
    assert (await standards.in_force(tx, unit.id, now)).version == 1
    with pytest.raises(refusals.NotFound):
        await standards.in_force(tx, unit.id, now - timedelta(seconds=1))


async def test_a_candidate_is_assessed_by_the_version_their_session_opened_with(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    await standards.publish(tx, await standards.draft(tx, sitting.unit.id, a_content()), now=sitting.test_day)
    assert (await standards.of_booking(tx, sitting.booking)).version == 1
