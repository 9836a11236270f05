-- An address that staff asked for takes nobody's account: a second person approves it, the old address can stop it for a
-- time set when it is asked (three days; never less than one), and only then does a link go to the new one.

alter table service.rectifications
    add column seen_booking_id uuid references scheduling.bookings on delete set null,  -- where the candidate showed who they are
    add column ripe_at     timestamptz,  -- not before; null: the candidate asked, signed in anew
    add column stop_hash   bytea unique check (length(stop_hash) = 32),
    add column approved_at timestamptz,
    add column approved_by uuid references service.accounts,
    add column sent_at     timestamptz,  -- the link went to the new address
    add column stopped_at  timestamptz,  -- by whoever reads the old one, or is signed in as the candidate
    add check (num_nonnulls(ripe_at, stop_hash) in (0, 2)),
    add check (ripe_at is null or email is not null),
    add check (ripe_at >= asked_at + interval '24 hours'),
    add check (num_nonnulls(approved_at, approved_by) in (0, 2)),
    add check (approved_by <> asked_by),
    add check (stopped_at is null or ended_at is not null),
    add check (sent_at is null or (approved_at is not null and sent_at >= ripe_at)),
    add check (carried_out_at is null or ripe_at is null or (sent_at is not null and carried_out_at >= ripe_at));

-- What was asked before this, and not by the candidate, is asked again.
update service.rectifications r set ended_at = now()
where r.email is not null and r.carried_out_at is null and r.ended_at is null
  and not exists (select from service.accounts k where k.id = r.asked_by and k.candidate_id = r.candidate_id);

-- An address goes without the wait only when the candidate's own account asks for it; who asked, what for and until when it
-- can be stopped never changes; a manager approves it under their own name.
create function service.guard_readdressing() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if new.email is not null and new.ripe_at is null and not exists (
                select from service.accounts k where k.id = new.asked_by and k.candidate_id = new.candidate_id) then
            raise exception 'only candidates have their address changed without a second person'
                using errcode = 'insufficient_privilege';
        end if;
        if num_nonnulls(new.approved_at, new.sent_at) > 0 then
            raise exception 'nothing is approved as it is asked' using errcode = 'insufficient_privilege';
        end if;
        return new;
    end if;
    if (new.candidate_id, new.email, new.token_hash, new.asked_by, new.asked_at, new.ripe_at, new.stop_hash) is distinct from
       (old.candidate_id, old.email, old.token_hash, old.asked_by, old.asked_at, old.ripe_at, old.stop_hash) then
        raise exception 'what was asked stays as it was asked' using errcode = 'insufficient_privilege';
    end if;
    if new.approved_by is distinct from old.approved_by and (
           old.approved_by is not null
           or coalesce(service.acting_role(), '') not in ('manager', 'administrator')
           or new.approved_by is distinct from service.acting_account()) then
        raise exception 'a manager approves it, under their own name' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger guard_readdressing before insert or update on service.rectifications
    for each row execute function service.guard_readdressing();
