-- Identity: how people and programs show who they are, and for how long that is believed.

-- A login says how it began and on what kind of device. confirmed_at: when its holder last showed anew who they are; what
-- weighs heavily asks for that to be recent. Null: not since it began.
alter table service.logins
    add column method text not null default 'mail' check (method in ('mail', 'provider', 'passkey', 'password')),
    add column device text not null default '' check (length(device) <= 60),
    add column confirmed_at timestamptz;

-- What a program shows instead of a cookie. Shown once, kept as a hash of its 256 bits.
create table service.tokens (
    id           uuid primary key default gen_random_uuid(),
    secret_hash  bytea not null unique check (length(secret_hash) = 32),
    account_id   uuid not null references service.accounts,
    name         text not null check (btrim(name) <> '' and length(name) <= 100),
    scopes       text[] not null check (cardinality(scopes) > 0),
    created_at   timestamptz not null,
    expires_at   timestamptz not null check (expires_at > created_at),
    last_used_at timestamptz,
    revoked_at   timestamptz
);
create index on service.tokens (account_id) where revoked_at is null;

-- A sign-in under way with an OpenID provider or a passkey, or a passkey being added. What must come back (state or
-- challenge) is derived from the id and a key outside the database, as are nonce and verifier; only its hash is here. The
-- row is deleted by the answer: there is no second one.
create table service.ceremonies (
    id          uuid primary key,
    kind        text not null check (kind in ('provider', 'passkey', 'registration')),
    answer_hash bytea not null unique check (length(answer_hash) = 32),
    account_id  uuid references service.accounts on delete cascade,
    onward      text not null default '' check (length(onward) <= 500),
    began_at    timestamptz not null,
    expires_at  timestamptz not null
);
create index on service.ceremonies (expires_at);
create index on service.ceremonies (account_id) where account_id is not null;

-- Whom an OpenID provider means by a subject: linked at the first sign-in, by an address that the provider has verified.
create table service.provider_subjects (
    id         uuid primary key default gen_random_uuid(),
    issuer     text not null check (length(issuer) <= 500),
    subject    text not null check (length(subject) between 1 and 255),
    account_id uuid not null references service.accounts,
    linked_at  timestamptz not null,
    unique (issuer, subject),
    unique (account_id, issuer)
);

-- Public keys that a device keeps the other half of. sign_count: a key whose counter goes back was copied.
create table service.passkeys (
    id            uuid primary key default gen_random_uuid(),
    account_id    uuid not null references service.accounts,
    credential_id bytea not null check (length(credential_id) between 1 and 1023),
    public_key    bytea not null,
    sign_count    bigint not null check (sign_count >= 0),
    name          text not null check (btrim(name) <> '' and length(name) <= 100),
    added_at      timestamptz not null,
    last_used_at  timestamptz,
    constraint passkey_known unique (credential_id)
);
create index on service.passkeys (account_id);

-- argon2id, with its parameters and salt in the text. Only where an installation has turned passwords on.
create table service.passwords (
    account_id uuid primary key references service.accounts,
    hash       text not null check (hash like '$argon2id$%'),
    set_at     timestamptz not null
);

-- In the audit trail: that a way in was added, changed or taken away, whose it is and how far it goes. Never a secret, a
-- hash, a name somebody gave it, or a use of it. The argument: what it is called.
create function service.record_way_in() returns trigger language plpgsql as $$
declare
    fact    constant jsonb := to_jsonb(coalesce(new, old));
    account service.accounts;
begin
    select * into account from service.accounts a where a.id = (fact ->> 'account_id')::uuid;
    insert into service.audit (actor, role, action, centre_id, subject, subject_id, candidate_id, changes)
    values (nullif(current_setting('preuve.actor', true), '')::uuid, nullif(current_setting('preuve.role', true), ''),
            tg_argv[0] || '.' || case when tg_op = 'INSERT' then 'added' when tg_op = 'DELETE' then 'removed'
                                      when to_jsonb(new) ->> 'revoked_at' is not null then 'revoked' else 'changed' end,
            account.centre_id, tg_table_schema || '.' || tg_table_name, coalesce(fact ->> 'id', fact ->> 'account_id')::uuid,
            account.candidate_id,
            (select coalesce(jsonb_object_agg(c.key, case tg_op when 'DELETE' then jsonb_build_array(c.value, null)
                                                                else jsonb_build_array(null, c.value) end), '{}')
             from jsonb_each(jsonb_strip_nulls(fact)) c where c.key in ('account_id', 'scopes', 'expires_at')));
    return null;
end $$;

create trigger audit after insert or delete or update of revoked_at, scopes, expires_at on service.tokens
    for each row execute function service.record_way_in('token');
create trigger audit after insert or delete on service.provider_subjects
    for each row execute function service.record_way_in('provider_subject');
create trigger audit after insert or delete or update of public_key on service.passkeys
    for each row execute function service.record_way_in('passkey');
create trigger audit after insert or delete or update of hash on service.passwords
    for each row execute function service.record_way_in('password');
