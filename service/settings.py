"""Every environment variable, with its default and what it is for, read once into a frozen Struct."""

import argparse
import ipaddress
import os
import secrets as chance
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

PREFIX = "PREUVE_"
FOR_TESTS = "PREUVE_TEST_"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsFault(Exception):
    """One clear sentence about what must be set right before Preuve can start. Ends with exit status 2."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What this process was told. An empty string means: not given."""

    database_url: str
    redis_url: str
    data: Path
    host: str
    port: int
    base_url: str
    web_workers: int
    secret_key: str
    smtp_url: str
    sms_url: str
    mail_from: str
    environment: str
    log: str
    pg_bin: str
    language: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    passwords: str
    breached_list: str
    trusted_proxies: tuple[Network, ...]
    cors_origins: tuple[str, ...]
    rate_limits: int
    address_wait: int
    owner_url: str = ""

    @property
    def owner(self) -> str:
        """The address for what only the owner of the tables may do."""
        return self.owner_url or self.database_url

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """The names a request may be addressed to: the one people use; in development this machine's own too."""
        public = urlsplit(self.base_url).hostname or ""
        return (public,) if self.environment == "production" else (public, self.host, "localhost", "127.0.0.1")

    @property
    def sends_texts(self) -> bool:
        """Whether short messages get anywhere: through a gateway, or in development into a folder."""
        return bool(self.sms_url) or self.environment == "development"

    def __repr__(self) -> str:
        return "Settings(…)"  # it holds passwords, and a repr ends up in a log


def read(environ: Mapping[str, str]) -> Settings:
    """Read every setting. Refuses (SettingsFault) an unknown PREUVE_ name and a value that cannot be used."""
    names = {setting.name for setting in SETTINGS}
    for name in environ:
        if name.startswith(PREFIX) and not name.startswith(FOR_TESTS) and name not in names:
            raise SettingsFault(f"{name} is not a setting of Preuve; `preuve settings` lists them.")
    values = {setting.field: _value(setting, environ.get(setting.name) or setting.default) for setting in SETTINGS}
    settings = Settings(**values)
    if settings.environment == "production":
        for name, value in (("PREUVE_BASE_URL", settings.base_url), ("PREUVE_SMTP_URL", settings.smtp_url)):
            if not value:
                raise SettingsFault(f"{name} must be set when PREUVE_ENV is production.")
    _check_identity(settings)
    return _completed(settings)


def _check_identity(settings: Settings) -> None:
    given = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
    if any(given) and not all(given):
        raise SettingsFault("PREUVE_OIDC_ISSUER, PREUVE_OIDC_CLIENT_ID and PREUVE_OIDC_CLIENT_SECRET go together.")
    if settings.environment == "production" and settings.oidc_issuer.startswith("http://"):
        raise SettingsFault("PREUVE_OIDC_ISSUER must begin with https:// when PREUVE_ENV is production.")
    if settings.breached_list and not Path(settings.breached_list).is_file():
        raise SettingsFault("PREUVE_BREACHED_LIST must be a file that can be read.")


