"""What stands in the line of steps beside the one that comes next."""

from service.i18n import words
from tests.builders.pages import Street
from tests.service.test_pages_booking import WAIT
from tests.service.test_pages_candidate import read


async def test_a_place_given_back_is_dated_on_the_day_it_was_and_names_the_test(street: Street) -> None:
    """A step that is done does not bear a day that is still to come."""
    booking = (await street.book(await street.open_session())).headers["location"]
    await street.noor.post(f"{booking}/cancellation")
    page = await read(street.noor, "/journey")
    said = page[page.index("You cancelled this booking") :]
    assert said.index(words("en").moment(street.now)) < said.index("The test was planned for")
    assert f"The test was planned for {words('en').moment(street.start)} at " in said


async def test_what_i_need_for_the_test_is_found_from_my_journey(street: Street) -> None:
    assert 'href="/measures"' in await read(street.noor, "/journey"), "also before the first test is chosen"


async def test_who_waits_has_enrolled_for_the_unit(street: Street) -> None:
    """As who books has; an offer that is taken is a booking like any other."""
    await street.book(await street.open_session(seats=1), who=street.sam)
    assert (await street.noor.post("/waiting", data={**WAIT, "languages": []})).status_code == 422
    assert "You have not chosen a test yet" in await read(street.noor, "/journey"), "who was refused has not enrolled"
    for _ in range(2):
        assert (await street.noor.post("/waiting", data=WAIT)).status_code == 303
    page = await read(street.noor, "/journey")
    assert page.count("You enrolled") == 1
    assert page.count('aria-current="step"') == 1
    assert "Wait for a place" in page
    await street.react()
