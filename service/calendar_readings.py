"""Reading a calendar at an address that a person gave: only what anybody on the internet could read as well.

The address decides where we connect to, so it is not believed: https at its usual port, no name and password in it, no
redirect followed; the host is resolved here, every address it has must be a public one, and the connection goes to the
address that was looked at, under a certificate for the name. So neither a name that points inside, nor one that points
elsewhere a moment later, leads to a machine of ours. An answer is small and soon here, or is not read.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Literal
from urllib.parse import urlsplit

import httpx

from scheduling import busy_calendars, busy_times
from scheduling.busy_calendars import Failure
from scheduling.refusals import CalendarUnreadable
from service import logs
from service.outbox import Reactions
from service.wiring import Running

SECONDS = 10.0  # for all of it
PORT = 443
LONGEST = 2_000  # characters of an address
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: an address of the old kind in one of the new

Resolve = Callable[[str], Awaitable[list[str]]]


class NotRead(Exception):
    """Why a calendar was not read."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


async def read_next(running: Running, by_topic: Reactions) -> bool:
    """The worker's beat: read the calendar that is due longest; say whether there was one.

    It is put off first, so that one that hangs, or kills the worker, is not read at once again.
    """
    async with running.db.transaction() as tx:
        due = await busy_calendars.take_due(tx, now=running.now())
    if due is None:
        return False
    failure: Failure | None = None
    try:
        spans = await asyncio.to_thread(busy_times.read, await fetch(due.url), now=running.now())
    except NotRead as refused:
        failure = refused.failure
    except CalendarUnreadable:
        failure = "unreadable"
    if failure:
        logs.say("a calendar was not read", failure=failure)
    async with running.db.transaction() as tx:
        if await busy_calendars.note(tx, due, failure, now=running.now()) and failure is None:
            await busy_times.replace(tx, due.assessor_id, spans, now=running.now())
    return True


def is_acceptable(url: str) -> bool:
    """Whether an address may be asked for at all, before its host is looked up."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        len(url) <= LONGEST
        and url.isascii()
        and url.isprintable()
        and " " not in url
        and parts.scheme == "https"
        and bool(parts.hostname)
        and parts.username is None
        and parts.password is None
        and port in (None, PORT)
    )


async def public_addresses(host: str) -> list[str]:
    """The addresses of a host, if they are public, all of them. Refuses NotRead."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotRead("unreachable") from None
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise NotRead("not_public")
    return addresses


def is_public(text: str) -> bool:
    """Whether an address belongs to the internet at large: not to this machine, its networks, its cloud, or nobody."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inside is not None:
            return is_public(str(inside))
        if address in TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    return address.is_global and not address.is_multicast and not address.is_reserved


async def fetch(
    url: str,
    *,
    resolve: Resolve = public_addresses,
    trust: ssl.SSLContext | Literal[True] = True,
    port: int = PORT,
) -> bytes:
    """What stands at an address, at most busy_times.LARGEST bytes. Refuses NotRead."""
    if not is_acceptable(url):
        raise NotRead("not_public")
    try:
        async with asyncio.timeout(SECONDS):
            host = urlsplit(url).hostname or ""
            for address in (await resolve(host))[:1]:
                return await _answer(url, host, address, trust, port)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError):
        raise NotRead("unreachable") from None
    raise NotRead("unreachable")


async def _answer(url: str, host: str, address: str, trust: ssl.SSLContext | Literal[True], port: int) -> bytes:
    """Connected to the address that was looked at, under the name that was asked for."""
    there = httpx.URL(url).copy_with(host=address, port=port)
    headers = {"Host": host, "Accept": "text/calendar", "Accept-Encoding": "identity", "User-Agent": "Preuve"}
    async with (
        httpx.AsyncClient(verify=trust, trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
        client.stream("GET", there, headers=headers, extensions={"sni_hostname": host}) as answer,
    ):
        if answer.status_code != 200 or answer.headers.get("content-encoding", "identity") != "identity":
            raise NotRead("unreachable")
        content = b""
        async for piece in answer.aiter_raw():
            content += piece
            if len(content) > busy_times.LARGEST:
                raise NotRead("too_large")
    return content
