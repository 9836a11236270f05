"""The bytes of feeds and invitations, held against RFC 5545; in foreign_readers/ other programs judge."""

import io
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from scheduling import calendars
from scheduling.calendars import Entry, Feed, Party

BRUSSELS = ZoneInfo("Europe/Brussels")
NINE = datetime(2026, 10, 5, 7, tzinfo=UTC)
CHANGED = datetime(2026, 9, 1, 8, 0, 1, 250, tzinfo=UTC)
CENTRE = Party("Centre d'essai", "centre@example.org")
GUEST = Party("Ada Exemple", "ada+test@example.org")


def an_entry(uid: str = "1@example.org", starts_at: datetime = NINE, **facts: object) -> Entry:
    plain = {"changed_at": CHANGED, "sequence": 0, "summary": "Épreuve"}
    when = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
    return Entry(**{"uid": uid} | when | plain | facts)


def a_feed(*entries: Entry) -> Feed:
    return Feed("Salle Émile", "Réservations", "fr", "Annulé", entries)


def lines(body: bytes) -> list[str]:
    """The content lines, unfolded; fails where the physical lines are not as RFC 5545, 3.1 wants them."""
    assert body.endswith(b"\r\n")
    physical = body.removesuffix(b"\r\n").split(b"\r\n")
    for line in physical:
        assert len(line) <= 75
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)
        line.decode()  # a character split by a fold is not UTF-8
    return b"\r\n".join(physical).replace(b"\r\n ", b"").decode().split("\r\n")


def test_a_feed_says_who_it_is_and_how_often_to_come_back() -> None:
    head = lines(calendars.render(a_feed(an_entry())))
    head = head[: head.index("BEGIN:VTIMEZONE")]
    assert set(head) == {
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Preuve//Preuve//FR",
        "NAME;LANGUAGE=fr:Salle Émile",
        "X-WR-CALNAME:Salle Émile",
        "DESCRIPTION:Réservations",
        "X-WR-CALDESC:Réservations",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    }  # neither UID, which makes vdirsyncer see one item, nor METHOD, which demands organizers


def test_an_event_says_when_it_last_changed_and_never_now() -> None:
    entry = an_entry(sequence=3, location="Rue 1, Forest")
    written = lines(calendars.render_event(entry, cancelled_prefix="Annulé"))
    assert sorted(written) == [
        "BEGIN:VEVENT",
        "DTEND;TZID=Europe/Brussels:20261005T100000",
        "DTSTAMP:20260901T080001Z",
        "DTSTART;TZID=Europe/Brussels:20261005T090000",
        "END:VEVENT",
        "LAST-MODIFIED:20260901T080001Z",
        r"LOCATION:Rue 1\, Forest",
        "SEQUENCE:3",
        "STATUS:CONFIRMED",
        "SUMMARY:Épreuve",
        "UID:1@example.org",
    ]


def test_a_feed_is_its_events_bytes_joined_in_one_order_whatever_order_they_came_in() -> None:
    early, late = an_entry("b"), an_entry("a", NINE + timedelta(days=1))
    twin = an_entry("c")
    feed = a_feed(late, twin, early)
    rendered = [calendars.render_event(entry, cancelled_prefix="Annulé") for entry in (early, twin, late)]
    assert calendars.render(feed) == calendars.join(feed, rendered) == calendars.render(a_feed(twin, early, late))
    assert calendars.in_order(feed.entries) == [early, twin, late]


def test_a_cancelled_event_says_so_for_thirty_days_and_then_goes() -> None:
    held, cancelled = an_entry("held"), an_entry("gone", cancelled=True)
    written = lines(calendars.render(a_feed(cancelled)))
    assert "STATUS:CANCELLED" in written
    assert "SUMMARY:Annulé – Épreuve" in written
    thirty = CHANGED + timedelta(days=30)
    assert calendars.visible([held, cancelled], thirty - timedelta(seconds=1)) == [held, cancelled]
    assert calendars.visible([held, cancelled], thirty) == [held]


