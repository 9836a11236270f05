"""Drafts, publication, differences, files and pictures of standards; and two people who write at once, staged."""

import io
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace
from PIL import Image

from assessments import (
    pictures,
    refusals,
    schemes,
    standard_checks,
    standard_edits,
    standard_files,
    standard_refusals,
    standards,
)
from assessments.grids import Picture
from assessments.standard_checks import Kinds
from assessments.standard_differences import differences
from assessments.standard_files import StandardFault
from tests.builders.assessments import GRID, LABEL, SCREENING, VALIDATION, a_content, a_sitting, a_unit
from tests.builders.refused import refused
from tests.builders.shelf_of_standards import an_image

Tx = asyncpg.Connection
KINDS = Kinds(frozenset({"workshop"}), frozenset())


async def test_a_draft_is_written_over_by_who_saw_it_last(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now)
    draft = await standards.draft(tx, unit.id, a_content(), now=now)
    longer = replace(a_content(), duration_minutes=300)
    assert await standards.amend(tx, draft, longer, revision=1, by=None, now=now) == 2
    with pytest.raises(standard_refusals.StandardChanged):
        await standards.amend(tx, draft, a_content(), revision=1, by=None, now=now)
    assert (await standards.get(tx, draft)).content == longer
    with pytest.raises(standard_refusals.StandardChanged):
        await standards.discard(tx, draft, revision=1)
    await standards.discard(tx, draft, revision=2)
    with pytest.raises(refusals.NotFound):
        await standards.get(tx, draft)


@pytest.mark.parametrize(
    "sql",
    [
        "update assessments.standards set grid = grid || '{\"version\": 2}' where id = $1",
        "update assessments.standards set duration_minutes = 15 where id = $1",
        "update assessments.standards set published_at = null where id = $1",
        "delete from assessments.standards where id = $1",
    ],
)
async def test_what_is_published_is_frozen_by_the_database(tx: Tx, now: datetime, sql: str) -> None:
    unit = await a_unit(tx, now=now)
    standard = await standards.in_force(tx, unit.id, now)
    async with refused(tx, refusals.StandardPublished):
        await tx.execute(sql, standard.id)


async def test_what_a_session_uses_is_frozen_even_if_it_were_a_draft(tx: Tx, now: datetime) -> None:
    """Only with the triggers away could a session have a draft; once they are back, the draft does not change."""
    sitting = await a_sitting(tx, now=now)
    draft = await standards.draft(tx, sitting.unit.id, a_content(), now=now)
    async with refused(tx, standard_refusals.StandardUnpublished):
        await tx.execute("update scheduling.sessions set standard_id = $2 where id = $1", sitting.session, draft)
    await tx.execute("set local session_replication_role = replica")
    await tx.execute("update scheduling.sessions set standard_id = $2 where id = $1", sitting.session, draft)
    await tx.execute("set local session_replication_role = origin")
    async with refused(tx, refusals.StandardPublished):
        await tx.execute("update assessments.standards set duration_minutes = 15 where id = $1", draft)


async def test_retired_once_and_for_good(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now)
    standard = await standards.in_force(tx, unit.id, now)
    await standards.retire(tx, standard.id, by=None, now=now + timedelta(hours=1))
    await standards.retire(tx, standard.id, by=None, now=now + timedelta(hours=2))
    assert (await standards.get(tx, standard.id)).retired_at == now + timedelta(hours=1)
    async with refused(tx, refusals.StandardPublished):
        await tx.execute("update assessments.standards set retired_at = null where id = $1", standard.id)
    with pytest.raises(refusals.NotFound):
        await standards.in_force(tx, unit.id, now + timedelta(hours=3))


async def test_a_grid_that_cannot_be_marked_is_not_published_whoever_asks(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now)
    draft = await standards.draft(tx, unit.id, a_content(replace(GRID, criteria=())), now=now)
    async with refused(tx, standard_refusals.StandardIncomplete):
        await standards.publish(tx, draft, now=now + timedelta(hours=1))
    assert (await standards.in_force(tx, unit.id, now + timedelta(hours=2))).version == 1
    async with refused(tx, standard_refusals.StandardIncomplete):  # nor written down as published at once
        await tx.execute(
            """insert into assessments.standards (unit_id, version, duration_minutes, setup_minutes, teardown_minutes,
                   candidates_per_evaluator, room_kind, languages, grid, published_at, retired_at)
               select unit_id, 99, duration_minutes, setup_minutes, teardown_minutes, candidates_per_evaluator,
                      room_kind, languages, grid, $2, $2 from assessments.standards where id = $1""",
            draft,
            now,
        )


