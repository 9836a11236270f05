"""The day of a test on a tablet, without a network: an installable application under /day/.

The page is the same for everyone and holds nothing about anybody, so that it opens without a login; what it shows comes
from the device's own store. What protects that store when the tablet is lost, and what does not:

* Everything about people is encrypted on the device (AES-GCM, a random key). The key is kept twice, wrapped: under the
  PIN chosen when the device was prepared (PBKDF2, 600,000 rounds, mixed with a key that the browser does not give out),
  and under a spare key that the server gives to the same person, on the same device, after signing in (`spare_key`).
  Unlocked, it is only in the memory of the open page; closing or locking the page forgets it.
* Readable without the PIN: that this device was prepared for this session, as evaluator or observer, and how many
  entries wait. Not readable: names, measures, grids, ratings, notes, photographs.
* Whoever holds the tablet and can read its disk can try PINs at the pace of PBKDF2: six digits hold for days, not
  for ever. So: nothing stays on the device that the centre has, but the day itself; and a day can be removed.
* Whoever holds the tablet unlocked, with the page open, sees what its owner sees: there is a button to lock it.
"""

import base64
import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, put
from litestar.datastructures import State
from litestar.exceptions import ClientException
from litestar.params import FromPath

from assessments import photos, recordings, syncing
from service import auth, days, reach
from service.i18n import words
from service.provide import Db, Now
from service.refusals import NotFound
from service.web import assets
from service.web.language import language_of
from service.web.look import render

WORKER = Path(__file__).parent / "static" / "worker.js"
LARGEST = photos.LARGEST + 1000


@get("/day/", include_in_schema=False, guards=[auth.may("pages", "read")], sync_to_thread=False)
def screen(request: Request[Any, Any, Any]) -> Response[str]:
    """The page, for whoever asks: it holds nothing about anybody. `?session=`, for the page itself: which day."""
    return render(request, "day/screen.html", headers={"Cache-Control": "no-cache"})


@get("/day/worker.js", include_in_schema=False, guards=[auth.may("pages", "read")], sync_to_thread=False)
def worker() -> Response[bytes]:
    """The service worker with the addresses of all that it keeps; it changes when one of them does."""
    kept = sorted(one.address for name, one in assets.assets().items() if name.startswith(("day", "preuve", "source")))
    version = hashlib.sha256("".join(kept).encode()).hexdigest()[:16]
    head = f"const VERSION = {msgspec.json.encode(version).decode()};\nconst KEPT = {msgspec.json.encode(kept).decode()};\n"
    return Response(
        head.encode() + WORKER.read_bytes(), media_type="text/javascript", headers={"Cache-Control": "no-cache"}
    )


@get("/day/manifest.webmanifest", include_in_schema=False, guards=[auth.may("pages", "read")], sync_to_thread=False)
def manifest(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What makes it an application of its own on the home screen."""
    language = language_of(request)
    icon = {"src": assets.address("preuve.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "any"}
    said = {
        "name": words(language).gettext("Preuve: the day of the test"),
        "short_name": "Preuve",
        "lang": language,
        "id": "/day/",
        "start_url": "/day/",
        "scope": "/day/",
        "display": "standalone",
        "background_color": "#faf6ef",
        "theme_color": "#0b5c6b",
        "icons": [icon],
    }
    return Response(msgspec.json.encode(said), media_type="application/manifest+json")


@get("/day/{session_id:uuid}/key/{device_id:uuid}", include_in_schema=False, guards=[auth.may("recordings", "day")])
async def spare_key(
    session_id: FromPath[UUID],
    device_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    state: State,
) -> dict[str, str]:
    """The spare key of a device, for the person who prepared it. Refuses NotFound to who never sat on the jury."""
    async with db.read() as tx:
        await days.read(tx, session_id, assessor_id=auth.own(me.assessor_id), words=words(language_of(request)))
    key = days.spare_key(state.settings, me.id, session_id, device_id)
    return {"key": base64.b64encode(key).decode()}


@put(
    "/day/{session_id:uuid}/photos/{booking_id:uuid}/{photo_id:uuid}",
    include_in_schema=False,
    guards=[auth.may("recordings", "day")],
    request_max_body_size=LARGEST,
)
async def keep_photo(
    session_id: FromPath[UUID],
    booking_id: FromPath[UUID],
    photo_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
) -> dict[str, str]:
    """Store a photograph without what the camera wrote into it; its entry follows. Sent again, nothing changes."""
    image = await request.body()
    async with db.transaction() as tx:
        await syncing.sits(tx, session_id, booking_id, auth.own(me.assessor_id))
        if request.content_type[0] != "image/jpeg":
            raise ClientException(status_code=415)
        sha256 = await photos.keep(tx, photo_id, booking_id, auth.own(me.assessor_id), image, now=now)
    return {"sha256": sha256}


@get("/recordings/photos/{photo_id:uuid}", include_in_schema=False, guards=[auth.may("recordings", "photo")])
async def photo(photo_id: FromPath[UUID], me: auth.Me, db: Db) -> Response[bytes]:
    """A photograph: its author's always, the others' when the recordings may be read, also by the centre's manager."""
    async with db.read() as tx:
        booking_id, author, image = await photos.image(tx, photo_id)
        await reach.sees_booking(tx, me, booking_id)
        if author != me.assessor_id and not recordings.unsealed(await recordings.of_booking(tx, booking_id)):
            raise NotFound
    return Response(image, media_type="image/jpeg", headers={"Content-Disposition": "inline"})


HANDLERS = [screen, worker, manifest, spare_key, keep_photo, photo]