def test_the_one_time_zone_agrees_with_zoneinfo_every_day_for_forty_years() -> None:
    body = calendars.render(a_feed(an_entry()))
    assert body.count(b"BEGIN:VTIMEZONE") == 1
    assert body.count(b"RRULE:") == 2
    assert b"RDATE" not in body
    ours = tz.tzical(io.StringIO(body.decode().replace("\r\n", "\n"))).get("Europe/Brussels")
    noon = datetime(1997, 1, 1, 12)
    for moment in (noon + timedelta(days=day) for day in range(40 * 365)):
        assert moment.replace(tzinfo=ours).utcoffset() == moment.replace(tzinfo=BRUSSELS).utcoffset(), moment


@pytest.mark.parametrize(
    ("starts_at", "written"),
    [
        ("2026-10-24T23:30Z", "DTSTART:20261024T233000Z"),  # 01:30, but it ends at the first 02:30
        ("2026-10-25T00:30Z", "DTSTART:20261025T003000Z"),  # the first 02:30, summer time
        ("2026-10-25T01:30Z", "DTSTART:20261025T013000Z"),  # the second 02:30, winter time
        ("2026-10-25T02:00Z", "DTSTART;TZID=Europe/Brussels:20261025T030000"),
        ("2027-03-28T00:30Z", "DTSTART;TZID=Europe/Brussels:20270328T013000"),  # ends at 03:30
        ("2027-03-28T01:00Z", "DTSTART;TZID=Europe/Brussels:20270328T030000"),  # 02:00 is never struck
    ],
)
def test_what_touches_the_repeated_hour_is_written_in_utc(starts_at: str, written: str) -> None:
    entry = an_entry(starts_at=datetime.fromisoformat(starts_at))
    assert written in lines(calendars.render(a_feed(entry)))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1)), st.integers(1, 60 * 48))
@settings(deadline=None)
def test_every_instant_comes_back_as_it_went_out(naive: datetime, minutes: int) -> None:
    starts_at = naive.replace(microsecond=0, tzinfo=UTC)
    ends_at = starts_at + timedelta(minutes=minutes)
    body = calendars.render(a_feed(an_entry(starts_at=starts_at, ends_at=ends_at)))
    [event] = Calendar.from_ical(body).events
    assert event.decoded("DTSTART").astimezone(UTC) == starts_at
    assert event.decoded("DTEND").astimezone(UTC) == ends_at


LINE_ENDS = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")
SYNTAX = (
    "\\",
    "\\N",
    "\\n",
    ";",
    ",",
    '"',
    ":",
    " ",
    "\t",
    "^n",
    "%0A",
    "BEGIN:VEVENT",
    "ATTENDEE:mailto:x@e.org",
)
AWKWARD = ("\x00", "\x1c", "\ufeff", "\ud800", "\u202e", "\u200f", "👩🏽‍🔧", "𝄞", "e\u0301")
HOSTILE = st.sampled_from(LINE_ENDS + SYNTAX + AWKWARD)
ANY_TEXT = st.lists(HOSTILE | st.text(st.characters(exclude_categories=()))).map("".join)


def readable(text: str) -> str:
    """What must be left of a text: every line break a newline; no other control, lone surrogate or BOM."""
    whole_lines = "\n".join(re.sub("[\x1c-\x1e]", "", text).splitlines())
    return "".join(character for character in whole_lines if _speaks(character)).strip()


def _speaks(character: str) -> bool:
    control = unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"
    return not control and character != "\ufeff"