async def test_a_draft_that_was_overtaken_is_published_once_its_editor_has_compared(tx: Tx, now: datetime) -> None:
    unit, later = await a_unit(tx, now=now), now + timedelta(hours=1)
    mine = await standards.draft(tx, unit.id, a_content(), now=now)
    theirs = await standards.draft(tx, unit.id, replace(a_content(), duration_minutes=300), now=now)
    await standards.publish(tx, theirs, now=later)
    with pytest.raises(standard_refusals.StandardOvertaken):
        await standards.publish(tx, mine, now=later)
    await standards.follow(tx, mine, revision=1, now=later)
    await standards.publish(tx, mine, revision=2, now=later + timedelta(hours=1))
    assert (await standards.in_force(tx, unit.id, later + timedelta(hours=1))).id == mine
    in_force = "select count(*) from assessments.standards where unit_id = $1 and published_at is not null and retired_at is null"
    assert await tx.fetchval(in_force, unit.id) == 1


def test_differences_name_every_thing_and_every_language() -> None:
    old = a_content()
    first, second = old.grid.criteria
    changed = replace(
        first,
        threshold=3,
        label={**LABEL, "nl": "Een muur"},
        indicators=(replace(first.indicators[0], eliminatory=False), *first.indicators[1:]),
    )
    new = replace(old, setup_minutes=45, grid=replace(old.grid, criteria=(replace(second, code="3"), changed)))
    found = {(one.kind, one.what, one.code, one.aspect, one.language) for one in differences(old, new)}
    assert found == {
        ("changed", "standard", "", "setup_minutes", ""),
        ("changed", "criterion", "1", "label", "nl"),
        ("changed", "criterion", "1", "threshold", ""),
        ("changed", "indicator", "1.1", "eliminatory", ""),
        ("removed", "criterion", "2", "", ""), ("removed", "indicator", "2.1", "", ""), ("removed", "indicator", "2.2", "", ""),
        ("added", "criterion", "3", "", ""), ("added", "indicator", "2.1", "", ""), ("added", "indicator", "2.2", "", ""),
    }  # fmt: skip
    assert differences(old, old) == ()
    upside_down = replace(old, grid=replace(old.grid, criteria=(second, first)))
    assert [(one.aspect, one.before, one.after) for one in differences(old, upside_down)] == [("order", "1, 2", "2, 1")]


@pytest.mark.parametrize(
    ("change", "rule", "scheme"),
    [
        (lambda c: replace(c, grid=replace(c.grid, criteria=())), "no_criterion", VALIDATION),
        (lambda c: _first(c, indicators=()), "no_indicator", VALIDATION),
        (lambda c: _first(c, threshold=0), "threshold_zero", VALIDATION),
        (lambda c: _first(c, threshold=4), "threshold_unreachable", VALIDATION),
        (lambda c: _first(c, code="2.1"), "code_twice", VALIDATION),
        (lambda c: _first(c, label={"fr": "Seul"}), "text_missing", VALIDATION),
        (lambda c: _first(c, guidance={"nl": "Alleen"}), "text_missing", VALIDATION),
        (lambda c: _first(c, picture=Picture("0" * 64)), "text_missing", VALIDATION),
        (lambda c: _first(c, weight=3), "weight_unwanted", VALIDATION),
        (lambda c: c, "weight_missing", replace(VALIDATION, weighted=True)),
        (lambda c: c, "scores_only", SCREENING),
        (lambda c: c, "language_not_in_scheme", replace(VALIDATION, languages=["fr"])),
        (lambda c: replace(c, room_kind="garage"), "room_unknown", VALIDATION),
        (lambda c: replace(c, equipment_kind="mule"), "equipment_unknown", VALIDATION),
        (lambda c: replace(c, task={}), "text_missing", VALIDATION),
    ],
)  # fmt: skip
def test_what_keeps_a_draft_from_being_published(change: Any, rule: str, scheme: schemes.Scheme) -> None:
    assert standard_checks.faults(a_content(), VALIDATION, KINDS) == ()
    assert rule in {fault.rule for fault in standard_checks.faults(change(a_content()), scheme, KINDS)}


