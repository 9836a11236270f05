"""Signing in at an OpenID provider: code flow with PKCE (S256), for staff.

Nothing of what the provider says is believed before its signature, issuer, audience, nonce and time hold. Only signatures
with a public key count: "none" and the HS algorithms, for which our secret or a public key would do as the key, are not in
the list. Its description and keys are kept for an hour; a key that we do not know is looked for once more, because
providers change theirs without a word.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from service.refusals import ProviderAway, ProviderRefused
from service.settings import Settings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
PUBLIC_KINDS = ("RSA", "EC", "OKP")
KEPT = timedelta(hours=1)
SECONDS = 5.0  # for each of the provider's answers
LEEWAY = timedelta(seconds=30)  # between its clock and ours
LONGEST = 200_000  # bytes of an answer


class Identity(Struct, frozen=True):
    """Whom the provider means. `email`: an address that it says it has verified, or None."""

    issuer: str
    subject: str
    email: str | None


class Provider:
    """One provider, as the settings name it; one per process, for its cache."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer
        self.client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._redirect_uri = f"{settings.base_url}/sign-in/provider/return"
        self._described: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, list[dict[str, Any]]] | None = None

    async def address(self, *, state: str, nonce: str, verifier: str, now: datetime) -> str:
        """Where to send somebody. Refuses ProviderAway, ProviderRefused."""
        described = await self._description(now)
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        endpoint = described["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def identity(self, code: str, *, nonce: str, verifier: str, now: datetime) -> Identity:
        """Whom the code stands for. Refuses ProviderAway, and ProviderRefused: what it says does not hold."""
        described = await self._description(now)
        given = await self._exchanged(described, code, verifier)
        id_token, access_token = given.get("id_token"), given.get("access_token")
        if not isinstance(id_token, str):
            raise ProviderRefused("no id token")
        claims = await self._claims(id_token, now=now)
        self._check(claims, nonce, now)
        about = claims
        if "email" not in claims and isinstance(access_token, str) and described.get("userinfo_endpoint"):
            about = await self._asked("GET", described["userinfo_endpoint"], bearer=access_token)
            if about.get("sub") != claims["sub"]:
                raise ProviderRefused("user info about somebody else")
        email, is_verified = about.get("email"), about.get("email_verified") is True
        return Identity(self.issuer, claims["sub"], email if isinstance(email, str) and is_verified else None)

    async def _description(self, now: datetime) -> dict[str, Any]:
        if self._described is None or now >= self._described[0] + KEPT:
            found = await self._asked("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise ProviderRefused("described as another issuer")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if urlsplit(str(found.get(name))).scheme not in ("https", urlsplit(self.issuer).scheme):
                    raise ProviderRefused(f"no {name} that can be trusted")
            self._described = (now, found)
        return self._described[1]

    async def _exchanged(self, described: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        methods = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in methods:
            basic = (quote(self.client_id, safe=""), quote(self._secret, safe=""))  # RFC 6749, 2.3.1
            return await self._asked("POST", described["token_endpoint"], form=form, basic=basic)
        form |= {"client_id": self.client_id, "client_secret": self._secret}
        return await self._asked("POST", described["token_endpoint"], form=form)

    async def _claims(self, id_token: str, *, now: datetime) -> dict[str, Any]:
        """What is signed. Keys that were kept and do not fit, by name or by signature, are asked for once more."""
        key_id, were_kept = _key_id(id_token), self._keys is not None and now < self._keys[0] + KEPT
        for again in (False, True) if were_kept else (True,):
            key = _named(await self._key_set(now, again=again), key_id)
            claims = _signed(id_token, key) if key else None
            if claims is not None:
                return claims
        raise ProviderRefused("signature, or unknown key")

    async def _key_set(self, now: datetime, *, again: bool) -> list[dict[str, Any]]:
        if again or self._keys is None:
            found = await self._asked("GET", (await self._description(now))["jwks_uri"])
            listed = found.get("keys")
            public = [
                key
                for key in (listed if isinstance(listed, list) else [])
                if isinstance(key, dict) and key.get("kty") in PUBLIC_KINDS and key.get("use", "sig") == "sig"
            ]
            self._keys = (now, public)
        return self._keys[1]

    def _check(self, claims: dict[str, Any], nonce: str, now: datetime) -> None:
        """OpenID Connect Core, 3.1.3.7."""
        audience = claims.get("aud")
        several = audience if isinstance(audience, list) else [audience]
        moment, leeway = now.timestamp(), LEEWAY.total_seconds()
        faults = {
            "issuer": claims.get("iss") != self.issuer,
            "audience": self.client_id not in several,
            "authorised party": claims.get("azp", self.client_id if len(several) == 1 else None) != self.client_id,
            "expired": moment >= _moment(claims.get("exp"), 0) + leeway,
            "from the future": _moment(claims.get("iat"), moment * 2) > moment + leeway,
            "nonce": not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
            "subject": not (isinstance(claims.get("sub"), str) and 1 <= len(claims["sub"]) <= 255),
        }
        if found := [name for name, is_fault in faults.items() if is_fault]:
            raise ProviderRefused(", ".join(found))

    async def _asked(
        self,
        method: str,
        address: str,
        *,
        form: dict[str, str] | None = None,
        basic: tuple[str, str] | None = None,
        bearer: str = "",
    ) -> dict[str, Any]:
        """The provider's answer as JSON. Its redirects are not followed: what we send is meant for this address."""
        headers = {"Accept": "application/json", **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
        try:
            async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
                answer = await client.request(
                    method, address, data=form, headers=headers, auth=httpx.BasicAuth(*basic) if basic else None
                )
            if answer.status_code >= 500:
                raise ProviderAway(f"status {answer.status_code}")
            said = answer.json() if answer.status_code == 200 and len(answer.content) <= LONGEST else None
        except httpx.HTTPError as error:
            raise ProviderAway(type(error).__name__) from error
        except (ValueError, RecursionError, httpx.InvalidURL) as error:
            raise ProviderRefused("unreadable answer") from error
        if not isinstance(said, dict):
            raise ProviderRefused(f"status {answer.status_code}")
        return said


def provider(settings: Settings) -> Provider | None:
    """The provider of this installation, if it has one."""
    return Provider(settings) if settings.oidc_issuer else None


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _key_id(id_token: str) -> str | None:
    try:
        head = id_token.partition(".")[0]
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        named = header.get("kid")
    except (ValueError, AttributeError, RecursionError) as error:
        raise ProviderRefused("unreadable id token") from error
    return named if isinstance(named, str) else None


def _named(keys: list[dict[str, Any]], key_id: str | None) -> dict[str, Any] | None:
    """The key of that name; for a token without a name, the only one there is."""
    fitting = [key for key in keys if key_id is None or key.get("kid") == key_id]
    return fitting[0] if len(fitting) == 1 else None


def _signed(id_token: str, key: dict[str, Any]) -> dict[str, Any] | None:
    """What the key has signed, or None: it has not."""
    try:
        return dict(jwt.decode(id_token, KeySet.import_key_set({"keys": [key]}), algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def _moment(claimed: Any, otherwise: float) -> float:
    return claimed if isinstance(claimed, int | float) and not isinstance(claimed, bool) else otherwise
