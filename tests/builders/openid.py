"""OpenID providers to sign in with: a real one from a package, and one that signs whatever it is told."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import oidc_provider_mock
from joserfc import jws
from joserfc.jwk import RSAKey

CLIENT, SECRET = "preuve", "a secret with : and é"


@contextmanager
def real_provider(port: int, *users: tuple[str, dict[str, Any]]) -> Iterator[str]:
    """A provider with a key of its own and these users, by subject; its issuer."""
    known = [oidc_provider_mock.User(sub=subject, claims=claims) for subject, claims in users]
    with oidc_provider_mock.run_server_in_thread(port, require_nonce=True, user_claims=known):
        yield f"http://localhost:{port}"


@dataclass
class Hostile:
    """It hands out one code, `code`, and for it the token that `answer` makes. It does keep to PKCE and its client."""

    issuer: str
    keys: list[RSAKey] = field(default_factory=lambda: [RSAKey.generate_key(2048, {"kid": "first"})])
    published: list[RSAKey] | None = None
    challenge: str = ""
    answer: Callable[[], dict[str, Any]] = dict
    about: dict[str, Any] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_away: bool = False

    def signed(self, claims: dict[str, Any], *, key: RSAKey | None = None, **header: Any) -> str:
        key = key or self.keys[0]
        return jws.serialize_compact({"alg": "RS256", "kid": key.kid, **header}, json.dumps(claims), key)

    def confused(self, claims: dict[str, Any], secret: bytes) -> str:
        """Signed with HS256 by something that is no secret of the provider's: our public key, or the client's secret."""
        signed = f"{_part({'alg': 'HS256', 'kid': self.keys[0].kid})}.{_part(claims)}"
        return f"{signed}.{_text(hmac.digest(secret, signed.encode(), 'sha256'))}"

    def unsigned(self, claims: dict[str, Any]) -> str:
        return f"{_part({'alg': 'none', 'kid': self.keys[0].kid})}.{_part(claims)}."

    def respond(self, path: str, form: dict[str, list[str]], authorization: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        if self.is_away:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/about",
                **self.description,
            }
        if path == "/jwks":
            return 200, {"keys": [key.as_dict(private=False) for key in self.published or self.keys]}
        if path == "/about":
            return 200, self.about
        return self._token(form, authorization)

    def _token(self, form: dict[str, list[str]], authorization: str) -> tuple[int, dict[str, Any]]:
        verifier = form.get("code_verifier", [""])[0]
        digest = _text(hashlib.sha256(verifier.encode()).digest())
        basic = base64.b64encode(b"preuve:a%20secret%20with%20%3A%20and%20%C3%A9").decode()
        if form.get("code") != ["code"] or digest != self.challenge or authorization != f"Basic {basic}":
            return 400, {"error": "invalid_grant"}
        return 200, self.answer()


def _part(content: dict[str, Any]) -> str:
    return _text(json.dumps(content).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@contextmanager
def hostile_provider(port: int) -> Iterator[Hostile]:
    hostile = Hostile(f"http://localhost:{port}")

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
            path = urlsplit(self.path).path
            status, said = hostile.respond(path, parse_qs(body), self.headers.get("authorization", ""))
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        do_GET = do_POST = _answer

        def log_message(self, *arguments: Any) -> None:
            """Nothing: the tests' own output is enough."""

    server = ThreadingHTTPServer(("localhost", port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield hostile
    server.shutdown()
    thread.join()
    server.server_close()