def _first(content: standards.Content, **changes: Any) -> standards.Content:
    first, *rest = content.grid.criteria
    return replace(content, grid=replace(content.grid, criteria=(replace(first, **changes), *rest)))


def test_a_file_comes_back_as_it_went_to_the_byte() -> None:
    picture = pictures.read(an_image("JPEG"))
    content = standard_edits.with_picture(a_content(), "1.2", Picture(picture.sha256, LABEL))
    body = standard_files.write("MACO-1", content, {picture.sha256: picture.image})
    read, shown = standard_files.read(body, unit="MACO-1")
    assert read == content
    assert standard_files.write("MACO-1", read, {one.sha256: one.image for one in shown}) == body


@pytest.mark.parametrize(
    ("old", "new", "path", "remedy"),
    [
        ('"threshold": 2', '"threshold": "two"', "content.grid.criteria[0].threshold", "Expected `int`"),
        ('"duration_minutes": 240', '"duration_minutes": 1', "content.duration_minutes", ">= 15"),
        ('"unit": "MACO-1"', '"unit": "MACO-2"', "unit", "open the page of MACO-2"),
        ('"unit": "MACO-1"', '"colour": 1, "unit": "MACO-1"', "", "unknown field `colour`"),
        ('"pictures": {', '"pictures": {"0": "AAAA"', "pictures.0", "nothing in the grid shows it"),
        ("preuve-standard-1", "preuve-standard-9", "format", "preuve-standard-1"),
        ('"format":', '"format"', "", "malformed"),
    ],
)
def test_a_broken_file_says_where_and_what_to_do(old: str, new: str, path: str, remedy: str) -> None:
    text = standard_files.write("MACO-1", a_content(), {}).decode()
    assert old in text
    with pytest.raises(StandardFault) as caught:
        standard_files.read(text.replace(old, new, 1).encode(), unit="MACO-1")
    assert caught.value.faults[0].path == path
    assert remedy in caught.value.faults[0].remedy


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_keeps_nothing_of_its_file(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif[0x0112] = 6  # lies on its side
    kept = pictures.read(an_image(kind, size=(3000, 2000), exif=exif.tobytes() if kind != "PNG" else b""))
    assert b"home" not in kept.image
    with Image.open(io.BytesIO(kept.image)) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
        assert max(image.size) == 1600
        assert (image.width < image.height) == (kind != "PNG")
    assert pictures.exported(kept.image) == kept


@pytest.mark.parametrize(
    "file", [b"", b"<svg/>", an_image("GIF"), an_image("PNG")[:60], b"\xff\xd8\xff" + bytes(9_000_000)]
)
def test_what_is_no_picture_is_refused(file: bytes) -> None:
    with pytest.raises(standard_refusals.NotAPicture):
        pictures.read(file)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(standard_refusals.NotAPicture):
        pictures.read(an_image("PNG", size=(8000, 8000)))


async def test_a_picture_stays_as_long_as_a_version_shows_it(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now)
    shown, idle = pictures.read(an_image()), pictures.read(an_image(size=(50, 50)))
    for picture in (shown, idle, shown):
        await pictures.keep(tx, picture, by=None, now=now)
    content = standard_edits.with_picture(a_content(), "2.1", Picture(shown.sha256, LABEL))
    await standards.draft(tx, unit.id, content, now=now)
    assert await pictures.forget(tx, before=now + timedelta(days=1), most=10) == 1
    assert await pictures.known(tx, [shown.sha256, idle.sha256]) == {shown.sha256}


async def test_the_rules_of_a_scheme_are_changed_by_who_saw_them_last(tx: Tx, now: datetime) -> None:
    await schemes.put(tx, VALIDATION)
    seen = await schemes.get(tx, "validation")
    await schemes.amend(tx, replace(seen, appeal_days=30, release_together=True), by=None, now=now)
    with pytest.raises(standard_refusals.SchemeChanged):
        await schemes.amend(tx, replace(seen, appeal_days=10), by=None, now=now)
    changed = await schemes.get(tx, "validation")
    assert (changed.appeal_days, changed.release_together) == (30, True)
    assert msgspec.structs.replace(changed, appeal_days=15, release_together=False, revision=seen.revision) == seen
