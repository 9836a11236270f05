"""A draw from the announcement to the letters, through the pages, without JavaScript; and the same over the interface."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser

from scheduling import openings
from service import draws
from service.settings import secret
from tests.builders.browser import CHROMIUM, faults_at, free_port, over_http
from tests.builders.hall import Hall, text


async def draw(hall: Hall, opening_id: UUID) -> None:
    """Its moment has come, and a worker has come by."""
    due = hall.street.now + timedelta(days=3)
    async with hall.db.transaction() as tx:
        opening = await openings.take_due(tx, now=due)
        assert opening is not None
        assert opening.id == opening_id
        await draws.draw(tx, opening, seed=draws.seed_of(secret(hall.street.app.state.settings), opening.id), now=due)
    await hall.street.react()


async def announce(hall: Hall, session_id: UUID) -> UUID:
    day = (hall.street.now + timedelta(days=2)).date().isoformat()
    answer = await hall.manager.post(
        f"/centre/sessions/{session_id}/announcement", data={"day": day, "at": "12:00"}, follow_redirects=False
    )
    assert answer.status_code == 303, text(answer)
    return UUID(answer.headers["location"].rpartition("/")[2])


async def test_from_the_announcement_to_the_letters(hall: Hall) -> None:
    street = hall.street
    session_id = await hall.planned(seats=1)
    opening_id = await announce(hall, session_id)
    here = f"/openings/{opening_id}"
    assert "Monter un mur en blocs" in text(await street.stranger.get("/openings"))
    for who in (street.noor, street.sam):
        assert (await who.post(f"{here}/ask")).status_code == 303
        assert "Vous participez au tirage" in text(await who.get(here))
    early = await hall.manager.post(f"/centre/sessions/{session_id}/opening")
    assert (early.status_code, "seront tirées au sort" in text(early)) == (409, True)
    async with hall.db.read() as tx:
        promised = (await openings.get(tx, opening_id)).seed_hash.hex()
    assert promised in (await street.stranger.get(here)).text

    await draw(hall, opening_id)
    pages = [text(await who.get(here)) for who in (street.noor, street.sam)]
    assert sorted("Vous avez une place" in page for page in pages) == [False, True]
    assert sorted("le sort a désigné d’autres personnes" in page for page in pages) == [False, True]
    said = (await street.stranger.get(f"/api/v1{here}")).json()
    assert (said["state"], said["seed_hash"], [ask["outcome"] for ask in said["asks"]]) == (
        "drawn", promised, ["placed", "no_place_left"],
    )  # fmt: skip
    assert "Noor" not in (await street.stranger.get(here)).text
    async with hall.db.read() as tx:
        letters = {row["subject"] for row in await tx.fetch("select subject from service.mails")}
    assert any("pas de place cette fois" in letter for letter in letters)
    late = await street.sam.post(f"{here}/ask")
    assert (late.status_code, "ne pouvez plus demander" in text(late)) == (409, True)


async def test_over_the_interface_with_a_draw_called_off(hall: Hall) -> None:
    street, session_id = hall.street, await hall.planned()
    draws_at = (street.now + timedelta(days=2)).isoformat()
    order = {"session_id": str(session_id), "draws_at": draws_at}
    assert (await street.other_manager.post("/api/v1/openings", json=order)).status_code == 404
    announced = await hall.manager.post("/api/v1/openings", json=order)
    assert announced.status_code == 201, announced.text
    here = announced.headers["location"]
    mine = [await street.noor.put(f"{here}/ask") for _ in range(2)]
    assert [answer.status_code for answer in mine] == [200, 200]
    assert mine[0].json() == mine[1].json()
    assert (await street.noor.delete(f"{here}/ask")).status_code == 204
    await street.noor.put(f"{here}/ask")
    assert (await street.other_manager.post(f"{here}/cancellation")).status_code == 404
    assert (await hall.manager.post(f"{here}/cancellation")).json()["state"] == "called_off"
    await street.react()
    async with hall.db.read() as tx:
        assert (
            await tx.fetchval("select subject from service.mails where recipient = 'noor@example.org'")
            == "Il n’y aura pas de tirage"
        )
    assert (await street.noor.put(f"{here}/ask")).json()["type"] == "/problems/opening-over"


async def test_a_cancelled_session_is_not_drawn(hall: Hall) -> None:
    session_id = await hall.planned()
    opening_id = await announce(hall, session_id)
    await hall.street.noor.post(f"/openings/{opening_id}/ask")
    await hall.manager.post(f"/centre/sessions/{session_id}/cancellation", data={"reason": "Panne"})
    await hall.street.react()
    assert "annulé" in text(await hall.street.noor.get(f"/openings/{opening_id}"))
    async with hall.db.read() as tx:
        assert await tx.fetchval("select count(*) from service.mails where recipient = 'noor@example.org'") == 1


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")
async def test_the_pages_are_accessible_and_fit(hall: Hall, browser: Browser, tmp_path: Path, width: int) -> None:
    session_id = await hall.planned(seats=1)
    other = await hall.planned(days=1)
    opening_id = await announce(hall, session_id)
    for who in (hall.street.noor, hall.street.sam):
        await who.post(f"/openings/{opening_id}/ask")
    cookies = {"candidate": hall.street.noor.cookies["preuve"], "manager": hall.manager.cookies["preuve"]}
    pages = {
        "before": ("candidate", f"/openings/{opening_id}"),
        "coming": ("candidate", "/openings"),
        "announcement": ("manager", f"/centre/sessions/{other}/announcement"),
        "announced": ("manager", f"/centre/sessions/{session_id}/announcement"),
    }
    async with over_http(hall.street.app, free_port()) as address:
        await look(browser, address, cookies, pages, tmp_path, width)
        await draw(hall, opening_id)
        await look(browser, address, cookies, {"after": ("candidate", f"/openings/{opening_id}")}, tmp_path, width)


async def look(browser, address, cookies, pages, folder, width) -> None:  # type: ignore[no-untyped-def]
    for name, (role, path) in pages.items():
        context = await browser.new_context()
        await context.add_cookies(
            [
                {"name": "preuve", "value": cookies[role], "url": address},
                {"name": "language", "value": "fr", "url": address},
            ]
        )
        page = await context.new_page()
        await page.goto(address + path)
        assert await faults_at(page, width, name) == []
        await page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
        await context.close()
