-- Those who come together are noted together, and nobody waits until it is on the disk: what a crash forgets of it ends a
-- login seconds earlier at most. Whose login another process is noting at this moment is seen there.
create function service.logins_seen(secret_hashes bytea[], moment timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$ begin
    perform set_config('synchronous_commit', 'off', true);
    update service.logins l set seen_at = moment
        from (select s.id from service.logins s where s.secret_hash = any (secret_hashes) and s.seen_at < moment
              for no key update skip locked) s
        where l.id = s.id;
end $$;
drop function service.login_seen;
