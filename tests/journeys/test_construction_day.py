"""A whole construction day: eight candidates, two evaluators and an observer without a network, then to the result."""

import json
import zipfile
from datetime import timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Locator, Page

from assessments.grids import Criterion, Grid, Indicator
from assessments.marking import Rating, propose
from service import auditing, bundles, check, checkpoints
from service.bundling import verifying
from service.web import assets
from tests.builders.assessments import LABEL
from tests.builders.browser import CHROMIUM, faults_at
from tests.builders.seals import seal_all, worker_of
from tests.builders.shelf import Shelf
from tests.builders.tablet import Tablet
from tests.builders.workshop import Workshop

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")
# What `preuve check` is held against: eight candidates, four seats of the jury, a grid of 5 lines for each candidate from an
# evaluator and of 7 from the observer, seven passes and their certificates. Of a day without them: no appeal, tie, erasure.
LOOKED_AT = {
    "juries": 4, "undertakings": 4, "ages": 8, "contracts": 8, "ratings": 8 * (5 + 7), "deliberations": 8, "deciders": 8,
    "certificates": 2 * 7, "serials": 7, "public codes": 7, "occupied spots": 8, "seats taken": 1,
}  # fmt: skip
UNTOUCHED = {"reviewers", "ties", "erasures", "times", "outages"}
LINES = ("1.1", "1.2", "1.3", "2.1", "2.2")


async def test_eight_candidates_are_recorded_offline_deliberated_released_and_audited(
    workshop: Workshop, shelf: Shelf, tmp_path: Path
) -> None:
    hall = workshop.hall
    people = {"first": hall.evaluator, "second": workshop.colleague, "observer": hall.observer}
    tablets = {name: await shelf.take(who) for name, who in people.items()}
    for tablet in tablets.values():
        await tablet.prepare()
        await tablet.cut()
    desk = (await shelf.take(hall.manager)).page  # it has a network
    await received(desk, workshop)
    booked = list(workshop.bookings.values())
    await evaluated(tablets["first"], booked[:4], failing=booked[2])
    await evaluated(tablets["second"], booked[4:])
    await noticed(tablets["second"], next(iter(workshop.bookings)))
    await observed(tablets["observer"])
    assert await counted(workshop, "entries") == 0  # nothing has left the tablets
    for tablet in tablets.values():
        await tablet.cut(off=False)
        await tablet.page.get_by_text("Everything is at the centre").wait_for()
    assert await counted(workshop, "recordings") == 16
    for name, theirs in (("first", booked[:4]), ("second", booked[4:]), ("observer", booked)):
        await submitted(tablets[name].page, theirs)
    await desk.goto(f"/centre/sessions/{workshop.session}?lang=en")
    await pressed(desk, "End the test")
    for booking in booked:
        said = await judged(desk, booking, "fail" if booking == booked[2] else "pass")
        assert ("Helped a neighbour to lift a block" in said) == (booking == booked[0])
    await hall.street.react()
    async with workshop.db.read() as tx:
        outcomes = await tx.fetch("select outcome from assessments.decisions where released_at is not null")
        assert sorted(row["outcome"] for row in outcomes) == ["fail"] + ["pass"] * 7
        assert await tx.fetchval("select count(*) from certificates.register") == 7
    await checked(workshop)
    await audited(workshop, desk, tmp_path)
    await checked(workshop)


async def received(desk: Page, workshop: Workshop) -> None:
    """Everybody comes to the desk, shows who they are and signs; then the test begins."""
    await desk.goto(f"/centre/sessions/{workshop.session}/day?lang=en")
    for name, act in product(workshop.bookings, ("Identity seen", "Contract signed")):
        row = desk.locator("ul.day > li", has_text=name)
        await row.locator("summary", has_text="Note it earlier").click()  # by the clock of the centre it is to come
        await pressed(row, act)
    await pressed(desk, "Begin the test")


async def evaluated(tablet: Tablet, booked: list[UUID], *, failing: UUID | None = None) -> None:
    """One line after the other, for the candidates of this evaluator; one of them works without protection."""
    await tablet.page.get_by_role("button", name="One line, all candidates").click()
    for code in LINES:
        await tablet.page.select_option("#line", code)
        for booking in booked:
            await tablet.rate(booking, code, "not_met" if (booking, code) == (failing, "1.1") else "met")
    await tablet.saved(len(booked) * len(LINES), 0)
    await tablet.back()


