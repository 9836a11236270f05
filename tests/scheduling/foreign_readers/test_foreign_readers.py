"""Six parsers, and vdirsyncer with khal, agree with zoneinfo on when and with us on what."""

import json
import os
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from scheduling import calendars
from scheduling.calendars import Entry, Feed

BRUSSELS = ZoneInfo("Europe/Brussels")
Read = Callable[[bytes], list[dict[str, Any]]]


def at(*wall_clock: int, fold: int = 0) -> datetime:
    return datetime(*wall_clock, tzinfo=BRUSSELS, fold=fold).astimezone(UTC)


MOMENTS = {
    "the day before winter time": at(2026, 10, 24, 9),
    "the day winter time begins": at(2026, 10, 25, 9),
    "the day after": at(2026, 10, 26, 9),
    "01:30 until the first 02:30": at(2026, 10, 25, 1, 30),
    "the first 02:30 in summer time": at(2026, 10, 25, 2, 30),
    "the second 02:30 in winter time": at(2026, 10, 25, 2, 30, fold=1),
    "03:00 of that night": at(2026, 10, 25, 3),
    "the day before summer time": at(2027, 3, 27, 9),
    "the day summer time begins": at(2027, 3, 28, 9),
    "the day after that": at(2027, 3, 29, 9),
    "01:30 until 03:30 an hour later": at(2027, 3, 28, 1, 30),
    "03:00 when the clock jumps there": at(2027, 3, 28, 3),
    "high summer": at(2027, 7, 1, 9),
}
TITLES = {
    "syntax": 'a;b,c:d\\;e\\\\f\\,g "quoted" ^n ^^ %0A <b>&amp;</b>',
    "a path": "C:\\New\\names",
    "another event": "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nSUMMARY:evil",
    "every line end": "a\rATTENDEE:b\nc\x0bd\x0ce\x85f\u2028ATTENDEE:g\u2029h",
    "controls": "a\x00b\x07c\x1b[31md\x7fe\ufefff",
    "emoji": "👩🏽‍🔧 Maçon 🧱🇧🇪",
    "right to left": "\u200fشهادة\u200e \u202eabc\u202c \u2066x\u2069",
    "decomposed": "Me\u0301tier soude\u0301",
    "three hundred": "Épreuve 𝄞 " * 30,
    "backslashes": "\\" * 100,
    "tab and spaces": "  a\tb   c  ",
    **{f"fold at {n}: 𝄞": "x" * n + "𝄞😀é" + "y" * 9 for n in range(60, 70)},
    **{f"fold at {n}: spaces": "x" * n + "  " + "y" * 9 for n in range(60, 70)},
    **{f"fold at {n}: escapes": "x" * n + "\\;,\n" + "y" * 9 for n in range(60, 70)},
}
# Both undo \n before \\, so that a backslash followed by the letter n is a line break to them. No bytes could
# say it otherwise (RFC 5545, 3.3.11); nothing worse than a line break comes of it.
MISREAD = {"ics": {"a path"}, "node-ical": {"a path"}}
PROPERTIES = {"UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "STATUS", "DTSTART", "DTEND"}


def an_entry(uid: str, starts_at: datetime, text: str, cancelled: bool = False) -> Entry:
    changed_at = datetime(2026, 9, 1, 8, tzinfo=UTC)
    ends_at = starts_at + timedelta(hours=1)
    return Entry(uid, starts_at, ends_at, changed_at, 1, text, cancelled, location=text, description=text)


ON_TIME = [an_entry(name, moment, name) for name, moment in MOMENTS.items()]
WELL_SAID = [an_entry(name, at(2026, 6, 1, 9), title) for name, title in TITLES.items()]
CANCELLED = an_entry("cancelled", at(2026, 6, 2, 9), "Soudeur", cancelled=True)
FEED = Feed("Salle Émile; 1, 2", "Tout", "fr", "Annulé", (*ON_TIME, *WELL_SAID, CANCELLED))


def test_every_reader_finds_the_same_events_at_the_instants_zoneinfo_names(read: Read) -> None:
    found = {event["uid"]: (event["start"], event["end"]) for event in read(calendars.render(FEED))}
    assert found == {entry.uid: _instants(entry) for entry in FEED.entries}


def _instants(entry: Entry) -> tuple[float, float]:
    return entry.starts_at.timestamp(), entry.ends_at.timestamp()


def test_every_reader_sees_the_text_that_was_typed_and_nothing_beside_it(reader: str, read: Read) -> None:
    found = {event["uid"]: event for event in read(calendars.render(FEED))}
    assert set(found) == {entry.uid for entry in FEED.entries}
    for entry in WELL_SAID:
        event = found[entry.uid]
        written = {"SUMMARY", "LOCATION", "DESCRIPTION"} | PROPERTIES
        assert set(event.get("properties", written)) == written
        if entry.uid not in MISREAD.get(reader, ()):
            for name in ("summary", "location", "description"):
                assert nfc(event[name]) == nfc(readable(entry.summary)), (entry.uid, name)


def test_every_reader_knows_what_is_cancelled(read: Read) -> None:
    cancelled = [event for event in read(calendars.render(FEED)) if event["status"] == "CANCELLED"]
    assert [event["summary"] for event in cancelled] == ["Annulé – Soudeur"]


@pytest.mark.parametrize("reader", ["ical.js"])
def test_this_would_notice_a_time_zone_that_ical_js_misreads(read: Read) -> None:
    """Why the rules are written out: icalendar's own list of changes puts ical.js an hour out all summer."""
    calendar = Calendar.from_ical(calendars.render(FEED))
    calendar.subcomponents = [part for part in calendar.subcomponents if part.name != "VTIMEZONE"]
    calendar.add_missing_timezones()
    found = {event["uid"]: event["start"] for event in read(calendar.to_ical())}
    assert found["high summer"] - MOMENTS["high summer"].timestamp() == 3600


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def readable(text: str) -> str:
    """Line ends as newlines, no other control, no space around: apart from the code under test."""
    kept = (c for c in "\n".join(text.splitlines()) if c in "\n\t" or unicodedata.category(c) != "Cc")
    return "".join(kept).replace("\ufeff", "").strip()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The feed as a web server gives it."""
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "feed.ics").write_bytes(calendars.render(FEED))
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "www"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/feed.ics"
        server.shutdown()


VDIRSYNCER = """
[general]
status_path = "{folder}/status/"
[pair preuve]
a = "remote"
b = "local"
collections = null
[storage remote]
type = "http"
url = "{address}"
[storage local]
type = "filesystem"
path = "{folder}/items/"
fileext = ".ics"
"""
KHAL = """
[calendars]
[[preuve]]
path = {folder}/items
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%dT%H:%M
longdatetimeformat = %Y-%m-%dT%H:%M
local_timezone = UTC
default_timezone = UTC
[sqlite]
path = {folder}/khal.db
"""


def test_vdirsyncer_fetches_each_event_once_and_khal_shows_them(
    address: str, python_folder: Path, tmp_path: Path
) -> None:
    def run(program: str, *words: str) -> str:
        (tmp_path / "vdirsyncer.conf").write_text(VDIRSYNCER.format(folder=tmp_path, address=address))
        (tmp_path / "khal.conf").write_text(KHAL.format(folder=tmp_path))
        command = [sys.executable, "-m", program, "-c", str(tmp_path / f"{program}.conf"), *words]
        home = {"PYTHONPATH": str(python_folder), "HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"}
        env = os.environ | home | {"PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(command, input="y\n" * 3, capture_output=True, text=True, env=env, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("vdirsyncer", "discover")
    run("vdirsyncer", "sync")
    assert len(list((tmp_path / "items").glob("*.ics"))) == len(FEED.entries)
    assert "Copying" not in run("vdirsyncer", "sync")

    shown = ("start-long-full", "end-long-full", "title", "location", "description", "status")
    asked = [word for name in shown for word in ("--json", name)]
    days = run("khal", "list", *asked, "2026-05-31", "2027-08-01").splitlines()
    found = {tuple(nfc(event[name]) for name in shown) for day in days for event in json.loads(day)}
    assert found == {_as_khal_shows(entry) for entry in FEED.entries}


def _as_khal_shows(entry: Entry) -> tuple[str, ...]:
    starts, ends = (f"{moment:%Y-%m-%dT%H:%M}" for moment in (entry.starts_at, entry.ends_at))
    text = nfc(readable(entry.summary))
    title, status = (f"Annulé – {text}", "CANCELLED") if entry.cancelled else (text, "CONFIRMED")
    return starts, ends, title, text, text, status
