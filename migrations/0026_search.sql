-- What a unit is searched by: its own and its trade's labels in four languages, its codes, the ESCO and ROME labels, and
-- what people call the trade. Prepared when the catalogue changes, never when somebody searches.

-- ROME 3.0 labels (France Travail), in French: the catalogue's files carry the codes.
create table assessments.rome_labels (
    rome  text primary key check (rome ~ '^[A-Z][0-9]{4}$'),
    label text not null
);
insert into assessments.rome_labels (rome, label) values
    ('F1601', 'Application et décoration en plâtre, stuc et staff'),
    ('F1602', 'Électricité bâtiment'),
    ('F1603', 'Installation d’équipements sanitaires et thermiques'),
    ('F1606', 'Peinture en bâtiment'),
    ('F1608', 'Pose de revêtements rigides'),
    ('F1610', 'Pose et restauration de couvertures'),
    ('F1703', 'Maçonnerie'),
    ('H2903', 'Conduite d’équipement d’usinage'),
    ('H2913', 'Soudage manuel'),
    ('H2914', 'Réalisation et montage en tuyauterie'),
    ('I1306', 'Installation et maintenance en froid, conditionnement d’air'),
    ('I1309', 'Maintenance électrique'),
    ('I1310', 'Maintenance mécanique industrielle'),
    ('I1401', 'Maintenance informatique et bureautique'),
    ('M1805', 'Études et développement informatique'),
    ('M1810', 'Production et exploitation de systèmes d’information'),
    ('N1101', 'Conduite d’engins de déplacement des charges'),
    ('N1103', 'Magasinage et préparation de commandes'),
    ('N4101', 'Conduite de transport de marchandises sur longue distance'),
    ('N4105', 'Conduite et livraison par tournées sur courte distance');

-- What people say, where no label says it. Ours, in French, Dutch, English and German.
create table assessments.everyday_words (
    trade_code text primary key check (trade_code ~ '^[A-Z]{4}$'),
    words      text not null
);
insert into assessments.everyday_words (trade_code, words) values
    ('CARI', 'cariste fenwick élévateur clark heftruck reachtruck forklift Gabelstapler Staplerfahrer'),
    ('CARR', 'carrelage faïence vloerder vloeren tegels tiler tiling Fliesenleger'),
    ('CHPL', 'camion camionneur routier vrachtwagen trucker truck lorry driver Lkw-Fahrer Lastwagen'),
    ('COUV', 'toiture toit toits dakwerker daken roofer roofing Dachdecker'),
    ('ELIN', 'électricien électricité elektricien elektriciteit electrician Elektriker Elektrik'),
    ('ELRE', 'électricien électricité elektricien elektriciteit electrician Elektriker Elektrik'),
    ('FRIG', 'froid climatisation frigoriste koeling airco refrigeration Kälte Klimaanlage'),
    ('HELP', 'support informatique dépannage IT-support Informatik'),
    ('LIVR', 'livreur coursier camionnette bestelwagen delivery van Lieferfahrer Fahrer'),
    ('MACO', 'maçonnerie briques metselwerk bakstenen bricklaying mason Maurer Mauern'),
    ('MAGA', 'entrepôt stock logistique magazijn warehouse Lager Lagerist'),
    ('MECA', 'mécanicien mécanique monteur maintenance mechanic Mechaniker Wartung'),
    ('PEIN', 'peinture peintre schilderwerk verf painter painting Maler Anstreicher'),
    ('PLAF', 'plâtre plafonnage stuc pleisterwerk pleisteraar plasterer plastering Verputzer Gips'),
    ('PLOM', 'plomberie plombier loodgieter loodgieterij plumber plumbing Klempner Installateur'),
    ('PREP', 'préparation commandes magasin orderpicking picking Kommissionierer'),
    ('RESE', 'réseaux cisco netwerk netwerken network networking Netzwerk'),
    ('SOUD', 'soudure souder laswerk lassen welder welding Schweißen'),
    ('TPCR', 'ordinateur informatique computer hardware pc-technieker Informatik'),
    ('TUYA', 'tuyauterie soudure pijpfitter pijpen pipe welder Rohrschweißer Rohre'),
    ('USIN', 'usinage tourneur fraiseur draaier frezer machining machinist Zerspanung'),
    ('WEBD', 'programmeur informatique site internet programmeren developer Programmierer');

create table assessments.search_texts (
    unit_id uuid primary key references assessments.units on delete cascade,
    folded  text not null                              -- lower case, without accents: "ß" is "ss"
);

-- Lower case, without accents and punctuation: how a text is compared with what somebody types.
create function assessments.folded(said text) returns text language sql stable strict parallel safe
return regexp_replace(lower(public.unaccent(said)), '[^a-z0-9]+', ' ', 'g');

create function assessments.search_text(a_unit uuid) returns text language sql stable return (
    select assessments.folded(concat_ws(' ', u.code, t.code,
               u.label ->> 'fr', u.label ->> 'nl', u.label ->> 'en', u.label ->> 'de',
               t.label ->> 'fr', t.label ->> 'nl', t.label ->> 'en', t.label ->> 'de',
               t.esco_label, t.rome, t.isco, r.label, w.words))
    from assessments.units u
    join assessments.trades t on t.id = u.trade_id
    left join assessments.rome_labels r on r.rome = t.rome
    left join assessments.everyday_words w on w.trade_code = t.code
    where u.id = a_unit);

create function assessments.prepare_search() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into assessments.search_texts (unit_id, folded)
    select u.id, assessments.search_text(u.id) from assessments.units u
        where u.id = new.id or u.trade_id = new.id
    on conflict (unit_id) do update set folded = excluded.folded;
    return null;
end $$;
create trigger prepare_search after insert or update on assessments.units
    for each row execute function assessments.prepare_search();
create trigger prepare_search after insert or update on assessments.trades
    for each row execute function assessments.prepare_search();

insert into assessments.search_texts (unit_id, folded) select u.id, assessments.search_text(u.id) from assessments.units u;

-- How near a unit comes to what was typed, from 0 to 1: the mean over the words, 0 where one of them is not there at all.
-- A short word may not differ as much as a long one: of four letters no two are left to chance.
create function assessments.nearness(folded text, typed text) returns real language sql stable parallel safe return (
    select coalesce(case when bool_and(w.near >= case when length(w.word) <= 4 then 0.6 else 0.45 end) then avg(w.near) end, 0)
    from (select word, word_similarity(word, folded) as near
          from unnest(string_to_array(btrim(assessments.folded(typed)), ' ')) word) w);