@lru_cache(maxsize=8)
def secret(settings: Settings) -> bytes:
    """The key that signs sessions and links: the one given, or one kept in the data folder (made at first use)."""
    if settings.secret_key:
        return settings.secret_key.encode()
    kept = settings.data / "secret"
    if not kept.exists():
        settings.data.mkdir(parents=True, exist_ok=True)
        # Written beside its place and linked into it: of two processes that start at once, one wins for both.
        with tempfile.NamedTemporaryFile("w", dir=settings.data, encoding="ascii") as new:
            new.write(chance.token_hex(32))
            new.flush()
            with suppress(FileExistsError):
                os.link(new.name, kept)
    return kept.read_bytes()


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print each setting with its default and what it is for."""
    sys.stdout.writelines(f"{one.name:<20} {one.default or '—':<24} {one.help}\n" for one in SETTINGS)
    return 0


class Setting(msgspec.Struct, frozen=True):
    """One environment variable: its name, its field in Settings, its default, its check and its documentation."""

    name: str
    field: str
    default: str
    help: str
    check: Callable[[str], Any] = str


def _value(setting: Setting, given: str) -> Any:
    if not given:
        return () if setting.check in (_networks, _origins) else ""
    try:
        return setting.check(given)
    except ValueError as fault:
        raise SettingsFault(f"{setting.name} {fault}.") from None


def _completed(settings: Settings) -> Settings:
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host
    return msgspec.structs.replace(
        settings,
        base_url=settings.base_url or f"http://{f'[{host}]' if ':' in host else host}:{settings.port}",
        log=settings.log or ("json" if settings.environment == "production" else "text"),
    )


def _address(*schemes: str) -> Callable[[str], str]:
    def check(given: str) -> str:
        parts = urlsplit(given)
        if parts.scheme not in schemes or not (parts.netloc or parts.path.strip("/")):
            raise ValueError(f"must be an address that begins with {' or '.join(f'{s}://' for s in schemes)}")
        return given.rstrip("/") if parts.scheme in ("http", "https") else given

    return check


def _issuer(given: str) -> str:
    _address("http", "https")(given)  # kept as it is: an issuer is compared letter by letter
    return given


def _number(least: int, most: int) -> Callable[[str], int]:
    def check(given: str) -> int:
        if not (given.isascii() and given.isdigit() and least <= int(given) <= most):
            raise ValueError(f"must be a whole number from {least} to {most}, not {given!r}")
        return int(given)

    return check


def _one_of(*words: str) -> Callable[[str], str]:
    def check(given: str) -> str:
        if given not in words:
            raise ValueError(f"must be {' or '.join(words)}, not {given!r}")
        return given

    return check


def _networks(given: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(one.strip()) for one in given.split(","))


def _origins(given: str) -> tuple[str, ...]:
    origins = tuple(one.strip() for one in given.split(","))
    for one in origins:
        parts = urlsplit(one)
        if parts.scheme not in ("http", "https") or one != f"{parts.scheme}://{parts.netloc}" or not parts.netloc:
            raise ValueError(f"must be origins such as https://app.example.org, with commas between, not {one!r}")
    return origins


def _key(given: str) -> str:
    if len(given) < 32:
        raise ValueError("must have 32 characters or more; leave it out to have one made in the data folder")
    return given


def _sender(given: str) -> str:
    if "@" not in given or "\n" in given or "\r" in given:
        raise ValueError("must hold a mail address, for example 'Preuve <no-reply@example.org>'")
    return given


SETTINGS = (
    Setting(
        "DATABASE_URL",
        "database_url",
        "",
        "PostgreSQL 15 or later; without it, one is started in the data folder",
        _address("postgresql", "postgres"),
    ),
    Setting(
        "REDIS_URL",
        "redis_url",
        "",
        "Valkey or Redis; without it, one is started in the data folder",
        _address("redis", "rediss", "unix"),
    ),
    Setting("PREUVE_DATA", "data", ".data", "folder of the servers' data, the key and the mailbox", Path),
    Setting("PREUVE_HOST", "host", "127.0.0.1", "address the web server listens on"),
    Setting("PREUVE_PORT", "port", "8000", "port the web server listens on", _number(1, 65535)),
    Setting(
        "PREUVE_BASE_URL",
        "base_url",
        "",
        "address people use, in mails and calendars; by default the one above",
        _address("http", "https"),
    ),
    Setting("PREUVE_WEB_WORKERS", "web_workers", "2", "number of web processes", _number(1, 64)),
    Setting("PREUVE_SECRET", "secret_key", "", "key that signs; by default one kept in the data folder", _key),
    Setting(
        "PREUVE_SMTP_URL",
        "smtp_url",
        "",
        "mail server; without it, mails are kept to be read in development",
        _address("smtp", "smtps", "smtp+starttls"),
    ),
    Setting(
        "PREUVE_SMS_URL",
        "sms_url",
        "",
        "gateway for short messages; without it, they are kept to be read in development",
        _address("http", "https"),
    ),
    Setting("PREUVE_MAIL_FROM", "mail_from", "Preuve <preuve@localhost>", "sender of mails, name and address", _sender),
    Setting(
        "PREUVE_ENV",
        "environment",
        "development",
        "development, or production (needs PREUVE_BASE_URL and PREUVE_SMTP_URL)",
        _one_of("development", "production"),
    ),
    Setting("PREUVE_LOG", "log", "", "json or text; json in production by default", _one_of("json", "text")),
    Setting("PREUVE_PG_BIN", "pg_bin", "", "folder of PostgreSQL's programs, instead of the wheel's"),
    Setting("PREUVE_OWNER_URL", "owner_url", "", "the tables' owner; by default DATABASE_URL", _address("postgresql")),
    Setting("PREUVE_LANGUAGE", "language", "fr", "language for who asks for none", _one_of("fr", "nl", "en", "de")),
    Setting(
        "PREUVE_OIDC_ISSUER",
        "oidc_issuer",
        "",
        "OpenID provider that staff sign in with; the two below go with it",
        _issuer,
    ),
    Setting("PREUVE_OIDC_CLIENT_ID", "oidc_client_id", "", "what the provider calls this installation"),
    Setting("PREUVE_OIDC_CLIENT_SECRET", "oidc_client_secret", "", "what this installation shows the provider"),
    Setting("PREUVE_PASSWORDS", "passwords", "off", "on: people may sign in with a password too", _one_of("on", "off")),
    Setting("PREUVE_BREACHED_LIST", "breached_list", "", "file of stolen passwords, one a line: plain or SHA-1"),
    Setting(
        "PREUVE_TRUSTED_PROXIES",
        "trusted_proxies",
        "",
        "addresses or networks, with commas between, whose X-Forwarded-For is believed; nobody's by default",
        _networks,
    ),
    Setting(
        "PREUVE_CORS_ORIGINS",
        "cors_origins",
        "",
        "sites, with commas between, whose scripts may use the interface; none by default",
        _origins,
    ),
    Setting(
        "PREUVE_RATE_LIMITS",
        "rate_limits",
        "100",
        "percent of the usual number of requests; 0 where something in front of it counts",
        _number(0, 10_000),
    ),
    Setting(
        "PREUVE_ADDRESS_WAIT", "address_wait", "72", "hours to stop an address that staff ask for", _number(24, 720)
    ),
)
