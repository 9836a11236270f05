"""libical, which GNOME and KDE use. Exits with 77 when the machine has none."""

import ctypes
import json
import sys

INTEGERS = ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")


class Moment(ctypes.Structure):
    """struct icaltimetype of libical 3."""

    _fields_ = [
        *[(name, ctypes.c_int) for name in INTEGERS],
        ("zone", ctypes.c_void_p),
    ]


try:
    ical = ctypes.CDLL("libical.so.3")
except OSError:
    sys.exit(77)
EVENT = 4  # ICAL_VEVENT_COMPONENT
ANY_PROPERTY = 0  # ICAL_ANY_PROPERTY
for name in ("parser_parse_string", "component_get_first_component", "component_get_next_component"):
    getattr(ical, f"ical{name}").restype = ctypes.c_void_p
for name in ("first_property", "next_property"):
    getattr(ical, f"icalcomponent_get_{name}").restype = ctypes.c_void_p
for name in ("uid", "summary", "location", "description"):
    getattr(ical, f"icalcomponent_get_{name}").restype = ctypes.c_char_p
for name in ("dtstart", "dtend"):
    getattr(ical, f"icalcomponent_get_{name}").restype = Moment
ical.icalproperty_get_property_name.restype = ctypes.c_char_p
ical.icalproperty_status_to_string.restype = ctypes.c_char_p
ical.icaltime_as_timet_with_zone.restype = ctypes.c_long
ical.icaltime_as_timet_with_zone.argtypes = [Moment, ctypes.c_void_p]


def text(event: int, name: str) -> str:
    value = getattr(ical, f"icalcomponent_get_{name}")(ctypes.c_void_p(event))
    return value.decode() if value else ""


def instant(event: int, name: str) -> int:
    moment = getattr(ical, f"icalcomponent_get_{name}")(ctypes.c_void_p(event))
    return ical.icaltime_as_timet_with_zone(moment, moment.zone)


def properties(event: int) -> list[str]:
    names, at = [], ical.icalcomponent_get_first_property(ctypes.c_void_p(event), ANY_PROPERTY)
    while at:
        names.append(ical.icalproperty_get_property_name(ctypes.c_void_p(at)).decode())
        at = ical.icalcomponent_get_next_property(ctypes.c_void_p(event), ANY_PROPERTY)
    return names


calendar = ctypes.c_void_p(ical.icalparser_parse_string(sys.stdin.buffer.read()))
found, event = [], ical.icalcomponent_get_first_component(calendar, EVENT)
while event:
    status = ical.icalcomponent_get_status(ctypes.c_void_p(event))
    found.append(
        {
            **{name: text(event, name) for name in ("uid", "summary", "location", "description")},
            "start": instant(event, "dtstart"),
            "end": instant(event, "dtend"),
            "status": ical.icalproperty_status_to_string(status).decode(),
            "properties": properties(event),
        }
    )
    event = ical.icalcomponent_get_next_component(calendar, EVENT)
print(json.dumps(found))
