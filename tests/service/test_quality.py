"""The figures of quality on the day of a hall: who sees them, what they say, and that names leave a trace."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from assessments import decisions, deliberations, ratings, recordings
from scheduling import centres
from service.quality import readings
from service.quality.all import FIGURES
from service.quality.readings import Passed, Scope
from service.quality.rules import rules
from service.quality.statistics import Pairs
from service.settings import SettingsFault
from tests.builders.assessments import LABEL, all_met
from tests.builders.hall import Hall, text
from tests.builders.web import confirmed, settings_for, signed_in


async def judged(hall: Hall) -> None:
    """Noor passes; the observer saw one indicator otherwise, and one not at all."""
    _, booking = await hall.running()
    at = hall.street.start
    async with hall.db.transaction() as tx:
        for who, role, marks in (
            (hall.evaluator_id, "evaluator", all_met()),
            (hall.observer_id, "observer", all_met(observer=True, i1_3="not_met", i2_2="not_observed")),
        ):
            grid = await recordings.start(tx, booking, who, role, now=at)  # type: ignore[arg-type]
            await ratings.rate(tx, grid, marks, by=who, now=at)
            await recordings.submit(tx, grid, by=who, now=at)
        votes = deliberations.Votes("pass", "pass", "pass")
        await deliberations.record(
            tx, booking, votes=votes, outcome="pass", by=hall.manager_id, now=at, motivation="Vu."
        )
        decision = await decisions.take(tx, booking, taken_by=hall.manager_id, now=at)
        assert await readings.units(tx, scope(at)) == []  # nobody was told yet
        await decisions.release(tx, decision, by=None, now=at)


def scope(at: datetime) -> Scope:
    return Scope(None, None, at.date().replace(month=1, day=1), at.date().replace(year=at.year + 1, month=1, day=1))


async def test_what_was_told_is_counted_by_sets(hall: Hall) -> None:
    await judged(hall)
    asked = scope(hall.street.start)
    async with hall.db.read() as tx:
        assert await readings.units(tx, asked) == [Passed("MACO-1", 1, 1)]
        assert [(one.role, one.passed, one.tests) for one in await readings.assessors(tx, asked)] == [
            ("evaluator", 1, 1), ("observer", 1, 1),
        ]  # fmt: skip
        (agreed,) = await readings.agreement(tx, asked, by_people=True)
        assert (agreed.pairs, agreed.unobserved) == (Pairs(3, 0, 1, 0), 1)
        assert {agreed.assessor_id, agreed.other_id} == {hall.evaluator_id, hall.observer_id}
        found = await readings.indicators(tx, asked)
        assert [(one.code, one.met, one.rated) for one in found][:1] == [("1.1", 1, 1)]
        assert len(found) == 5


@pytest.mark.parametrize("figure", FIGURES)
async def test_every_figure_is_a_page_and_a_table_without_names(hall: Hall, figure: str) -> None:
    await judged(hall)
    for address in (f"/quality/{figure}?year=2026", f"/quality/{figure}/table.csv?year=2026"):
        answer = await hall.manager.get(address)
        assert answer.status_code == 200, address
        for name in ("Ouhadi", "Baert", "Van Hove", "Peeters"):
            assert name not in answer.text
    assert (await hall.evaluator.get(f"/quality/{figure}")).status_code == 403
    planner = await signed_in(hall.street.app, "p@example.org", "planner", centre_id=hall.street.room.centre_id)
    assert (await planner.get(f"/quality/{figure}")).status_code == 403


async def test_few_tests_have_counts_and_no_share(hall: Hall) -> None:
    await judged(hall)
    page = text(await hall.manager.get("/quality/units?year=2026&lang=en"))
    assert "MACO-1 1 1 – – – Too few to say" in page
    assert "dashed line" not in page, "nor of all of them together"
    page = text(await hall.manager.get("/quality/drift?year=2026&lang=en"))
    assert "1 1 – – – Too few to say" in page
    assert "dashed line" not in page
    assert "No figures yet" not in page


async def test_all_indicators_of_all_units_are_a_line_for_each_grid(hall: Hall) -> None:
    """With a unit they stand one by one; a file has them so in any case."""
    await judged(hall)
    page = text(await hall.manager.get("/quality/indicators?year=2026&lang=en"))
    assert "MACO-1 v1 5 0 0 0" in page
    assert "Choose a unit to see its indicators one by one." in page
    assert "MACO-1 v1, 1.1" not in page
    assert "MACO-1 v1, 1.1" in text(await hall.manager.get("/quality/indicators?year=2026&unit=MACO-1&lang=en"))
    assert "MACO-1 v1, 1.1" in (await hall.manager.get("/quality/indicators/table.csv?year=2026")).text


async def test_a_manager_sees_their_centre_and_chooses_no_other(hall: Hall) -> None:
    await judged(hall)
    elsewhere = await signed_in(hall.street.app, "m@example.org", "manager", centre_id=await another_centre(hall))
    assert "MACO-1" not in text(await elsewhere.get("/quality/units?year=2026&centre=construcity"))
    assert (await hall.administrator.get("/quality/units?centre=nowhere")).status_code == 404
    assert (await hall.administrator.get("/quality/nothing")).status_code == 404


async def another_centre(hall: Hall) -> UUID:
    async with hall.db.transaction() as tx:
        return await centres.found(tx, code="elsewhere", name="Ailleurs", sector=LABEL, email="ailleurs@example.org")


async def test_names_ask_for_a_fresh_sign_in_and_leave_a_trace(hall: Hall) -> None:
    await judged(hall)
    asked = {"year": "2026"}
    await stale(hall)
    refused = await hall.manager.post("/quality/pairs/names", data=asked)
    assert refused.status_code in (303, 403)
    assert await traces(hall) == 0
    assert "Ouhadi" not in (await hall.manager.get("/quality/pairs?year=2026")).text
    await confirmed(hall.street.app, "decider@example.org")
    page = await hall.manager.post("/quality/pairs/names", data=asked)
    assert "Samir Ouhadi" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert await traces(hall) == 1
    assert (await hall.manager.post("/quality/units/names", data=asked)).status_code == 404
    auditor = await signed_in(hall.street.app, "a@example.org", "auditor")
    assert (await auditor.post("/quality/pairs/names", data=asked)).status_code == 403


async def stale(hall: Hall) -> None:
    async with hall.db.transaction() as tx:
        await tx.execute("update service.logins set signed_in_at = signed_in_at - interval '1 hour'")


async def traces(hall: Hall) -> int:
    async with hall.db.read() as tx:
        return await tx.fetchval("select count(*) from service.audit where action = 'read.names'")  # type: ignore[no-any-return]


def test_an_installation_says_what_is_too_few(tmp_path: Path) -> None:
    (tmp_path / "quality.toml").write_text("smallest = 20\n")
    assert rules(settings_for("postgresql://x/y", "redis://x", tmp_path)).smallest == 20
    other = tmp_path / "other"
    other.mkdir()
    (other / "quality.toml").write_text("smallest = 0\n")
    with pytest.raises(SettingsFault, match="smallest is too small"):
        rules(settings_for("postgresql://x/y", "redis://x", other))


async def test_a_chart_is_said_aloud(hall: Hall) -> None:
    await judged(hall)
    page: httpx.Response = await hall.manager.get("/quality/units?year=2026&lang=en")
    assert 'role="img" aria-labelledby="chart-title chart-says"' in page.text
    assert "One line. Nothing stands out. The same values are in the table." in page.text
    assert "style=" not in page.text
