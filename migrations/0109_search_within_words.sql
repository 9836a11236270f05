-- Words that only look alike: what was typed has to be found within one word. Similarity to a whole text pieces its letters
-- together from several ("koken", to cook, was "koelkring" and "maken"), and slips of the pen seldom spare the rest of a word
-- and hit its first letter ("cuisinier" is no "magasinier").

-- What plasterers call themselves in Flanders.
update assessments.everyday_words set words = words || ' plakker' where trade_code = 'PLAF';
update assessments.search_texts x set folded = assessments.search_text(x.unit_id)
    from assessments.units u join assessments.trades t on t.id = u.trade_id
    where u.id = x.unit_id and t.code = 'PLAF';

-- How near a unit comes to what was typed, from 0 to 1: the mean over the words, 0 where one of them is not there at all. A
-- word is there if it is like one of the text's (a short one more so than a long one, of which the beginning is right), as
-- it is or as a part of it, or if one of them is a part of it: "vorkheftruck".
create or replace function assessments.nearness(folded text, typed text) returns real language sql stable parallel safe return (
    select coalesce(case when bool_and(w.near >= 0.45 and exists (
               select from unnest(string_to_array(folded, ' ')) one
               where word_similarity(w.word, one)
                         >= case when length(w.word) > 4 and left(one, 1) = left(w.word, 1) then 0.5 else 0.6 end
                  or length(one) > 5 and strpos(w.word, one) > 0)) then avg(w.near) end, 0)
    from (select word, word_similarity(word, folded) as near
          from unnest(string_to_array(btrim(assessments.folded(typed)), ' ')) word) w);
