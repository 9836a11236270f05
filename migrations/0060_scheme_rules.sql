-- Schemes are edited in the product: the rules that were still missing among their columns, and who changed them last.

alter table assessments.schemes
    -- Nothing of a session is told before every one of its candidates has a decision.
    add column release_together boolean not null default false,
    add column languages        text[] not null default '{fr,nl,en,de}'
        check (languages <@ array['fr', 'nl', 'en', 'de'] and languages <> '{}'),
    -- Days between a failure and the next test of the same unit; 0: at once, in any centre.
    add column retake_wait_days int not null default 0 check (retake_wait_days between 0 and 366),
    -- Criteria bear a weight, and a result is also a weighted percentage.
    add column weighted         boolean not null default false,
    -- Grows with each change: who edits says which one they saw.
    add column revision         int not null default 1 check (revision >= 1),
    add column changed_at       timestamptz,
    add column changed_by       uuid;

update assessments.schemes set languages = '{fr,nl}' where code = 'validation';
update assessments.schemes set languages = '{fr,nl,en}' where code = 'screening';
update assessments.schemes set languages = '{nl}' where code = 'evc';
