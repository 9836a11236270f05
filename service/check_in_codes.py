"""The code that a candidate shows at the door: which booking it is, signed, so that nobody can make up another one.

It opens nothing by itself: who scans it has to be signed in as staff of the centre that expects the candidate.
"""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from service.settings import Settings, secret

SIGNATURE_BYTES = 14  # 112 bits: nobody finds one by trying, and code and address stay short enough for a small picture


def code(key: bytes, booking_id: UUID) -> str:
    """40 characters for an address. `key`: settings.secret."""
    return base64.urlsafe_b64encode(booking_id.bytes + _signature(key, booking_id)).decode()


def address(settings: Settings, booking_id: UUID) -> str:
    """Where the code leads: staff to the door, the candidate to their booking."""
    return f"{settings.base_url}/check-in/{code(secret(settings), booking_id)}"


def booking_of(key: bytes, given: str) -> UUID | None:
    """The booking that a code is for; None for whatever we did not sign."""
    try:
        raw = base64.b64decode(given.encode("ascii"), altchars=b"-_", validate=True)
        booking_id = UUID(bytes=raw[:16])
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None
    return booking_id if hmac.compare_digest(raw[16:], _signature(key, booking_id)) else None


def _signature(key: bytes, booking_id: UUID) -> bytes:
    return hmac.digest(key, b"check-in:" + booking_id.bytes, hashlib.sha256)[:SIGNATURE_BYTES]
