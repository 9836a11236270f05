-- Three more roles. A planner makes sessions and juries, a reception receives the candidates of the day, both in one
-- centre; an auditor reads one centre, or all of them (centre_id null), and learns nobody's name.

alter table service.accounts drop constraint accounts_role_check, drop constraint accounts_check2;
alter table service.accounts
    add constraint accounts_role_check check (role in (
        'candidate', 'assessor', 'manager', 'planner', 'reception', 'auditor', 'administrator')),
    add constraint accounts_centre_check check (case
        when role in ('manager', 'planner', 'reception') then centre_id is not null
        when role <> 'auditor' then centre_id is null
        else true end);
