"""What the day's screen says when something is not as it should be: what is saved where in every state, and nothing typed
is taken away."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Route

from tests.builders.browser import CHROMIUM
from tests.builders.shelf import Shelf
from tests.builders.tablet import Tablet
from tests.builders.workshop import Workshop

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")
FULL = """(only) => {
    const put = (window.put = IDBObjectStore.prototype.put);
    IDBObjectStore.prototype.put = function (value) {
        if (!only || this.name === only) throw new DOMException("full", "QuotaExceededError");
        return put.call(this, value);
    };
}"""
PHOTOS = """() => new Promise((resolve) => {
    indexedDB.open("preuve-day").onsuccess = ({ target: { result: store } }) => {
        store.transaction("photos").objectStore("photos").count().onsuccess = ({ target }) => resolve(target.result);
    };
})"""


@pytest.fixture
def people() -> int:
    return 2


@pytest.fixture
async def tablet(workshop: Workshop, shelf: Shelf) -> Tablet:
    """Ready, with a network."""
    await workshop.begin()
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.prepare()
    return tablet


async def test_the_page_says_what_is_saved_where_in_every_state(workshop: Workshop, tablet: Tablet) -> None:
    (name, booking), _ = workshop.bookings.items()
    page = tablet.page

    async def says(here: int, centre: int, state: str) -> None:
        await tablet.saved(here, centre)
        await page.locator("#state", has_text=state).wait_for()

    async def at_the_hotel(route: Route) -> None:
        await route.fulfill(status=200, content_type="text/html", body="<h1>Welcome to our Wi-Fi</h1>")

    await says(0, 0, "Everything is at the centre.")
    await tablet.cut()
    await tablet.grid(name)
    await tablet.rate(booking, "1.1")
    await says(1, 0, "No network. Go on")
    await page.reload()
    await page.get_by_text("On this device only: 1").wait_for()  # locked: how many, and nothing about anybody
    assert name not in await page.content()
    await page.locator("[name^=pin-]").fill("271828")
    await page.get_by_role("button", name="Unlock").click()
    await says(1, 0, "No network. Go on")
    await tablet.context.route("**/day/entries", at_the_hotel)
    await tablet.cut(off=False)
    await page.get_by_role("button", name="Send now").click()
    await says(1, 0, "No network. Go on")
    await tablet.context.unroute("**/day/entries")
    await page.get_by_role("button", name="Send now").click()
    await says(0, 1, "Everything is at the centre.")
    await tablet.context.clear_cookies(name="preuve")
    await tablet.grid(name)
    await tablet.rate(booking, "1.2")
    await says(1, 1, "You are no longer signed in")
    await tablet.sign_in(workshop.hall.observer)
    await page.get_by_role("button", name="Send now").click()
    await says(1, 1, "Somebody else is signed in")


async def test_what_a_full_device_could_not_keep_is_said_and_not_shown_as_kept(
    workshop: Workshop, tablet: Tablet
) -> None:
    (name, booking), _ = workshop.bookings.items()
    page = tablet.page
    await tablet.cut()
    await tablet.grid(name)
    await tablet.rate(booking, "1.1")
    await page.locator("summary", has_text="Note").click()
    await page.fill("#note", "The plumb line broke")
    await page.evaluate(FULL)
    await page.locator(f"#r-{str(booking)[:8]}-1-2-met").click()
    await page.locator("#state", has_text="could not keep your last entry").wait_for()
    await tablet.saved(1, 0)
    assert await page.locator("input[value=met]:checked").count() == 1
    await page.get_by_role("button", name="Keep the note").click()
    await page.locator("#state", has_text="could not keep your last entry").wait_for()
    assert await page.input_value("#note") == "The plumb line broke"
    await page.evaluate("() => { IDBObjectStore.prototype.put = window.put }")
    await page.get_by_role("button", name="Keep the note").click()
    await tablet.saved(2, 0)
    assert "could not keep" not in await page.inner_text("#state")
    assert await page.locator("#note").input_value() == ""


async def test_what_is_half_typed_is_taken_by_no_other_entry_and_belongs_to_its_candidate(
    workshop: Workshop, tablet: Tablet, tmp_path: Path
) -> None:
    (name, booking), (other, _) = workshop.bookings.items()
    page = tablet.page
    await tablet.grid(name)
    await page.locator("summary", has_text="Incident").click()
    await page.select_option("#category", "equipment")
    await page.fill("#what", "The saw")
    await tablet.rate(booking, "1.1")
    await tablet.saved(0, 1)
    assert await page.input_value("#what") == "The saw"
    await tablet.back()
    await tablet.grid(other)
    assert await page.input_value("#what") == ""
    await tablet.back()
    await tablet.grid(name)
    assert (await page.input_value("#what"), await page.input_value("#category")) == ("The saw", "equipment")
    keep = page.get_by_role("button", name="Keep the incident")
    await keep.click()
    assert await page.locator("#informed:invalid").count() == 1  # nobody was informed: it is not kept
    await page.fill("#informed", "The prevention adviser")
    await keep.click()
    await page.get_by_text("Incident, Equipment or material").wait_for()
    await tablet.saved(0, 2)
    async with workshop.db.read() as tx:
        said = await tx.fetchval("select said from assessments.entries where kind = 'incident'")
    assert said == {"category": "equipment", "text": "The saw", "informed": "The prevention adviser"}


async def test_what_is_half_typed_is_there_again_after_a_lock_and_after_a_browser_that_is_killed(
    workshop: Workshop, shelf: Shelf, tablet: Tablet
) -> None:
    """A tablet locks while somebody writes: the sentence and the reason stay, and once kept they are drafts no more."""
    name, booking = next(iter(workshop.bookings.items()))
    reason = f"#r-{str(booking)[:8]}-1-2"
    await tablet.cut()
    await tablet.grid(name)
    await tablet.page.locator("summary", has_text="Note").click()
    await tablet.page.fill("#note", "Holds the trowel in the")
    await tablet.page.locator(f"{reason}-not_observed").check()
    await tablet.page.locator(f"{reason}-reason").press_sequentially("No water")
    await tablet.page.locator("#lock").evaluate(
        "(lock) => lock.click()"
    )  # the field keeps its focus: nothing is given up
    await tablet.page.locator("[name^=pin-]").wait_for()
    await tablet.unlock()
    await tablet.grid(name)
    assert await tablet.page.input_value("#note") == "Holds the trowel in the"
    assert await tablet.page.input_value(f"{reason}-reason") == "No water"
    assert await tablet.page.is_visible(f"{reason}-reason")
    await tablet.saved(0, 0)

    await tablet.page.fill("#note", "Holds the trowel in the left hand")
    await tablet.page.wait_for_timeout(1500)
    await tablet.context.close()
    await tablet.switch_on(shelf.stack, offline=True)
    await tablet.unlock()
    await tablet.grid(name)
    assert await tablet.page.input_value("#note") == "Holds the trowel in the left hand"
    await tablet.page.get_by_role("button", name="Keep the note").click()
    await tablet.saved(1, 0)
    await tablet.page.wait_for_timeout(1500)
    await tablet.unlock()
    await tablet.grid(name)
    assert await tablet.page.input_value("#note") == ""


async def test_a_picture_that_cannot_be_read_is_refused_in_words_and_its_caption_stays(
    workshop: Workshop, tablet: Tablet, tmp_path: Path
) -> None:
    (name, _), _ = workshop.bookings.items()
    page = tablet.page
    await tablet.grid(name)
    (tmp_path / "wall.heic").write_bytes(b"\0\0\0\x18ftypheic")
    await page.locator("summary", has_text="Photo").click()
    await page.set_input_files("#photo", tmp_path / "wall.heic")
    await page.fill("#caption", "The corner")
    await page.get_by_role("button", name="Keep the photo").click()
    await page.get_by_role("alert").get_by_text("This picture cannot be kept").wait_for()
    assert await page.input_value("#caption") == "The corner"
    await tablet.saved(0, 0)


async def test_an_alarm_stops_everybody_at_once_and_gives_each_the_minutes_back(
    workshop: Workshop, tablet: Tablet
) -> None:
    page = tablet.page
    await tablet.cut()
    await page.get_by_role("button", name="Start the time of all candidates").click()
    await page.get_by_text("300 min left, until 14:00").wait_for()  # four hours, and a quarter more was granted
    await page.get_by_text("240 min left, until 13:00").wait_for()
    await page.locator("summary", has_text="Interrupt for all who are under way (2)").click()
    await page.fill("#i-why", "Fire alarm")
    await page.fill("#i-who", "Nadia Van Hove")
    await page.locator("form").get_by_role("button", name="Interrupt").click()
    await page.get_by_text("Interrupted since").nth(1).wait_for()
    await page.fill("#i-minutes", "12")
    await page.get_by_role("button", name="Go on with all who were interrupted (2)").click()
    await page.get_by_text("312 min left, until 14:12").wait_for()
    await page.get_by_text("252 min left, until 13:12").wait_for()
    await tablet.cut(off=False)
    await tablet.saved(0, 6)
    async with workshop.db.read() as tx:
        said = await tx.fetch("select said from assessments.entries where kind = 'interruption' and said ? 'minutes'")
    assert [(one["said"]["minutes"], one["said"]["text"]) for one in said] == [(12, "Fire alarm")] * 2


async def test_a_photograph_is_on_the_device_with_its_entry_or_not_at_all(
    workshop: Workshop, tablet: Tablet, tmp_path: Path
) -> None:
    """One without the other is refused by the centre, and all that comes after it would wait behind it."""
    (name, booking), _ = workshop.bookings.items()
    page = tablet.page
    Image.new("RGB", (40, 30), "grey").save(tmp_path / "wall.jpg")
    await tablet.cut()
    await tablet.grid(name)
    await page.locator("summary", has_text="Photo").click()
    await page.set_input_files("#photo", tmp_path / "wall.jpg")
    await page.evaluate(FULL, "entries")
    await page.get_by_role("button", name="Keep the photo").click()
    await page.locator("#state", has_text="could not keep your last entry").wait_for()
    assert await page.evaluate(PHOTOS) == 0
    await page.evaluate("() => { IDBObjectStore.prototype.put = window.put }")
    await page.get_by_role("button", name="Keep the photo").click()  # the file that was chosen is still there
    await tablet.saved(1, 0)
    assert await page.evaluate(PHOTOS) == 1
    await tablet.rate(booking, "1.1")
    await tablet.cut(off=False)
    await tablet.saved(0, 2)
    assert await page.evaluate(PHOTOS) == 0


async def test_a_mark_that_is_being_kept_is_on_the_screen_and_is_not_taken_twice(
    workshop: Workshop, tablet: Tablet
) -> None:
    """The screen is drawn anew for one candidate between the tap on the next one and its way to the disk."""
    first, second = [f"r-{str(booking)[:8]}-1-1" for booking in workshop.bookings.values()]
    await tablet.cut()
    await tablet.page.get_by_role("button", name="One line, all candidates").click()
    tapped = await tablet.page.evaluate(
        """([first, second]) => new Promise((resolve) => {
            const tap = (id) => document.getElementById(id).click();
            const drawn = new MutationObserver(() => {
                drawn.disconnect();
                resolve(document.getElementById(`${second}-met`).checked);
                tap(`${second}-met`);
            });
            drawn.observe(document.getElementById("main"), { childList: true });
            tap(`${first}-met`);
            tap(`${second}-met`);
        })""",
        [first, second],
    )
    assert tapped
    await tablet.saved(2, 0)
    await tablet.page.select_option("#line", "1.2")
    await tablet.page.locator(f"#{first.replace('-1-1', '-1-2')}-met").check()
    await tablet.saved(3, 0)


async def test_who_changes_their_mind_at_once_does_not_contradict_themselves(
    workshop: Workshop, tablet: Tablet
) -> None:
    name, *_ = workshop.bookings
    booking = workshop.bookings[name]
    await tablet.cut()
    await tablet.grid(name)
    mark = f"r-{str(booking)[:8]}-1-1"
    await tablet.page.evaluate(
        "(mark) => ['met', 'not_met'].forEach((one) => document.getElementById(`${mark}-${one}`).click())", mark
    )
    await tablet.saved(2, 0)
    await tablet.page.locator(f"#{mark}-not_met:checked").wait_for(state="attached")
    assert await tablet.page.get_by_text("Two devices").count() == 0
