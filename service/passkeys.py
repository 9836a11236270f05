"""Passkeys: a device signs our challenge with a key that never leaves it, after it has recognised its holder (WebAuthn).

Discoverable ones only, so that nobody types an address; verified users only, so that a passkey is two factors in one. No
attestation is asked for: which make of device people use is none of our business.
"""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import webauthn
from msgspec import Struct
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from service.accounts import Account
from service.refusals import PasskeyRefused
from service.settings import Settings

MILLISECONDS = 300_000  # for people who look for their telephone


class Passkey(Struct, frozen=True):
    """One of somebody's passkeys, under the name they gave it."""

    id: UUID
    name: str
    added_at: datetime
    last_used_at: datetime | None


def challenge_in(answer: str) -> bytes:
    """The challenge that a device says it answers. Refuses PasskeyRefused where it says nothing readable."""
    try:
        return base64url_to_bytes(
            json.loads(base64url_to_bytes(_parsed(answer)["response"]["clientDataJSON"]))["challenge"]
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PasskeyRefused from error


def registration_options(settings: Settings, me: Account, known: list[bytes], *, challenge: bytes) -> dict[str, Any]:
    """What the browser is given to make a passkey. `known`: those that the account has, so that none is made twice."""
    options = webauthn.generate_registration_options(
        rp_id=_rp_id(settings),
        rp_name="Preuve",
        user_id=me.id.bytes,
        user_name=me.email,
        challenge=challenge,
        timeout=MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return json.loads(webauthn.options_to_json(options))  # type: ignore[no-any-return]


def sign_in_options(settings: Settings, *, challenge: bytes) -> dict[str, Any]:
    """What the browser is given to find a passkey of its holder's choice."""
    options = webauthn.generate_authentication_options(
        rp_id=_rp_id(settings),
        challenge=challenge,
        timeout=MILLISECONDS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.loads(webauthn.options_to_json(options))  # type: ignore[no-any-return]


async def add(
    tx: asyncpg.Connection,
    account_id: UUID,
    answer: str,
    *,
    name: str,
    challenge: bytes,
    settings: Settings,
    now: datetime,
) -> None:
    """Keep the public half of a new passkey. Refuses PasskeyRefused, PasskeyKnown."""
    try:
        made = webauthn.verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=challenge,
            expected_rp_id=_rp_id(settings),
            expected_origin=_origin(settings),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused from error
    await tx.execute(
        """insert into service.passkeys (account_id, credential_id, public_key, sign_count, name, added_at)
           values ($1, $2, $3, $4, $5, $6)""",
        account_id,
        made.credential_id,
        made.credential_public_key,
        made.sign_count,
        name,
        now,
    )


async def use(tx: asyncpg.Connection, answer: str, *, challenge: bytes, settings: Settings, now: datetime) -> Account:
    """Whose passkey has signed the challenge. Refuses PasskeyRefused, also when its counter went back: it was copied."""
    credential = _parsed(answer)
    try:
        credential_id = base64url_to_bytes(credential["rawId"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyRefused from error
    row = await tx.fetchrow(
        """select p.id as passkey_id, p.public_key, p.sign_count,
                  a.id, a.email, a.role, a.centre_id, a.candidate_id, a.assessor_id, a.language
           from service.passkeys p join service.accounts a on a.id = p.account_id
           where p.credential_id = $1 and a.disabled_at is null for update of p""",
        credential_id,
    )
    if row is None:
        raise PasskeyRefused
    try:
        signed = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_rp_id(settings),
            expected_origin=_origin(settings),
            credential_public_key=row["public_key"],
            credential_current_sign_count=row["sign_count"],
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused from error
    if not _is_holder(credential, row["id"]):
        raise PasskeyRefused
    await tx.execute(
        "update service.passkeys set sign_count = $2, last_used_at = $3 where id = $1",
        row["passkey_id"],
        signed.new_sign_count,
        now,
    )
    return Account(**{field: row[field] for field in Account.__struct_fields__})


async def of_account(tx: asyncpg.Connection, account_id: UUID) -> list[Passkey]:
    """The passkeys of an account, newest first."""
    rows = await tx.fetch(
        "select id, name, added_at, last_used_at from service.passkeys where account_id = $1 order by added_at desc, id",
        account_id,
    )
    return [Passkey(**row) for row in rows]


async def credentials_of(tx: asyncpg.Connection, account_id: UUID) -> list[bytes]:
    """What their devices call them."""
    rows = await tx.fetch("select credential_id from service.passkeys where account_id = $1", account_id)
    return [row["credential_id"] for row in rows]


async def rename(tx: asyncpg.Connection, passkey_id: UUID, *, account_id: UUID, name: str) -> bool:
    """Call it something else; say whether there is such a passkey of theirs."""
    return (
        await tx.fetchval(
            "update service.passkeys set name = $3 where id = $1 and account_id = $2 returning true",
            passkey_id,
            account_id,
            name,
        )
        is not None
    )


async def remove(tx: asyncpg.Connection, passkey_id: UUID, *, account_id: UUID) -> bool:
    """It opens nothing here any more; say whether there was such a passkey of theirs."""
    return (
        await tx.fetchval(
            "delete from service.passkeys where id = $1 and account_id = $2 returning true", passkey_id, account_id
        )
        is not None
    )


async def erase(tx: asyncpg.Connection, account_id: UUID) -> None:
    """Delete every passkey of an account that is closed for good."""
    await tx.execute("delete from service.passkeys where account_id = $1", account_id)


def _parsed(answer: str) -> dict[str, Any]:
    try:
        parsed = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise PasskeyRefused from error
    if not isinstance(parsed, dict):
        raise PasskeyRefused
    return parsed


def _is_holder(credential: dict[str, Any], account_id: UUID) -> bool:
    """A discoverable credential says for whom it was made: it must be the account that we keep it under."""
    handle = credential.get("response", {}).get("userHandle")
    return bool(handle == bytes_to_base64url(account_id.bytes))


def _rp_id(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or ""


def _origin(settings: Settings) -> str:
    parts = urlsplit(settings.base_url)
    return f"{parts.scheme}://{parts.netloc}"
