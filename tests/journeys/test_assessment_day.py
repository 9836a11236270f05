"""The day of a test on tablets without a network: nothing lost, nothing overwritten, and always said what is where."""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from scheduling import bookings, jury_seats, sessions
from tests.builders.browser import CHROMIUM
from tests.builders.shelf import Shelf
from tests.builders.workshop import Workshop

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


@pytest.fixture
def people() -> int:
    return 2


async def test_a_day_without_a_network_survives_a_browser_that_is_killed(workshop: Workshop, shelf: Shelf) -> None:
    await workshop.begin()
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.prepare()
    (name, booking), _ = workshop.bookings.items()
    await tablet.cut()
    await tablet.page.get_by_role("button", name="Start the time of all candidates").click()
    await tablet.grid(name)
    await tablet.rate(booking, "1.1")
    await tablet.rate(booking, "1.2", "not_observed", "behind the wall")
    await tablet.saved(4, 0)
    await tablet.page.get_by_text("No network").wait_for()
    await tablet.context.close()  # as when the battery is empty

    await tablet.switch_on(shelf.stack)
    await tablet.cut()
    await tablet.unlock()
    await tablet.saved(4, 0)
    await tablet.grid(name)
    assert await tablet.page.locator("input[value=met]:checked").count() == 1
    assert await tablet.page.locator("input[value=not_observed]:checked").count() == 1
    await tablet.rate(booking, "1.1", "not_met")
    await tablet.page.get_by_text("Eliminatory – 1.1 not met").wait_for()
    await tablet.saved(5, 0)
    await tablet.cut(off=False)
    await tablet.saved(0, 5)
    async with workshop.db.read() as tx:
        rows = await tx.fetch("select indicator, rating, reason from assessments.ratings order by indicator")
    assert [tuple(row.values()) for row in rows] == [
        ("1.1", "not_met", ""), ("1.2", "not_observed", "behind the wall"),
    ]  # fmt: skip


async def test_two_devices_of_one_evaluator_are_shown_side_by_side_and_neither_wins(
    workshop: Workshop, shelf: Shelf
) -> None:
    await workshop.begin()
    (name, booking), _ = workshop.bookings.items()
    tablets = [await shelf.take(workshop.hall.evaluator) for _ in range(2)]
    for tablet, mark in zip(tablets, ("met", "not_met"), strict=True):
        await tablet.prepare()
        await tablet.cut()
        await tablet.grid(name)
        await tablet.rate(booking, "1.1", mark)
        await tablet.rate(booking, "1.2")
        await tablet.back()
    for tablet in tablets:
        await tablet.cut(off=False)
        await tablet.saved(0, 2 if tablet is tablets[0] else 4)
    page = tablets[1].page
    await page.get_by_role("heading", name="Two of your devices say different things").wait_for()
    await page.locator("#state", has_text="Everything is at the centre. Two of your devices").wait_for()
    async with workshop.db.read() as tx:
        assert await tx.fetchval("select array_agg(indicator) from assessments.ratings") == ["1.2"]
    assert (
        "Two of your devices say different things"
        in (await workshop.hall.evaluator.get(f"/recordings/{booking}?lang=en")).text
    )
    sides = page.locator(".sides .side")
    assert sorted(await sides.locator("label").all_inner_texts()) != []
    await page.locator(".sides .side", has_text="Not met").locator("input").check()
    await page.get_by_label("Why this one?").fill("Seen from close by")
    await page.get_by_role("button", name="This one counts").click()
    await tablets[1].saved(0, 5)
    assert await page.get_by_text("Two of your devices say different things").count() == 0
    async with workshop.db.read() as tx:
        rows = await tx.fetch(
            "select kind, rating, motive from assessments.entries where indicator = '1.1' order by number"
        )
        assert await tx.fetchval("select rating from assessments.ratings where indicator = '1.1'") == "not_met"
    assert [tuple(row.values()) for row in rows] == [
        ("rating", "met", ""), ("rating", "not_met", ""), ("choice", "not_met", "Seen from close by"),
    ]  # fmt: skip


async def test_a_login_that_expired_loses_nothing_and_nobody_else_sends_it(workshop: Workshop, shelf: Shelf) -> None:
    await workshop.begin()
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.prepare()
    (name, booking), _ = workshop.bookings.items()
    await tablet.cut()
    await tablet.grid(name)
    await tablet.rate(booking, "1.1")
    await tablet.context.clear_cookies(name="preuve")
    await tablet.cut(off=False)
    await tablet.page.get_by_text("You are no longer signed in").wait_for()
    await tablet.saved(1, 0)
    await tablet.sign_in(workshop.hall.observer)
    await tablet.page.get_by_role("button", name="Send now").click()
    await tablet.page.get_by_text("Somebody else is signed in").wait_for()
    await tablet.saved(1, 0)
    await tablet.sign_in(workshop.hall.evaluator)
    await tablet.page.get_by_role("button", name="Send now").click()
    await tablet.saved(0, 1)


async def test_a_session_cancelled_meanwhile_keeps_what_was_entered(workshop: Workshop, shelf: Shelf) -> None:
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.prepare()
    (name, booking), _ = workshop.bookings.items()
    await tablet.cut()
    await tablet.grid(name)
    await tablet.rate(booking, "1.1")
    await tablet.back()
    now = workshop.hall.street.now
    async with workshop.db.transaction() as tx:
        await sessions.cancel(tx, workshop.session, reason="Panne de courant", by=None, now=now)
        await jury_seats.release_all(tx, workshop.session, by=None, now=now)
        await bookings.cancel_all(tx, workshop.session, by=None, now=now)
    await tablet.cut(off=False)
    await tablet.page.get_by_role("heading", name="This session was cancelled").wait_for()
    await tablet.saved(0, 1)
    await tablet.page.get_by_text(f"{name} 1.1 – the session was cancelled").wait_for()
    async with workshop.db.read() as tx:
        assert await tx.fetchval("select set_aside from assessments.entries") == "session_cancelled"