async def noticed(tablet: Tablet, name: str) -> None:
    """About a candidate of the other evaluator, whose grid they do not fill in."""
    await tablet.grid(name)
    await tablet.page.locator("summary", has_text="Note").click()
    await tablet.page.fill("#note", "Helped a neighbour to lift a block")
    await tablet.page.get_by_role("button", name="Keep the note").click()
    await tablet.saved(4 * len(LINES) + 1, 0)


async def observed(tablet: Tablet) -> None:
    """The observer saw the same of everybody, and that the test was held as it should be; one incident was noted."""
    await tablet.page.get_by_role("button", name="One line, all candidates").click()
    for code in (*LINES, "K1", "K2"):
        await tablet.page.select_option("#line", code)
        await tablet.page.get_by_role("button", name="Met for all who are not rated yet (8)").click()
        await tablet.page.get_by_role("button", name="Met for all").wait_for(state="detached")
    await tablet.back()
    await tablet.page.locator("summary", has_text="An incident for all candidates").click()
    await tablet.page.fill("#what", "The mixer stopped for a quarter of an hour")
    await tablet.page.fill("#informed", "Nadia Van Hove")
    await tablet.page.select_option("#category", "equipment")
    await tablet.page.get_by_role("button", name="Keep the incident").click()
    await tablet.saved(8 * 7 + 8, 0)


async def counted(workshop: Workshop, table: str) -> int:
    async with workshop.db.read() as tx:
        return await tx.fetchval(f"select count(*) from assessments.{table}")  # type: ignore[no-any-return]


async def submitted(page: Page, booked: list[UUID]) -> None:
    for booking in booked:
        await page.goto(f"/recordings/{booking}/submission?lang=en")
        await pressed(page, "Submit and seal")


async def judged(page: Page, booking: UUID, outcome: str) -> str:
    """Deliberated as the grid proposes, decided and released, at the manager's desk; what the file said before."""
    await page.goto(f"/centre/bookings/{booking}/deliberation?lang=en")
    said = await page.content()
    assert "The mixer stopped for a quarter of an hour" in said
    assert ("3 of 3 met, threshold 2." in said) == (outcome == "pass")
    for name in ("evaluator", "observer", "manager", "outcome"):
        await page.check(f"input[name={name}][value={outcome}]")
    for act in ("Record the deliberation", "Take the decision", "Release the result"):
        await pressed(page, act)
    return said


async def pressed(where: Page | Locator, name: str) -> None:
    page = where if isinstance(where, Page) else where.page
    async with page.expect_navigation() as waiting:
        await where.get_by_role("button", name=name).first.click()
    answer = await waiting.value
    assert answer is not None
    assert answer.status == 200, f"{name}: {answer.status}"


async def checked(workshop: Workshop) -> None:
    """`preuve check` of the evening: every rule holds, and each that this day is about had something to be held against."""
    async with workshop.db.read() as tx:
        found = await check.audit(tx, now=workshop.hall.street.start + timedelta(hours=12))
    assert [(one.rule, one.examples) for one in found if one.violations] == []
    assert {one.invariant for one in found} == {*range(1, 19), None}
    looked = {one.rule: one.looked_at for one in found}
    assert {rule: looked[rule] for rule in LOOKED_AT} == LOOKED_AT
    assert {rule for rule, rows in looked.items() if not rows} == UNTOUCHED


