"""The positive control: an application that looks whether a seat is free, then books. It must lose every storm.

Same address, same tables, same answers, same way to be served as the real one; only the counter is not asked.
"""

import os
from http.cookies import SimpleCookie
from typing import Any

import asyncpg
import msgspec

State = dict[str, Any]


async def application(scope: State, receive: Any, send: Any) -> None:
    """ASGI, with the pool in the lifespan's state."""
    if scope["type"] == "lifespan":
        await receive()
        scope["state"]["pool"] = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=8, max_size=8)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    headers = dict(scope["headers"])
    secret = SimpleCookie(headers[b"cookie"].decode())["preuve"].value
    wish = msgspec.json.decode((await receive())["body"])
    async with scope["state"]["pool"].acquire() as connection:
        status, answer = await look_then_book(connection, wish["session_id"], secret)
    body = msgspec.json.encode(answer)
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"content-length", str(len(body)).encode())]}
    )
    await send({"type": "http.response.body", "body": body})


async def look_then_book(connection: Any, session_id: str, secret: str) -> tuple[int, State]:
    """What looks right, and sells a seat to everyone who looked before the first of them had booked."""
    free = await connection.fetchval(
        """select s.seats > (select count(*) from scheduling.bookings b where b.session_id = s.id and b.released_at is null)
           from scheduling.sessions s where s.id = $1""",
        session_id,
    )
    if not free:
        return 409, {"type": "/problems/session-full"}
    try:
        booking_id = await connection.fetchval(
            """insert into scheduling.bookings (session_id, unit_id, test_time, candidate_id, booked_at, confirmed_at,
                                                changed_at)
               select s.id, s.unit_id, s.test_time, a.candidate_id, now(), now(), now()
               from scheduling.sessions s, service.logins l join service.accounts a on a.id = l.account_id
               where s.id = $1 and l.secret_hash = sha256(convert_to($2, 'UTF8')) returning id""",
            session_id,
            secret,
        )
    except asyncpg.IntegrityConstraintViolationError as error:
        return 409, {"type": f"/problems/{error.constraint_name}".replace("_", "-")}
    return 201, {"id": str(booking_id)}
