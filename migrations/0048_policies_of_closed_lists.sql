-- That its list is closed, or that it was cancelled, is told to whoever wants a place in a session: a candidate sees one
-- that was opened until its test is over, also when it takes no bookings any more. Of who is in it they see nothing.
create policy wanted on scheduling.sessions for select to preuve_application
    using ((select service.acting_candidate()) is not null and opened_at is not null and ended_at is null);
