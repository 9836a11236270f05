-- A person with two roles has two addresses: who plans, receives, audits or is tested sits in no jury under the same one.
alter table service.accounts add constraint accounts_assessor_check check (
    assessor_id is null or role in ('assessor', 'manager', 'administrator'));
