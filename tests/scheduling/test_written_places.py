"""A text of a place is kept under all that is written in it: whatever changes the text has another key or version."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from scheduling import places, sites, written_places
from tests.builders.stage import a_stage

Tx = asyncpg.Connection
# Of these each column is changed; what of it everybody reads is named.
WRITTEN = {
    "scheduling.sessions": {"id", "unit_id", "room_id", "language", "test_time", "seats"},
    "scheduling.rooms": {"site_id", "name", "accessible"},
    "scheduling.sites": {"street", "postcode", "municipality"},
    "scheduling.centres": {"code", "name"},
    "assessments.units": {"code", "label", "trade_id"},
    "assessments.trades": {"label", "scheme"},
}


async def test_whatever_changes_a_text_changes_its_name(tx: Tx, now: datetime) -> None:
    here, there = await a_stage(tx, now), await a_stage(tx, now)
    await here.open(tx)
    elsewhere = await sites.add(
        tx, centre_id=here.centre, name="B", street="Rue Neuve 1", postcode="1000", municipality="Bruxelles"
    )
    await tx.execute(
        """insert into assessments.schemes select (jsonb_populate_record(s, '{"code": "another"}')).*
           from assessments.schemes s limit 1"""
    )
    await tx.execute('update assessments.trades set label = label || \'{"en": "Beside"}\' where id = $1', there.trade)
    others = {"unit_id": there.unit, "room_id": there.room, "site_id": elsewhere, "centre_id": there.centre,
              "trade_id": there.trade, "scheme": "another", "language": "nl", "postcode": "1000",
              "assessments.units.code": "ZZZZ-1", "assessments.trades.code": "ZZZZ"}  # fmt: skip
    ids = {"rooms": here.room, "sites": here.site, "centres": here.centre, "units": here.unit, "trades": here.trade}
    for table, written in WRITTEN.items():
        changing = set()
        for column, kind in await _columns(tx, table):
            before = await _named(tx, now)
            undone = tx.transaction()
            await undone.start()
            row_id = ids.get(table.partition(".")[2]) or (await tx.fetchval("select id from scheduling.sessions"))
            if await _changed(tx, table, column, kind, row_id, others.get(f"{table}.{column}", others.get(column))):
                after = await _named(tx, now)
                if before[1] != after[1]:
                    changing.add(column)
                    assert before[0] != after[0], f"{table}.{column} is written, and the text keeps its name"
            await undone.rollback()
        assert changing == written, table


async def _named(tx: Tx, now: datetime) -> tuple[object, object]:
    """The key and version, and the text, of the only place there is."""
    asked = [now], [None], [None], [None], [9], [0]
    [row] = await tx.fetch("select * from scheduling.next_places_known($1, $2, $3, $4, $5, $6, true)", *asked)
    return (row["keys"], row["version"]), row["texts"]


async def _columns(tx: Tx, table: str) -> list[tuple[str, str]]:
    rows = await tx.fetch(
        """select attname, format_type(case typbasetype when 0 then atttypid else typbasetype end, null) as kind
           from pg_attribute join pg_type on pg_type.oid = atttypid
           where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = ''""",
        table,
    )
    return [(row["attname"], row["kind"]) for row in rows]


OTHER = {
    "boolean": "not {0}", "text": "{0} || 'x'", "integer": "{0} + 1", "smallint": "{0} + 1", "uuid": "gen_random_uuid()",
    "jsonb": """{0} || '{{"en": "Other"}}'""", "tstzrange": "tstzrange(lower({0}) + interval '1 h', upper({0}) + interval '2 h')",
    "timestamp with time zone": "{0} + interval '1 second'",
}  # fmt: skip


async def _changed(tx: Tx, table: str, column: str, kind: str, row_id: UUID, other: Any) -> bool:
    """Whether it took another value. The guards of a session would refuse most of it: they are asleep."""
    asleep = "replica" if table == "scheduling.sessions" else "origin"
    await tx.execute(f"set local session_replication_role = {asleep}")
    value = OTHER.get(kind, "{0}").format(column) if other is None else "$2"
    arguments = [row_id] if other is None else [row_id, other]
    try:
        async with tx.transaction():
            await tx.execute(f"update {table} set {column} = {value} where id = $1", *arguments)
    except (asyncpg.IntegrityConstraintViolationError, asyncpg.RaiseError):
        return False
    return True


async def test_what_is_known_is_told_as_what_is_not(tx: Tx, now: datetime) -> None:
    """A process that has seen everything, one that has seen nothing, and the way of the filters, which keeps no text."""
    stage = await a_stage(tx, now)
    texts, wish = written_places.Texts(), places.Wish()
    for day in range(3):
        await stage.open(tx, starts_at=stage.morning + timedelta(days=day, microseconds=day * 1234))
        asked = [written_places.Asked(wish, candidate_id, now) for candidate_id in (None, await stage.candidate(tx))]
        warm = await texts.search(tx, asked)
        cold = await written_places.Texts().search(tx, asked)
        for one, known, new in zip(asked, warm, cold, strict=True):
            plain = await written_places.search(tx, wish, candidate_id=one.candidate_id, now=now)
            assert len(known.texts) == day + 1
            assert (known.texts, known.free) == (new.texts, new.free) == (plain.texts, plain.free)
            assert known.rules == new.rules == ([[*rules] for rules in plain.rules] if plain.rules else plain.rules)
            assert known.first == new.first == plain.first


async def test_texts_are_begun_anew_when_they_are_many(tx: Tx, now: datetime, monkeypatch: Any) -> None:
    stage, texts = await a_stage(tx, now), written_places.Texts()
    monkeypatch.setattr(written_places, "MOST", 1)
    for day in range(3):
        session = await stage.open(tx, starts_at=stage.morning + timedelta(days=day))
        [found] = await texts.search(tx, [written_places.Asked(places.Wish(limit=1, skip=day), None, now)])
        assert [str(session).encode() in text for text in found.texts] == [True]
    assert len(texts._by_key) == 1
