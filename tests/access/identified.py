"""What the matrix sends to the addresses about who somebody is: signing in, accounts, one's own data."""

from collections.abc import Callable
from typing import Any

BIRTH_DATES = (
    "POST /privacy/birth-date", "POST /api/v1/details/birth-date", "POST /centre/bookings/{booking_id}/birth-date",
    "POST /api/v1/bookings/{booking_id}/birth-date",
)  # fmt: skip
ADDRESSES = (
    "POST /privacy/address", "POST /api/v1/details/address", "POST /centre/bookings/{booking_id}/address",
    "POST /api/v1/bookings/{booking_id}/address",
)  # fmt: skip
STAFF = {"email": "someone.new@example.org", "role": "administrator", "language": "fr"}
BODIES: dict[str, Callable[..., dict[str, Any]]] = {
    "POST /privacy/details": lambda *_: {
        "given_name": "Noor", "family_name": "De Noor", "phone": "", "municipality": "", "language": "fr", "version": "*"},
    "POST /confirmation": lambda *_: {},
    "POST /sign-in/password": lambda *_: {"address": "somebody@example.org", "password": "nothing"},
    "POST /sign-in/passkey": lambda *_: {"answer": "{}"},
    "POST /password": lambda *_: {"password": "drei Pferde vor der Tür"},
    "POST /tokens": lambda *_: {"name": "script", "scopes": "read"},
    "POST /api/v1/tokens": lambda *_: {"name": "script", "scopes": ["read"]},
    "POST /passkeys": lambda *_: {"answer": "{}", "name": "phone"},
    "POST /passkeys/{passkey_id}/name": lambda *_: {"name": "phone"},
    "POST /accounts": lambda *_: STAFF,
    "POST /api/v1/accounts": lambda *_: STAFF,
    "POST /accounts/{account_id}/role": lambda *_: {"role": "administrator", "version": "*"},
    "PUT /api/v1/accounts/{account_id}/role": lambda *_: {"role": "administrator"},
    "POST /sign-in": lambda *_: {"email": "somebody@example.org"},
    "POST /privacy/consents": lambda *_: {
        "scope": "result", "recipient_kind": "employer", "recipient_name": "Bati SA", "purpose": "embauche",
        "until": "2026-12-31"},
    "PUT /api/v1/details": lambda *_: {"given_name": "Noor", "family_name": "De Noor", "language": "fr"},
    **dict.fromkeys(BIRTH_DATES, lambda *_: {"birth_date": "1990-05-18"}),
    **dict.fromkeys(ADDRESSES, lambda *_: {"email": "somewhere.else@example.org"}),
    "POST /privacy/telephone": lambda *_: {"phone": ""},
    "POST /privacy/national-number": lambda *_: {"number": ""},
    "POST /privacy/erasure": lambda *_: {"confirmed": "yes"},
    "POST /record/erasure": lambda *_: {"confirmed": "yes"},
}  # fmt: skip
