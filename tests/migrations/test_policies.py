"""Row security as the catalogue shows it: no table without it, no role above it, no function that could be led astray."""

import asyncpg

from service.db import APPLICATION
from tests.builders.reach import PUBLIC, SCHEMAS, tables

Tx = asyncpg.Connection

# Views that show rows with their owner's rights, and why.
OPEN_VIEWS = {
    "scheduling.taking_bookings": "sessions that take bookings are public; the search needs its index",
    "scheduling.unit_shown": "the catalogue, as a list of places shows it to everybody",
    "scheduling.room_shown": "where to go, as a list of places shows it to everybody",
    "scheduling.surroundings_version": "whether the two before are still the same",
    "scheduling.places": "the same sessions, as a candidate reads them",
    "scheduling.waiting_line": "it counts all who wait, and shows those within its reader's reach itself",
}
COUNTED = {"taken", "extra_minutes", "occupied"}  # what a candidate's booking changes of a session


async def test_every_table_is_under_row_security_its_owner_too(tx: Tx) -> None:
    """A new table: `select service.protect('…')` and its policies (migrations/README.md)."""
    free = await tx.fetch(
        """select c.oid::regclass::text as name from pg_class c
           where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text = any ($1)
             and not (c.relrowsecurity and c.relforcerowsecurity
                      and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'owner'
                                    and p.polroles = array[c.relowner])
                      and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'house'))""",
        SCHEMAS,
    )
    assert not free, "".join(
        f"\nselect service.protect('{row['name']}');"
        f"\ncreate policy own on {row['name']} to {APPLICATION}"
        "\n    using (candidate_id = (select service.acting_candidate()));   -- or whose else it is: migrations/README.md"
        for row in free
    )


async def test_what_is_public_is_so_by_name_and_with_its_reason(tx: Tx) -> None:
    rows = await tx.fetch(
        """select polrelid::regclass::text as name, polcmd::text as command, pg_get_expr(polqual, polrelid) as condition
           from pg_policy where polname = 'public'"""
    )
    assert {row["name"] for row in rows} == {*PUBLIC, "scheduling.sessions"}, "PUBLIC in tests/builders/reach.py"
    assert {row["command"] for row in rows} == {"r"}
    assert all("acting_role" in row["condition"] for row in rows)  # not for a connection on which nobody acts


async def test_no_policy_lets_just_anybody_pass(tx: Tx) -> None:
    """Each names the application, and each but the owner's asks who acts, or leaves that to a table it looks into."""
    rows = await tx.fetch(
        """select polrelid::regclass::text || '.' || polname as name, polname,
                  polroles = array[$1::regrole::oid] as for_application,
                  coalesce(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) as condition
           from pg_policy where polname <> 'owner'""",
        APPLICATION,
    )
    assert [row["name"] for row in rows if not row["for_application"]] == []
    asks = ("service.acting_", "service.plans", "service.reads", "service.receives", "EXISTS ( SELECT")
    assert [row["name"] for row in rows if not any(word in row["condition"] for word in asks)] == []


async def test_the_application_s_role_owns_nothing_and_is_above_nothing(tx: Tx) -> None:
    role = await tx.fetchrow("select * from pg_roles where rolname = $1", APPLICATION)
    assert role is not None
    for power in ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication", "rolcanlogin"):
        assert not role[power], power
    assert not await tx.fetchval("select exists (select from pg_class where relowner = $1::regrole)", APPLICATION)
    assert not await tx.fetchval("select exists (select from pg_proc where proowner = $1::regrole)", APPLICATION)
    assert not await tx.fetchval("select exists (select from pg_auth_members where member = $1::regrole)", APPLICATION)
    assert not await tx.fetchval("select has_schema_privilege($1, 'migrations', 'usage')", APPLICATION)
    assert not await tx.fetchval("select has_database_privilege($1, current_database(), 'create')", APPLICATION)
    for schema in (*SCHEMAS, "public"):
        assert not await tx.fetchval("select has_schema_privilege($1, $2, 'create')", APPLICATION, schema)
    for table in await tables(tx):
        assert not await tx.fetchval(
            "select has_table_privilege($1, $2, 'truncate, references, trigger')", APPLICATION, table
        )


async def test_what_it_cannot_do_with_the_database_itself(tx: Tx) -> None:
    await tx.execute(f"set local role {APPLICATION}")
    for forbidden in (
        "truncate scheduling.feeds",
        "drop table scheduling.feeds",
        "alter table scheduling.feeds disable row level security",
        "create policy mine on scheduling.feeds using (true)",
        "create table scheduling.mine (id int)",
        "create function public.mine() returns int language sql return 1",
        "select * from migrations.ran",
        "select service.protect('scheduling.feeds')",
        "delete from service.audit",
        "set local row_security = off; select * from scheduling.feeds",
    ):
        with_savepoint = tx.transaction()
        await with_savepoint.start()
        try:
            await tx.execute(forbidden)
        except asyncpg.InsufficientPrivilegeError:
            pass
        else:
            raise AssertionError(forbidden)
        finally:
            await with_savepoint.rollback()


async def test_views_show_what_their_reader_may_see(tx: Tx) -> None:
    rows = await tx.fetch(
        """select oid::regclass::text as name from pg_class
           where relkind in ('v', 'm') and relnamespace::regnamespace::text = any ($1)
             and not coalesce(reloptions, '{}') && '{security_invoker=true}'""",
        SCHEMAS,
    )
    assert {row["name"] for row in rows} == set(OPEN_VIEWS), "OPEN_VIEWS above; or leave (security_invoker = false) out"


async def test_a_function_with_its_owner_s_rights_has_its_search_path_pinned(tx: Tx) -> None:
    rows = await tx.fetch(
        """select oid::regprocedure::text as name, coalesce(proconfig, '{}') as settings from pg_proc
           where prosecdef and pronamespace::regnamespace::text = any ($1)""",
        SCHEMAS,
    )
    assert len(rows) > 30
    loose = [row["name"] for row in rows if "search_path=pg_catalog, pg_temp" not in row["settings"]]
    assert not loose, "".join(f"\nalter function {name} set search_path = pg_catalog, pg_temp;" for name in loose)


async def test_every_guard_judges_by_all_there_is(tx: Tx) -> None:
    """A trigger that saw the actor's rows only would miss the rival in the other centre."""
    rows = await tx.fetch(
        """select oid::regprocedure::text as name from pg_proc
           where prorettype = 'trigger'::regtype and not prosecdef and pronamespace::regnamespace::text = any ($1)""",
        SCHEMAS,
    )
    assert [row["name"] for row in rows] == []


async def test_of_a_session_a_candidate_moves_the_counter_and_nothing_else(tx: Tx) -> None:
    watched, every = await tx.fetchrow(
        """select array(select a.attname::text from pg_attribute a where a.attrelid = t.tgrelid and a.attnum = any (t.tgattr)),
                  array(select a.attname::text from pg_attribute a where a.attrelid = t.tgrelid and a.attnum > 0
                                                                     and not a.attisdropped)
           from pg_trigger t where t.tgname = 'only_counted' and t.tgrelid = 'scheduling.sessions'::regclass"""
    )
    assert set(every) - set(watched) == COUNTED
