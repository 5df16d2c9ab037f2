-- The ledger: runs, their pages, the originals, the typed rows and what was set aside.
-- The database enforces the page protocol: PLANNED -> LEASED -> CAPTURED -> COMPLETE, side exit QUARANTINED.

create table run (
  id              uuid        primary key,
  idempotency_key text        not null unique check (length(idempotency_key) between 1 and 200),
  window_start    timestamptz not null,
  window_end      timestamptz not null check (window_end > window_start),
  users           integer     not null check (users between 1 and 10000000),
  page_size       integer     not null check (page_size between 1 and 5000),
  seed            text,                                    -- null: the source draws freely (only with a gender)
  nat             text[]      not null default '{}',
  gender          text        check (gender in ('female', 'male')),
  state           text        not null default 'RUNNING'
                  check (state in ('RUNNING', 'COMPLETE', 'INCOMPLETE', 'CANCELLED')),
  created_at      timestamptz not null default now(),
  finished_at     timestamptz,
  max_run_seconds integer     check (max_run_seconds >= 1),
  deadline        timestamptz,                             -- over it the run stops like a cancel; null: none
  cause           text,                                    -- why it was stopped
  source_version  text,                                    -- info.version of its first captured page; another is refused
  flag            text,                                    -- what an operator should know: the source's version changed
  rest_until      timestamptz,                             -- after a page's own failure the run rests, see the hand-out
  check ((state = 'RUNNING') = (finished_at is null)),
  check (seed is null or gender is null)                   -- with a seed the source ignores gender
);
create index run_newest on run (created_at desc);
create index run_open on run (id) where state = 'RUNNING';

create table page (
  run_id        uuid        not null references run,
  page          integer     not null check (page >= 1),
  page_users    integer     not null check (page_users between 1 and 5000),
  source_seed   text,                                      -- a seed serves pages 1 to 10,000, then the next seed
  source_page   integer     not null check (source_page between 1 and 10000),
  state         text        not null default 'PLANNED'
                check (state in ('PLANNED', 'LEASED', 'CAPTURED', 'COMPLETE', 'QUARANTINED')),
  epoch         bigint      not null default 0,            -- the fencing number: who holds it may write
  lease_holder  text,                                      -- instance/life
  lease_since   timestamptz,
  lease_until   timestamptz,
  attempts      integer     not null default 0,            -- failed tries, not leases
  not_before    timestamptz not null default now(),        -- a failed page waits
  cause         text,                                      -- of the last failure
  -- capture facts, written once together
  captured_at   timestamptz,
  body_bytes    integer,
  body_sha256   bytea,
  encoder       smallint,                                  -- version of the encoding that the digest is taken over
  users         integer,                                   -- users that go on: page_users less the dead letters
  digest        bigint,
  -- acknowledgements
  stored        boolean     not null default false,
  published     boolean     not null default false,
  completed_at  timestamptz,
  primary key (run_id, page),
  check (num_nulls(lease_holder, lease_since, lease_until) in (0, 3)),
  check ((state = 'LEASED') <= (lease_holder is not null)),
  check ((state in ('CAPTURED', 'COMPLETE')) <= (num_nulls(captured_at, body_bytes, body_sha256, encoder, users, digest) = 0)),
  check ((state in ('PLANNED', 'LEASED')) <= (num_nonnulls(captured_at, body_bytes, body_sha256, encoder, users, digest) = 0)),
  check (users between 0 and page_users),
  check (not (stored or published) or captured_at is not null),
  check ((state = 'COMPLETE') = (completed_at is not null)),
  check (state <> 'COMPLETE' or (stored and published))
) with (fillfactor = 70);
-- what a worker may take next of a run, captured pages first; small, because a finished page leaves it
create index page_open on page (run_id, (state <> 'CAPTURED'), not_before, page)
  where state in ('PLANNED', 'LEASED', 'CAPTURED');
create index page_leased on page (run_id) where lease_until is not null;
create index page_captured on page (run_id) where state = 'CAPTURED'; -- a cancelled run still ends these
create index page_quarantined on page (run_id, page) where state = 'QUARANTINED';

create table response (
  run_id  uuid    not null,
  page    integer not null,
  body    bytea   not null,                                -- zstd of the bytes as the source sent them; lengths and hashes are in page
  primary key (run_id, page),
  foreign key (run_id, page) references page
);
alter table response alter column body set storage external; -- compressed already

create table users (
  run_id          uuid     not null,
  page            integer  not null,
  position        integer  not null,
  user_id         uuid     not null,
  nationality     text     not null,
  gender          text     not null,
  title           text,
  first_name      text,
  last_name       text,
  street_number   integer,
  street_name     text,
  city            text,
  state           text,
  country         text,
  postcode        text,
  latitude        double precision,
  longitude       double precision,
  timezone_offset text,
  timezone        text,
  email           text,
  username        text,
  born_at         timestamptz,
  age             integer,
  registered_at   timestamptz,
  registered_age  integer,
  phone           text,
  cell            text,
  id_name         text,
  id_value        text,
  picture         text,
  primary key (run_id, page, position)
);

create table dead_letter (
  run_id     uuid        not null,
  page       integer     not null,
  position   integer     not null,
  reason     text        not null,
  created_at timestamptz not null default now(),
  primary key (run_id, page, position),
  foreign key (run_id, page) references page
);

create function page_protocol() returns trigger language plpgsql as $$
begin
  if new.epoch < old.epoch then
    raise exception 'page % of run %: epoch may not fall from % to %', old.page, old.run_id, old.epoch, new.epoch
      using errcode = 'check_violation';
  end if;
  if old.state = 'COMPLETE' then
    raise exception 'page % of run % is COMPLETE and final', old.page, old.run_id using errcode = 'check_violation';
  end if;
  if not (case old.state
    when 'PLANNED'     then new.state in ('PLANNED', 'LEASED', 'QUARANTINED')
    when 'LEASED'      then new.state in ('PLANNED', 'LEASED', 'CAPTURED', 'QUARANTINED')
    when 'CAPTURED'    then new.state in ('CAPTURED', 'COMPLETE', 'QUARANTINED')
    when 'QUARANTINED' then new.state in ('QUARANTINED', 'PLANNED', 'CAPTURED')
  end) then
    raise exception 'page % of run %: % may not become %', old.page, old.run_id, old.state, new.state
      using errcode = 'check_violation';
  end if;
  if old.captured_at is not null
     and (new.captured_at, new.body_bytes, new.body_sha256, new.encoder, new.users, new.digest)
         is distinct from (old.captured_at, old.body_bytes, old.body_sha256, old.encoder, old.users, old.digest) then
    raise exception 'page % of run %: capture facts are written once', old.page, old.run_id using errcode = 'check_violation';
  end if;
  if (old.stored and not new.stored) or (old.published and not new.published) then
    raise exception 'page % of run %: an acknowledgement may not be taken back', old.page, old.run_id
      using errcode = 'check_violation';
  end if;
  if (new.run_id, new.page, new.page_users, new.source_seed, new.source_page)
     is distinct from (old.run_id, old.page, old.page_users, old.source_seed, old.source_page) then
    raise exception 'page % of run %: the plan is fixed', old.page, old.run_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger page_protocol before update on page for each row execute function page_protocol();