async def audited(workshop: Workshop, page: Page, folder: Path) -> None:
    """The sealed log holds; the day's bundle, fetched at the desk, stands without our database; the figures show the day."""
    running = worker_of(workshop.hall.street.app)
    await seal_all(running)
    verifiers = checkpoints.signer(running.settings.data).verifiers
    async with running.db.read() as tx:
        verdict = await auditing.verify(tx, verifiers, None)
    assert (verdict.entries > 100, verdict.waiting) == (True, 0)
    await page.goto(f"/bundles?session={workshop.session}&lang=en")
    await pressed(page, "Make the bundle")
    assert await bundles.make_next(running)
    await page.reload()
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Download").click()
    download = await waiting.value
    await download.save_as(folder / "day.zip")
    proved = verifying.verify(folder / "day.zip", verifiers)
    assert (proved.entries > 90, proved.waiting) == (True, 0)
    with zipfile.ZipFile(folder / "day.zip") as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    assert sum("/summonses/" in name for name in content) == 8
    assert sum("/contracts/" in name for name in content) == 8
    (decisions,) = [json.loads(content[name]) for name in content if name.endswith("/decisions.json")]
    assert sorted(one["outcome"] for one in decisions) == ["fail"] + ["pass"] * 7
    (noted,) = [content[name] for name in content if name.endswith("/day.json")]
    assert noted.count(b"The mixer stopped") == 8
    texts = b"".join(one for name, one in content.items() if not name.endswith(".pdf"))
    for name in workshop.bookings:
        assert name.encode() not in texts
    await page.goto("/quality/units?lang=en")
    await page.get_by_role("cell", name="87.5%").first.wait_for()
    await page.goto("/quality/durations?lang=en")
    await page.locator("svg[role=img]").first.wait_for()


async def test_the_screen_marks_as_the_house_does(shelf: Shelf, workshop: Workshop) -> None:
    """Every criterion of three indicators, whatever was seen: static/js/day_marking.js beside assessments/marking.py."""
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.page.goto("/day/")
    await tablet.page.evaluate(
        "async (address) => { window.stateOf = (await import(address)).stateOf }", assets.address("day_marking.js")
    )
    cases, states = [], []
    for barred, threshold, marks in product(
        product((False, True), repeat=3), (1, 2, 3), product(("met", "not_met", "not_observed", None), repeat=3)
    ):
        if threshold < sum(barred):
            continue
        indicators = tuple(Indicator(f"1.{n}", LABEL, one) for n, one in enumerate(barred))
        rated = {one.code: mark for one, mark in zip(indicators, marks, strict=True) if mark}
        ratings = [Rating(code, mark, "why") for code, mark in rated.items()]  # type: ignore[arg-type]
        (state,) = propose(Grid(1, ("fr",), (Criterion("1", LABEL, threshold, indicators),)), ratings).criteria
        plain = [{"code": one.code, "eliminatory": one.eliminatory} for one in indicators]
        cases.append([{"threshold": threshold, "indicators": plain}, rated])
        states.append([state.state, state.met])
    marked = "(cases) => cases.map(([one, rated]) => { const it = stateOf(one, (c) => rated[c]); return [it.state, it.met] })"
    assert await tablet.page.evaluate(marked, cases) == states


@pytest.mark.parametrize(
    "language", ["fr", pytest.param("nl", marks=pytest.mark.pages), pytest.param("de", marks=pytest.mark.pages)]
)
async def test_the_screen_is_clean_on_every_width(workshop: Workshop, shelf: Shelf, language: str, width: int) -> None:
    await workshop.begin()
    booked = list(workshop.bookings.values())
    tablet = await shelf.take(workshop.hall.observer, language=language, bypass_csp=True)
    page, found = tablet.page, []
    await page.goto(f"/day/?session={workshop.session}")
    await page.locator("#pin").wait_for()
    found += await at_widths(page, width, "preparing")
    await page.fill("#pin", "271828")
    await page.fill("#again", "271828")
    await page.locator("form .button-primary").click()
    await page.locator("ul.day").wait_for()
    found += await at_widths(page, width, "candidates")
    await page.locator("#by-line").click()
    found += await at_widths(page, width, "one line")
    await page.locator("#back").click()
    await page.locator(f"#to-{booked[0]}").click()
    await page.locator("#time-start").click()
    await tablet.rate(booked[0], "1.1", "not_observed")
    await page.locator("#time-end").wait_for()
    found += await at_widths(page, width, "a candidate")
    assert found == []
    small = "(all) => all.filter((one) => one.offsetHeight && one.offsetHeight < 44).map((one) => one.outerHTML.slice(0, 80))"
    assert (
        await page.locator(".ratings label, button, summary, select, input:not([type=radio])").evaluate_all(small) == []
    )
    await page.reload()
    await page.locator("[name^=pin-]").wait_for()
    assert await at_widths(page, width, "unlocking") == []


async def at_widths(page: Page, width: int, what: str) -> list[str]:
    """On the tablet that it is made for, upright and on its side, and on another screen."""
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    return [fault for each in (768, 1024, width) for fault in await faults_at(page, each, what)]
