-- Complaints: about conduct, a facility or staff. They have states of their own and never touch a result: who objects to
-- a decision appeals. late_for: the deadline that was missed and told.

create table assessments.complaints (
    id           uuid primary key default gen_random_uuid(),
    candidate_id uuid not null references assessments.candidates,
    centre_id    uuid not null references scheduling.centres,
    booking_id   uuid references scheduling.bookings,
    about        text not null check (about in ('conduct', 'facility', 'staff', 'other')),
    complaint    text not null constraint complaint_missing check (btrim(complaint) <> ''),
    lodged_at    timestamptz not null,
    take_up_by   date not null,
    due_on       date not null,
    taken_up_at  timestamptz,
    taken_up_by  uuid,                                -- an account
    answered_at  timestamptz,
    answered_by  uuid,                                -- an account
    finding      text check (finding in ('founded', 'partly', 'unfounded')),
    answer       text,
    withdrawn_at timestamptz,
    late_at      timestamptz,
    late_for     date,
    check ((answered_at is null) = (finding is null)),
    check (answered_at is null or taken_up_at is not null),
    check (answered_at is null or withdrawn_at is null),
    constraint complaint_answer_missing check (answered_at is null or coalesce(btrim(answer), '') <> '')
);
create index on assessments.complaints (centre_id, due_on);
create index on assessments.complaints (candidate_id);
create trigger audit after insert or update or delete on assessments.complaints
    for each row execute function service.record_change('complaint', 'about', 'finding', 'due_on');

-- About a test: the candidate's own, at that centre. Nobody takes up or answers what is said about the conduct or the
-- staff of a test whose jury they sat on. What has ended stays, but for the words.
create function assessments.guard_complaint() returns trigger language plpgsql as $$
declare
    words constant text[] := '{complaint,answer}';
begin
    if tg_op = 'INSERT' then
        if new.booking_id is not null and not exists (
                select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                where b.id = new.booking_id and b.candidate_id = new.candidate_id and s.centre_id = new.centre_id) then
            raise exception 'not a test of this candidate at this centre' using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if old.answered_at is not null or old.withdrawn_at is not null then
        if to_jsonb(new) - words = to_jsonb(old) - words and new.complaint = '–' and coalesce(new.answer, '–') = '–' then
            return new;
        end if;
        perform service.refuse('complaint_ended');
    end if;
    if new.about in ('conduct', 'staff') and exists (
            select from service.accounts k
            join scheduling.jury_seats j on j.assessor_id = k.assessor_id
            join scheduling.bookings b on b.session_id = j.session_id
            where b.id = new.booking_id
              and ((old.taken_up_at is null and k.id = new.taken_up_by) or k.id = new.answered_by)) then
        perform service.refuse('complaint_about_you');
    end if;
    return new;
end $$;
create trigger guard before insert or update on assessments.complaints
    for each row execute function assessments.guard_complaint();
