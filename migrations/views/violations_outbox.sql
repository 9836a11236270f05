-- What happened has its consequences soon: ten minutes later every reaction is done, and none was given up.
create view service.violations_outbox (subject, detail, since) as
select id::text, format('%s is not done since %s', topic, occurred_at), occurred_at + interval '10 minutes'
from service.outbox where done_at is null and dead_at is null
union all
select id::text, format('%s was given up after %s attempts (%s)', topic, attempts, failure), '-infinity'
from service.outbox where done_at is null and dead_at is not null;
