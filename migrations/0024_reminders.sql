-- Letters with papers, reminders before a test and their answers, and short messages to telephones.

-- A paper that travels with a letter; wiped like the letter's body when it has left.
create table service.mail_attachments (
    mail_id    bigint not null references service.mails on delete cascade,
    name       text not null check (name ~ '^[\w.-]{1,150}$'),
    media_type text not null check (media_type ~ '^[a-z]+/[a-z.+-]+$'),
    content    bytea not null,
    primary key (mail_id, name)
);

-- What a candidate was reminded of, once per booking, reminder and day of the test: a test that is moved to another day
-- is reminded of anew. release_at: unless they confirm that they come, the seat is given to somebody else then.
create table service.reminders (
    booking_id   uuid not null references scheduling.bookings,
    days_before  int not null check (days_before between 0 and 60),
    test_day     date not null,
    reminded_at  timestamptz not null,
    asks         boolean not null,
    release_at   timestamptz check (release_at > reminded_at),
    unanswered_at timestamptz,                         -- the seat was given away
    check (release_at is null or asks),
    primary key (booking_id, days_before, test_day)
);
create index on service.reminders (release_at) where release_at is not null and unanswered_at is null;

-- A candidate's word that they come, for the test as it was planned then: a test that was moved is asked about anew.
create table scheduling.confirmations (
    id                     uuid primary key default gen_random_uuid(),
    booking_id             uuid not null references scheduling.bookings,
    starts_at              timestamptz not null,
    attending_confirmed_at timestamptz not null,
    attending_confirmed_by uuid,
    unique (booking_id, starts_at)
);
create trigger audit after insert or update or delete on scheduling.confirmations
    for each row execute function service.record_change('confirmation', 'starts_at');

-- Who wants short messages on their telephone, and since when; the row goes when they no longer do.
create table service.text_wishes (
    candidate_id uuid primary key references assessments.candidates,
    wished_at    timestamptz not null,
    wished_by    uuid not null
);
create trigger audit after insert or update or delete on service.text_wishes
    for each row execute function service.record_change('text_wish');

-- A short message per outbox row and candidate. Number and text are wiped when it has left.
create table service.texts (
    id           bigint generated always as identity primary key,
    outbox_id    bigint not null,
    candidate_id uuid not null references assessments.candidates,
    number       text not null,
    body         text not null,
    segments     int not null check (segments > 0),   -- as the network counts and charges
    written_at   timestamptz not null,
    attempts     int not null default 0,
    retry_at     timestamptz,
    failure      text,
    sent_at      timestamptz,
    given_up_at  timestamptz,
    unique (outbox_id, candidate_id)
);
create index texts_unsent on service.texts (id) where sent_at is null and given_up_at is null;
create index on service.texts (candidate_id);
