"""Signing in at the organisation's OpenID provider: a real one leads in; one that lies, or means nobody here, does not."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from litestar import Litestar

from service import accounts, openid, provider_subjects
from service.refusals import ProviderRefused
from tests.builders.browser import free_port
from tests.builders.openid import CLIENT, SECRET, Hostile, hostile_provider, real_provider
from tests.builders.watch import Watch
from tests.builders.web import a_candidate, serving, settings_for, stranger

STAFF = "administrator@example.org"
SUBJECT = "subject-of-the-administrator"
Serve = Callable[[str], Any]


@pytest.fixture
def watch() -> Watch:
    return Watch(datetime.now(UTC))  # the real provider lives in real time


@pytest.fixture
def serve(database_url: str, valkey_url: str, tmp_path: Path, watch: Watch) -> Serve:
    """The application of an installation that has this provider, with an administrator and a candidate."""

    @asynccontextmanager
    async def served(issuer: str) -> AsyncIterator[Litestar]:
        named = {
            "PREUVE_OIDC_ISSUER": issuer,
            "PREUVE_OIDC_CLIENT_ID": CLIENT,
            "PREUVE_OIDC_CLIENT_SECRET": SECRET,
        }
        async with serving(database_url, valkey_url, tmp_path, watch, **named) as app:
            async with app.state.running.db.as_house().transaction() as tx:
                candidate = await a_candidate(tx, "noor@example.org", watch.now)
                mine: dict[str, Any] = {"language": "fr", "now": watch.now}
                await accounts.register(tx, email="noor@example.org", role="candidate", candidate_id=candidate, **mine)
                await accounts.register(tx, email=STAFF, role="administrator", **mine)
            yield app

    return served


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    with hostile_provider(free_port()) as provider:
        yield provider


@pytest.fixture
async def app(serve: Serve, hostile: Hostile) -> AsyncIterator[Litestar]:
    async with serve(hostile.issuer) as app:
        yield app


async def at_the_real_one(browser: httpx.AsyncClient, subject: str) -> str:
    """Go there, sign in as a subject, and say where it sends the browser."""
    address = (await browser.get("/sign-in/provider?onward=/trades")).headers["location"]
    async with httpx.AsyncClient() as outside:
        answer = await outside.post(address, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def test_staff_sign_in_with_a_real_provider_and_its_keys_may_change(serve: Serve, watch: Watch) -> None:
    port, claims = free_port(), {"email": STAFF.title(), "email_verified": True}
    async with serve(f"http://localhost:{port}") as app:
        for _ in range(2):  # each start has another key
            with real_provider(port, (SUBJECT, claims)):
                async with stranger(app) as browser:
                    arrived = await browser.get(await at_the_real_one(browser, SUBJECT))
                    assert (arrived.status_code, arrived.headers["location"]) == (303, "/trades"), arrived.text
                    (login,) = (await browser.get("/api/v1/logins")).json()[:1]
                    assert login["method"] == "provider"
            claims = {"email": "somebody.else@example.org", "email_verified": True}  # the subject decides from now on
        async with app.state.running.db.as_house().read() as tx:
            trail = await tx.fetch("select action from service.audit where subject = 'service.provider_subjects'")
            assert [entry["action"] for entry in trail] == ["provider_subject.added"]


@pytest.mark.parametrize(
    "claims",
    [
        {"email": STAFF, "email_verified": False},
        {"email": STAFF},
        {"email_verified": True},
        {"email": "nobody@example.org", "email_verified": True},
        {"email": "noor@example.org", "email_verified": True},
    ],
    ids=["unverified", "not said", "no address", "unknown", "a candidate's"],
)
async def test_whom_the_real_provider_does_not_vouch_for_stays_outside(serve: Serve, claims: dict[str, Any]) -> None:
    port = free_port()
    async with serve(f"http://localhost:{port}") as app, stranger(app) as browser:
        with real_provider(port, (SUBJECT, claims)):
            arrived = await browser.get(await at_the_real_one(browser, SUBJECT))
        assert arrived.status_code == 403
        assert (await browser.get("/home")).status_code == 401


async def begun(browser: httpx.AsyncClient, hostile: Hostile) -> dict[str, str]:
    """What our side asks for."""
    sent = await browser.get("/sign-in/provider")
    assert sent.status_code == 302
    asked = dict(parse_qsl(urlsplit(sent.headers["location"]).query))
    assert (asked["code_challenge_method"], asked["response_type"], asked["client_id"]) == ("S256", "code", CLIENT)
    hostile.challenge = asked["code_challenge"]
    return asked


def good(hostile: Hostile, asked: dict[str, str], watch: Watch, **changes: Any) -> dict[str, Any]:
    moment = int(watch.now.timestamp())
    claims = {
        "iss": hostile.issuer,
        "aud": CLIENT,
        "sub": SUBJECT,
        "nonce": asked["nonce"],
        "iat": moment,
        "exp": moment + 300,
        "email": STAFF,
        "email_verified": True,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


async def back(browser: httpx.AsyncClient, asked: dict[str, str], **more: str) -> httpx.Response:
    return await browser.get("/sign-in/provider/return", params={"state": asked["state"], "code": "code", **more})


WRONG: dict[str, Callable[[Hostile, dict[str, str], Watch], str]] = {
    "issuer": lambda h, a, w: h.signed(good(h, a, w, iss="https://other.example")),
    "audience": lambda h, a, w: h.signed(good(h, a, w, aud="another-client")),
    "several audiences": lambda h, a, w: h.signed(good(h, a, w, aud=[CLIENT, "another-client"])),
    "authorised party": lambda h, a, w: h.signed(good(h, a, w, azp="another-client")),
    "nonce": lambda h, a, w: h.signed(good(h, a, w, nonce="of another sign-in")),
    "no nonce": lambda h, a, w: h.signed(good(h, a, w, nonce=None)),
    "expired": lambda h, a, w: h.signed(good(h, a, w, exp=int(w.now.timestamp()) - 60)),
    "never expires": lambda h, a, w: h.signed(good(h, a, w, exp=None)),
    "from the future": lambda h, a, w: h.signed(good(h, a, w, iat=int(w.now.timestamp()) + 600)),
    "no subject": lambda h, a, w: h.signed(good(h, a, w, sub=None)),
    "alg none": lambda h, a, w: h.unsigned(good(h, a, w)),
    "HS256 with the public key": lambda h, a, w: h.confused(good(h, a, w), h.keys[0].as_pem(private=False)),
    "HS256 with the client's secret": lambda h, a, w: h.confused(good(h, a, w), SECRET.encode()),
    "another key of that name": lambda h, a, w: h.signed(
        good(h, a, w), key=RSAKey.generate_key(2048, {"kid": "first"})
    ),
    "a key nobody published": lambda h, a, w: h.signed(good(h, a, w), key=RSAKey.generate_key(2048, {"kid": "other"})),
    "changed after signing": lambda h, a, w: h.signed(good(h, a, w)).replace(".", ".eyJ", 1),
    "no token": lambda h, a, w: "",
    "rubbish": lambda h, a, w: "a.b.c",
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_token_that_does_not_hold_opens_nothing(
    app: Litestar, hostile: Hostile, watch: Watch, wrong: str
) -> None:
    async with stranger(app) as browser:
        asked = await begun(browser, hostile)
        hostile.answer = lambda: {"id_token": WRONG[wrong](hostile, asked, watch)}
        assert (await back(browser, asked)).status_code == 403
        assert (await browser.get("/home")).status_code == 401
        asked = await begun(browser, hostile)
        hostile.answer = lambda: {"id_token": hostile.signed(good(hostile, asked, watch))}
        assert (await back(browser, asked)).status_code == 303, "and the one that holds does"


async def test_an_answer_counts_once_and_in_the_browser_that_asked(
    app: Litestar, hostile: Hostile, watch: Watch
) -> None:
    async with stranger(app) as browser, stranger(app) as thief:
        asked = await begun(browser, hostile)
        hostile.answer = lambda: {"id_token": hostile.signed(good(hostile, asked, watch))}
        assert (await back(thief, asked)).status_code == 403
        held = browser.cookies["preuve-state"]
        assert (await back(browser, asked)).status_code == 303
        browser.cookies.set("preuve-state", held)
        assert (await back(browser, asked)).status_code == 403
        late = await begun(browser, hostile)
        watch.now += timedelta(minutes=10)
        assert (await back(browser, late)).status_code == 403


async def test_a_nonce_is_not_taken_twice(app: Litestar, hostile: Hostile, watch: Watch) -> None:
    """A token that once held is replayed into another sign-in."""
    async with stranger(app) as browser:
        asked = await begun(browser, hostile)
        held = hostile.signed(good(hostile, asked, watch))
        hostile.answer = lambda: {"id_token": held}
        assert (await back(browser, asked)).status_code == 303
    async with stranger(app) as other:
        assert (await back(other, await begun(other, hostile))).status_code == 403


async def test_an_error_and_another_issuers_answer_are_refused(app: Litestar, hostile: Hostile, watch: Watch) -> None:
    async with stranger(app) as browser:
        asked = await begun(browser, hostile)
        hostile.answer = lambda: {"id_token": hostile.signed(good(hostile, asked, watch))}
        assert (await back(browser, asked, iss="https://other.example")).status_code == 403
        asked = await begun(browser, hostile)
        assert (await back(browser, asked, code="", error="access_denied")).status_code == 403


async def test_the_address_may_come_from_the_user_info_of_the_same_subject(
    app: Litestar, hostile: Hostile, watch: Watch
) -> None:
    for subject, status in (("another", 403), (SUBJECT, 303)):
        async with stranger(app) as browser:
            asked = await begun(browser, hostile)
            token = hostile.signed(good(hostile, asked, watch, email=None, email_verified=None))
            hostile.answer = lambda token=token: {"id_token": token, "access_token": "access"}  # type: ignore[misc]
            hostile.about = {"sub": subject, "email": STAFF, "email_verified": True}
            assert (await back(browser, asked)).status_code == status


async def test_what_it_said_is_kept_and_an_unknown_key_is_looked_for_once(
    app: Litestar, hostile: Hostile, watch: Watch
) -> None:
    async with stranger(app) as browser:
        for keys in (hostile.keys, [RSAKey.generate_key(2048, {"kid": "second"})]):
            hostile.keys = keys
            asked = await begun(browser, hostile)
            token = hostile.signed(good(hostile, asked, watch))
            hostile.answer = lambda token=token: {"id_token": token}  # type: ignore[misc]
            assert (await back(browser, asked)).status_code == 303
    assert hostile.asked.count("/.well-known/openid-configuration") == 1
    assert hostile.asked.count("/jwks") == 2


async def test_without_the_provider_the_page_says_so_and_offers_the_mail(app: Litestar, hostile: Hostile) -> None:
    hostile.is_away = True
    async with stranger(app) as browser:
        page = await browser.get("/sign-in/provider", headers={"Accept-Language": "en"})
        assert page.status_code == 503
        assert 'name="email"' in page.text
        assert (await browser.get("/sign-in")).text.count("/sign-in/provider") == 1


async def test_it_must_describe_itself_as_the_issuer_we_know(app: Litestar, hostile: Hostile) -> None:
    hostile.description = {"issuer": "https://other.example"}
    async with stranger(app) as browser:
        assert (await browser.get("/sign-in/provider")).status_code == 403
    settings = settings_for(
        "postgresql://host/db", "redis://host", Path(), PREUVE_OIDC_ISSUER=hostile.issuer,
        PREUVE_OIDC_CLIENT_ID=CLIENT, PREUVE_OIDC_CLIENT_SECRET=SECRET,
    )  # fmt: skip
    hostile.description = {"token_endpoint": "ftp://other.example/token"}
    with pytest.raises(ProviderRefused):
        await openid.Provider(settings).address(state="s", nonce="n", verifier="v", now=datetime.now(UTC))


async def test_a_disabled_account_and_another_subject_for_it_stay_outside(
    app: Litestar, hostile: Hostile, watch: Watch
) -> None:
    running = app.state.running.as_house()
    async with stranger(app) as browser:
        for subject, status in ((SUBJECT, 303), ("another", 403)):
            asked = await begun(browser, hostile)
            token = hostile.signed(good(hostile, asked, watch, sub=subject))
            hostile.answer = lambda token=token: {"id_token": token}  # type: ignore[misc]
            assert (await back(browser, asked)).status_code == status
        async with running.db.transaction() as tx:
            account = await tx.fetchval("select id from service.accounts where email = $1", STAFF)
            await accounts.disable(tx, account, now=running.now())
            with pytest.raises(ProviderRefused):
                await provider_subjects.account_of(
                    tx, issuer=hostile.issuer, subject=SUBJECT, email=STAFF, now=running.now()
                )


async def test_nothing_that_could_be_used_is_stored(app: Litestar, hostile: Hostile) -> None:
    async with stranger(app) as browser:
        asked = await begun(browser, hostile)
    async with app.state.running.db.as_house().read() as tx:
        row = await tx.fetchval("select c::text from service.ceremonies c")
    assert asked["state"] not in row
    assert asked["nonce"] not in row