async def test_a_lost_tablet_says_nothing_about_anybody(workshop: Workshop, shelf: Shelf) -> None:
    await workshop.begin()
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.prepare()
    (name, _), _ = workshop.bookings.items()
    await tablet.cut()
    await tablet.grid(name)
    await tablet.page.locator("summary", has_text="Note").click()
    await tablet.page.fill("#note", "A note nobody else may read")
    await tablet.page.get_by_role("button", name="Keep the note").click()
    await tablet.saved(1, 0)
    await tablet.page.locator("summary", has_text="Note").click()
    await tablet.page.fill("#note", "Half typed, which nobody else may read either")
    async with tablet.page.expect_navigation():
        await tablet.page.get_by_role("button", name="Lock").click()
    await tablet.page.locator("[name^=pin-]").fill("000000")
    await tablet.page.get_by_role("button", name="Unlock").click()
    await tablet.page.get_by_text("This is not the PIN").wait_for()
    assert name not in await tablet.page.content()
    await tablet.context.close()
    family = name.partition(" ")[2]
    for file in tablet.folder.rglob("*"):
        if file.is_file() and ("IndexedDB" in str(file) or "Service Worker" in str(file)):
            content = file.read_bytes()
            for secret in (family, "nobody else may read", "Half typed", "protections"):
                assert secret.encode() not in content, file
                assert secret.encode("utf-16-le") not in content, file


async def test_a_forgotten_pin_is_replaced_by_who_signs_in_and_the_entries_stay(
    workshop: Workshop, shelf: Shelf
) -> None:
    await workshop.begin()
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.prepare()
    (name, booking), _ = workshop.bookings.items()
    await tablet.cut()
    await tablet.grid(name)
    await tablet.rate(booking, "1.1")
    await tablet.saved(1, 0)
    await tablet.page.reload()
    await tablet.cut(off=False)
    await tablet.page.get_by_role("button", name="I forgot the PIN").click()
    await tablet.page.fill("#pin", "161803")
    await tablet.page.fill("#again", "161803")
    await tablet.page.get_by_role("button", name="Use this PIN").click()
    await tablet.saved(0, 1)
    await tablet.unlock("161803")


async def test_a_photo_arrives_without_what_the_camera_wrote(workshop: Workshop, shelf: Shelf, tmp_path: Path) -> None:
    await workshop.begin()
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.prepare()
    (name, _), _ = workshop.bookings.items()
    exif = Image.Exif()
    exif[0x010E] = "Mons, 50.45 N"
    Image.new("RGB", (2400, 1200), "grey").save(tmp_path / "wall.jpg", exif=exif)
    assert b"Mons" in (tmp_path / "wall.jpg").read_bytes()
    await tablet.cut()
    await tablet.grid(name)
    await tablet.page.locator("summary", has_text="Photo").click()
    await tablet.page.set_input_files("#photo", tmp_path / "wall.jpg")
    await tablet.page.fill("#caption", "The corner")
    await tablet.page.get_by_role("button", name="Keep the photo").click()
    await tablet.saved(1, 0)
    await tablet.page.locator("canvas.photo").wait_for()
    await tablet.cut(off=False)
    await tablet.saved(0, 1)
    async with workshop.db.read() as tx:
        photo, image, sha256 = await tx.fetchrow("select id, image, sha256 from assessments.photos")
    assert hashlib.sha256(image).hexdigest() == sha256
    picture = Image.open(io.BytesIO(image))
    assert (picture.size, dict(picture.getexif())) == ((1600, 800), {})
    hall = workshop.hall
    assert (await hall.evaluator.get(f"/recordings/photos/{photo}")).content == image
    for other in (hall.observer, hall.manager, workshop.colleague):
        assert (await other.get(f"/recordings/photos/{photo}")).status_code == 404


async def test_an_interruption_gives_its_minutes_back_and_what_is_noted_is_read_with_the_grid(
    workshop: Workshop, shelf: Shelf
) -> None:
    await workshop.begin()
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.prepare()
    (name, booking), _ = workshop.bookings.items()
    page = tablet.page
    await tablet.cut()
    await tablet.grid(name)
    await page.locator("#time-start").click()
    await page.get_by_text("300 min left, until 14:00").wait_for()  # four hours, and a quarter of it more
    await page.locator("summary", has_text="Interrupt").click()
    await page.fill("#i-why", "Fire alarm")
    await page.fill("#i-who", "Nadia Van Hove")
    await page.locator("form").get_by_role("button", name="Interrupt").click()
    await page.get_by_text("Interrupted since").wait_for()
    await page.fill("#i-minutes", "12")
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_text("312 min left, until 14:12").wait_for()
    await page.locator("#time-end").click()
    await page.get_by_text("Finished at").wait_for()
    for code in ("1.1", "1.2", "1.3", "2.1", "2.2"):
        await tablet.rate(booking, code)
    await tablet.saved(9, 0)
    await tablet.cut(off=False)
    await tablet.saved(0, 9)
    hall = workshop.hall
    assert (await hall.evaluator.post(f"/recordings/{booking}/submission")).status_code == 303
    read = (await hall.evaluator.get(f"/recordings/{booking}?lang=en")).text
    async with workshop.db.read() as tx:
        digest = await tx.fetchval("select digest from assessments.recordings")
    assert all(said in read for said in ("Fire alarm", "Nadia Van Hove", "+12 min", digest))
    await page.get_by_role("button", name="Send now").click()
    await page.get_by_text(digest).wait_for()
    assert await page.locator(".ratings input:enabled").count() == 0
