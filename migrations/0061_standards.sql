-- Standards are written in the product: drafts that several people edit, one version in force, pictures, guidance.

alter table assessments.standards
    add column copied_from  uuid references assessments.standards,   -- what was in force when the draft was begun
    add column revision     int not null default 1 check (revision >= 1),
    add column drafted_at   timestamptz,
    add column drafted_by   uuid,
    add column edited_at    timestamptz,
    add column edited_by    uuid,
    add column published_by uuid,
    add column retired_by   uuid,
    add check (retired_at is null or published_at is not null),
    add check (retired_at >= published_at);
create unique index standards_in_force_idx on assessments.standards (unit_id)
    where published_at is not null and retired_at is null;

-- What is published or used stays as it is. It may be retired, once; a draft may be thrown away.
create or replace function assessments.keep_published_standard() returns trigger language plpgsql as $$
begin
    if old.published_at is null and not exists (select from scheduling.sessions s where s.standard_id = old.id) then
        return coalesce(new, old);
    end if;
    if tg_op = 'UPDATE' and to_jsonb(new) - '{retired_at,retired_by}'::text[] = to_jsonb(old) - '{retired_at,retired_by}'::text[]
       and (old.retired_at is null or to_jsonb(new) = to_jsonb(old)) then
        return new;
    end if;
    perform service.refuse('standard_published');
    return null;
end $$;
drop trigger keep_published on assessments.standards;
create trigger keep_published before update or delete on assessments.standards
    for each row execute function assessments.keep_published_standard();

-- A grid can be marked: criteria, each with indicators, of which as many are as its threshold asks for, and with words in
-- the two languages of juries.
create function assessments.can_be_marked(grid jsonb) returns boolean language sql immutable return (
    jsonb_array_length(grid -> 'criteria') > 0
    and not exists (
        select from jsonb_array_elements(grid -> 'criteria') c
        where jsonb_array_length(c -> 'indicators') = 0
           or (c ->> 'threshold')::int > jsonb_array_length(c -> 'indicators')
           or coalesce(c -> 'label' ->> 'fr', '') = '' or coalesce(c -> 'label' ->> 'nl', '') = ''
           or exists (select from jsonb_array_elements(c -> 'indicators') i
                      where coalesce(i -> 'label' ->> 'fr', '') = '' or coalesce(i -> 'label' ->> 'nl', '') = '')));

create function assessments.guard_publication() returns trigger language plpgsql as $$
begin
    if not assessments.can_be_marked(new.grid) then
        perform service.refuse('standard_incomplete');
    end if;
    return new;
end $$;
create trigger guard_publication before update on assessments.standards
    for each row when (old.published_at is null and new.published_at is not null)
    execute function assessments.guard_publication();

-- A session is held by a version that is published: by a draft nobody could be judged.
create function scheduling.guard_standard() returns trigger language plpgsql as $$
begin
    if not exists (select from assessments.standards st where st.id = new.standard_id and st.published_at is not null) then
        perform service.refuse('standard_unpublished');
    end if;
    return new;
end $$;
create trigger guard_standard before insert or update of standard_id on scheduling.sessions
    for each row execute function scheduling.guard_standard();

-- Pictures that a grid shows, by their content: the same picture is kept once, and what a version shows never changes.
create table assessments.pictures (
    sha256   text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    image    bytea not null check (length(image) between 1 and 1000000),   -- JPEG, encoded here
    width    int not null check (width between 1 and 1600),
    height   int not null check (height between 1 and 1600),
    added_at timestamptz not null,
    added_by uuid
);

create trigger audit after insert or update or delete on assessments.standards
    for each row execute function service.record_change('standard', 'version', 'revision');
create trigger audit after insert or update or delete on assessments.schemes
    for each row execute function service.record_change('scheme', 'code', 'revision');
create trigger audit after insert or delete on assessments.pictures
    for each row execute function service.record_change('picture', 'sha256');
