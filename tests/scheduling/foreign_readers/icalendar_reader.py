"""icalendar's own parser: a weak judge, since it also wrote the file, but it keeps a list of errors."""

import json
import sys

from icalendar import Calendar

calendar = Calendar.from_ical(sys.stdin.buffer.read())
assert not calendar.errors
found = []
for event in calendar.events:
    assert not event.errors
    found.append(
        {
            "uid": str(event["UID"]),
            "start": event.decoded("DTSTART").timestamp(),
            "end": event.decoded("DTEND").timestamp(),
            "summary": str(event["SUMMARY"]),
            "location": str(event.get("LOCATION", "")),
            "description": str(event.get("DESCRIPTION", "")),
            "status": str(event["STATUS"]),
            "properties": list(event.keys()),
        }
    )
print(json.dumps(found))
