-- Slips of the pen, and no other likeness: a word that was typed has to be one that is written, with a letter or two wrong,
-- or a part of it. That two words share some groups of three letters says little: "professeur" was "professionnel",
-- "werken" (to work) was "netwerken", and "tiel" was not "tile". 0109 said it by such groups; nearness() is still there for
-- the version before this one.
create extension if not exists fuzzystrmatch;

-- The words of what was typed that tell one test from another: "un test de soudure" is about "soudure". Left out is what is
-- an article or the like in one of the four languages, and what every test here is; where nothing else was typed, nothing
-- is left out. `swapped`: the word with two neighbouring letters exchanged, wherever they stand.
create function assessments.telling_words(typed text) returns table (word text, swapped text[]) language sql stable
parallel safe rows 3 begin atomic
    with said as (
        select distinct w.word, ts_lexize('french_stem', w.word) = '{}' or ts_lexize('dutch_stem', w.word) = '{}'
                             or ts_lexize('english_stem', w.word) = '{}' or ts_lexize('german_stem', w.word) = '{}'
                             or w.word in ('test', 'tests', 'epreuve', 'epreuves', 'examen', 'exam', 'proef', 'toets',
                                           'prufung', 'screening', 'validation', 'titre', 'certificat', 'certificaat',
                                           'certificate', 'zertifikat', 'metier', 'beroep', 'trade', 'beruf') as idle
        from unnest(string_to_array(btrim(assessments.folded(typed)), ' ')) w (word))
    select s.word, array(select overlay(s.word placing substr(s.word, n + 1, 1) || substr(s.word, n, 1) from n for 2)
                         from generate_series(1, length(s.word) - 1) n where length(s.word) > 3)
    from said s where not s.idle or (select bool_and(a.idle) from said a);
end;

-- How surely `word` is meant as `written`, from 0 to 1. Begun, or a part of a compound ("vorkheftruck", "techniek"; what is
-- left over is a word too, and not the three letters of "netwerken"); of the same beginning ("koeltechniek" and
-- "koeltechnicus"); or with slips: one in four letters, two in eight. They seldom hit the first letter of a short word,
-- unless by leaving it out ("slager", a butcher, is no "lager").
create function assessments.meant_as(word text, swapped text[], written text) returns real language sql immutable
parallel safe return case
    when word = written then 1
    when length(word) > 2 and starts_with(written, word) or length(written) > 4 and starts_with(word, written)
      or length(word) > 4 and length(written) > length(word) + 3 and right(written, length(word)) = word
      or length(written) > 4 and length(word) > length(written) + 3 and length(word) <= 2 * length(written)
         and right(word, length(written)) = written then 0.9
    when length(word) > 5 and length(written) <= 5 + greatest(5, length(word) * 2 / 3)
      and starts_with(written, left(word, greatest(5, length(word) * 2 / 3))) then 0.75
    when length(word) < 4 or abs(length(written) - length(word)) > 2 and length(written) < length(word) then 0
    when written = any (swapped) or right(written, -1) = word then 0.75
    when left(word, 1) <> left(written, 1)
        then case when length(word) > 7 and levenshtein_less_equal(word, written, 1) <= 1 then 0.75 else 0 end
    when levenshtein_less_equal(word, written, case when length(word) > 7 then 2 else 1 end)
             <= case when length(word) > 7 then 2 else 1 end
      or length(word) > 6 and levenshtein_less_equal(word, left(written, length(word)), 1) <= 1 then 0.75
    else 0 end;

-- The units that what was typed can mean, each with how surely, from 0 to 1: the mean over the words, all of which are there.
-- Each word is held against each word of the catalogue once.
create function assessments.units_meant(typed text) returns table (unit_id uuid, near real) language sql stable
parallel safe rows 10 begin atomic
    with said as materialized (select t.word, t.swapped from assessments.telling_words(typed) t),
    catalogue as materialized (
        select distinct x.unit_id, w.written from assessments.search_texts x, unnest(string_to_array(x.folded, ' ')) w (written)),
    meant as materialized (
        select s.word, c.written, assessments.meant_as(s.word, s.swapped, c.written) as sure
        from said s, (select distinct written from catalogue) c),
    found as (
        select c.unit_id, m.word, max(m.sure) as sure
        from meant m join catalogue c on c.written = m.written where m.sure > 0 group by c.unit_id, m.word)
    select f.unit_id, avg(f.sure)::real from found f group by f.unit_id having count(*) = (select count(*) from said);
end;