PLAIN = {"UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "SUMMARY"}


@given(ANY_TEXT, st.integers(0, 90))
@example("C:\\New;\\,", 0)
@settings(deadline=None, max_examples=200)
def test_any_text_survives_and_adds_no_property(text: str, before: int) -> None:
    title = "x" * before + text
    texts = {"summary": title, "location": title, "description": title, "categories": (title, "b")}
    entry = an_entry(**texts, url="https://example.org/" + text)
    body = calendars.render(Feed(title, "", "fr", "", (entry,)))
    unfolded = lines(body)
    assert sum(line.startswith(("BEGIN:", "END:")) for line in unfolded) == 2 * (1 + 3 + 1)
    [event] = Calendar.from_ical(body).events
    assert set(event.keys()) - {"LOCATION", "DESCRIPTION"} == PLAIN | {"URL", "CATEGORIES"}
    for name in ("SUMMARY", "LOCATION", "DESCRIPTION"):
        assert str(event.get(name, "")) == readable(title)
    assert [str(category) for category in event["CATEGORIES"].cats] == [readable(title), "b"]
    assert re.fullmatch(r"[!-~]+", event["URL"])
    # icalendar does not unescape a calendar's name; it is the same text, so the same letters.
    [escaped] = [line.removeprefix("SUMMARY:") for line in unfolded if line.startswith("SUMMARY:")]
    assert {f"NAME;LANGUAGE=fr:{escaped}", f"X-WR-CALNAME:{escaped}"} <= set(unfolded)


def test_the_same_content_has_the_same_tag_and_another_has_another() -> None:
    body = calendars.render(a_feed(an_entry()))
    assert re.fullmatch(r'"[0-9a-f]{32}"', calendars.etag(body))
    assert calendars.etag(body) == calendars.etag(calendars.render(a_feed(an_entry())))
    assert calendars.etag(body) != calendars.etag(calendars.render(a_feed(an_entry(sequence=1))))


def test_a_feed_was_modified_when_its_latest_entry_was() -> None:
    later = CHANGED + timedelta(days=1)
    feed = a_feed(an_entry("1", changed_at=later), an_entry("2"))
    assert calendars.last_modified(feed) == later.replace(microsecond=0)
    assert calendars.last_modified(a_feed()) is None


def test_a_time_without_a_zone_and_an_end_before_the_start_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        an_entry(starts_at=datetime(2026, 10, 5, 9), ends_at=NINE)
    with pytest.raises(ValueError, match="ends after"):
        an_entry(ends_at=NINE)


@pytest.mark.parametrize(("cancelled", "method"), [(False, "REQUEST"), (True, "CANCEL")])
def test_an_invitation_is_the_feeds_event_with_its_two_parties(cancelled: bool, method: str) -> None:
    entry = an_entry(sequence=2, cancelled=cancelled)
    body = calendars.request(entry, CENTRE, GUEST, language="fr", cancelled_prefix="Annulé")
    written = lines(body)
    assert f"METHOD:{method}" in written
    assert calendars.method(entry) == method
    assert 'ORGANIZER;CN="Centre d\'essai":mailto:centre@example.org' in written
    rsvp = "" if cancelled else ";RSVP=TRUE"
    asked = f"PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT{rsvp}"
    assert f'ATTENDEE;CN="Ada Exemple";{asked}:mailto:ada+test@example.org' in written
    in_feed = lines(calendars.render_event(entry, cancelled_prefix="Annulé"))
    assert set(in_feed) <= set(written)
    assert body == calendars.request(entry, CENTRE, GUEST, language="fr", cancelled_prefix="Annulé")


@given(ANY_TEXT, ANY_TEXT)
@settings(deadline=None, max_examples=200)
def test_no_name_or_address_adds_a_parameter_or_a_property(name: str, email: str) -> None:
    party = Party(name, email)
    body = calendars.request(an_entry(), party, party, language="fr", cancelled_prefix="")
    lines(body)
    [event] = Calendar.from_ical(body).events
    assert not event.errors
    assert set(event["ORGANIZER"].params) <= {"CN"}
    assert set(event["ATTENDEE"].params) <= {"CN", "PARTSTAT", "ROLE", "RSVP"}
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert re.fullmatch(r"mailto:[!-~]*", event["ATTENDEE"])
