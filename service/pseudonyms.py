"""Names for people who are not to be named: the same person has the same one everywhere in one installation.

HMAC-SHA256 under the installation's secret: who has only the database cannot make them, nor go back from one.
"""

import base64
import hmac
from uuid import UUID

from msgspec import Struct


class Pseudonyms(Struct, frozen=True):
    """`key`: settings.secret. 40 bits of each hash are shown: enough for a city, and to be read aloud."""

    key: bytes

    def candidate(self, candidate_id: UUID) -> str:
        """K-7F3A-Q2XB"""
        return f"K-{self._of(b'candidate', candidate_id)}"

    def assessor(self, assessor_id: UUID) -> str:
        """A-7F3A-Q2XB"""
        return f"A-{self._of(b'assessor', assessor_id)}"

    def account(self, account_id: UUID) -> str:
        """U-7F3A-Q2XB, for an account that is neither's"""
        return f"U-{self._of(b'account', account_id)}"

    def _of(self, what: bytes, one: UUID) -> str:
        digest = hmac.digest(self.key, b"pseudonym " + what + b" " + one.bytes, "sha256")
        text = base64.b32encode(digest[:5]).decode()
        return f"{text[:4]}-{text[4:]}"
