"""ics (PyPI): its own grammar; zones through dateutil, from the file's VTIMEZONE."""

import json
import sys

from ics import Calendar

calendar = Calendar(sys.stdin.buffer.read().decode())
print(
    json.dumps(
        [
            {
                "uid": event.uid,
                "start": event.begin.timestamp(),
                "end": event.end.timestamp(),
                "summary": event.name or "",
                "location": event.location or "",
                "description": event.description or "",
                "status": event.status or "",
            }
            for event in calendar.events
        ]
    )
)
