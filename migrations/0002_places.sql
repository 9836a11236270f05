-- Where: centres, their sites, rooms and equipment, when they are open and when they are not.

create table scheduling.centres (
    id     uuid primary key default gen_random_uuid(),
    code   text not null unique check (code ~ '^[a-z]{2,30}$'),
    name   text not null,
    sector service.label not null,
    email  text not null
);

create table scheduling.sites (
    id           uuid primary key default gen_random_uuid(),
    centre_id    uuid not null references scheduling.centres,
    name         text not null,
    street       text not null,
    postcode     text not null,
    municipality text not null,
    unique (id, centre_id),
    unique (centre_id, name)
);

create table scheduling.rooms (
    id         uuid primary key default gen_random_uuid(),
    centre_id  uuid not null,
    site_id    uuid not null,
    name       text not null,
    kind       text not null,
    stations   int not null check (stations > 0),
    accessible boolean not null default true,
    retired_at timestamptz,
    foreign key (site_id, centre_id) references scheduling.sites (id, centre_id),
    unique (id, centre_id),
    unique (site_id, name)
);

create table scheduling.equipment (
    id         uuid primary key default gen_random_uuid(),
    centre_id  uuid not null references scheduling.centres,
    kind       text not null,
    name       text not null,
    retired_at timestamptz,
    unique (centre_id, name)
);
create index on scheduling.equipment (centre_id, kind);

-- Wall-clock hours of a weekday (1 = Monday … 7 = Sunday) in Europe/Brussels.
create table scheduling.opening_hours (
    room_id uuid not null references scheduling.rooms,
    weekday int not null check (weekday between 1 and 7),
    opens   time not null,
    closes  time not null check (closes > opens),
    primary key (room_id, weekday, opens)
);

-- A closure of a centre, or of one of its rooms: a public holiday, works, a training that takes the room.
create table scheduling.closures (
    id        uuid primary key default gen_random_uuid(),
    centre_id uuid not null references scheduling.centres,
    room_id   uuid references scheduling.rooms,
    during    tstzrange not null check (not isempty(during)),
    reason    text not null
);
create index on scheduling.closures using gist (centre_id, during);
