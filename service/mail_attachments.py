"""Papers that travel with a letter, kept until it has left."""

import asyncpg
from msgspec import Struct


class Attachment(Struct, frozen=True):
    """`name`: with its ending, without anybody's name in it."""

    name: str
    media_type: str
    content: bytes


async def keep(tx: asyncpg.Connection, mail_id: int, attachments: tuple[Attachment, ...]) -> None:
    """Keep what goes with a letter that was just taken down."""
    for one in attachments:
        await tx.execute(
            "insert into service.mail_attachments (mail_id, name, media_type, content) values ($1, $2, $3, $4)",
            mail_id,
            one.name,
            one.media_type,
            one.content,
        )


async def of_mail(tx: asyncpg.Connection, mail_id: int) -> tuple[Attachment, ...]:
    """What goes with a letter, by name."""
    rows = await tx.fetch(
        "select name, media_type, content from service.mail_attachments where mail_id = $1 order by name", mail_id
    )
    return tuple(Attachment(**row) for row in rows)


async def wipe(tx: asyncpg.Connection, mail_id: int) -> None:
    """The letter has left; nobody needs a second copy."""
    await tx.execute("delete from service.mail_attachments where mail_id = $1", mail_id)


async def wipe_all(tx: asyncpg.Connection) -> None:
    """Every letter was filed away."""
    await tx.execute("delete from service.mail_attachments")
