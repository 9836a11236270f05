"""Text that people typed, made fit for a content line."""

import re
from urllib.parse import quote

from icalendar import vText

# Besides CR and LF, what readers built on a Unicode notion of "line" (Python's splitlines) break at:
# left in a title, each would let the rest of it pass for a property.
LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Controls except tab and newline; lone surrogates, which UTF-8 cannot hold; U+FEFF, which icalendar
# takes for a byte order mark at the start of a value.
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
# RFC 3986's reserved characters, the percent sign of what is already encoded, and its unreserved "~".
URI_CHARACTERS = ":/?#[]@!$&'()*+,;=%~"


class Text(vText):
    """TEXT (RFC 5545, 3.3.11), cleaned and escaped.

    icalendar's own vText takes a backslash before an N for a line break: "C:\\New" comes out on two lines.
    """

    def to_ical(self) -> bytes:
        return cleaned(self).translate(ESCAPES).encode()


def cleaned(text: str) -> str:
    """The text with every kind of line end as a newline, without what no calendar can carry, and without the
    space around it, which some readers (libical) drop anyway."""
    return UNWRITABLE.sub("", LINE_ENDS.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """Cleaned for a parameter value, whose line breaks and quotes many readers cannot unescape, and where
    icalendar takes a backslash before the colon for an escaped colon."""
    return " ".join(cleaned(text).replace('"', "'").replace("\\", "").split())


def uri(address: str) -> str:
    """The address with anything but RFC 3986's characters percent-encoded: URI values know no escaping."""
    return quote(cleaned(address), safe=URI_CHARACTERS)
