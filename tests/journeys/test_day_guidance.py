"""How to look at an indicator, in words and with its picture, on the tablet without a network and on the page."""

import io

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace
from PIL import Image

from assessments import pictures
from assessments.grids import Picture
from tests.builders.assessments import GRID
from tests.builders.browser import CHROMIUM
from tests.builders.shelf import Shelf
from tests.builders.workshop import Workshop

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


@pytest.fixture
def people() -> int:
    return 1


async def test_how_to_look_at_it_is_on_the_tablet_too_with_its_picture_and_sealed(
    workshop: Workshop, shelf: Shelf, database_url: str
) -> None:
    await workshop.begin()
    small = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(small, "PNG")
    picture = pictures.read(small.getvalue())
    async with workshop.db.as_house().transaction() as tx:
        await pictures.keep(tx, picture, by=None, now=workshop.hall.street.now)
    first, second = GRID.criteria
    shown = replace(
        first.indicators[0],
        guidance={"fr": "Poser le niveau sur trois rangs.", "en": "Hold the level to three courses."},
        picture=Picture(picture.sha256, {"fr": "Un niveau", "en": "A level on a wall"}),
    )
    grid = replace(GRID, criteria=(replace(first, indicators=(shown, *first.indicators[1:])), second))
    owner = await asyncpg.connect(database_url)
    await owner.execute("alter table assessments.standards disable trigger keep_published")
    await owner.execute("update assessments.standards set grid = $1", msgspec.json.encode(grid).decode())
    await owner.execute("alter table assessments.standards enable trigger keep_published")
    await owner.close()
    tablet = await shelf.take(workshop.hall.evaluator)
    await tablet.prepare()
    ((name, booking),) = workshop.bookings.items()
    await tablet.cut()
    await tablet.grid(name)
    page = tablet.page
    assert await page.get_by_text("How to look at it").count() == 1
    await page.get_by_text("How to look at it").click()
    await page.get_by_text("Hold the level to three courses.").wait_for()
    await page.get_by_role("img", name="A level on a wall").wait_for()
    await tablet.rate(booking, "1.1")  # the screen is drawn anew, and what was open stays open
    await page.get_by_role("img", name="A level on a wall").wait_for()
    await tablet.context.close()
    await tablet.switch_on(shelf.stack)
    await tablet.cut()
    await tablet.unlock()
    await tablet.grid(name)
    await tablet.page.get_by_text("How to look at it").click()
    await tablet.page.get_by_role("img", name="A level on a wall").wait_for()
    kept = b"".join(path.read_bytes() for path in tablet.folder.rglob("IndexedDB/**/*") if path.is_file())
    assert picture.image not in kept
    assert b"three courses" not in kept
    on_page = await workshop.hall.evaluator.get(f"/recordings/{booking}?lang=en")
    assert "Hold the level to three courses." in on_page.text
    assert f"/pictures/{picture.sha256}.jpg" in on_page.text
