-- What is known of a source's quota and what was taken of it: one row a source address, shared by every instance behind it.
-- Times are milliseconds of this database's clock since 1970, 0 is unknown; the meaning of the columns is in Pace.

create table source_pace (
  source             text    primary key check (length(source) between 1 and 2000),
  version            bigint  not null default 0,          -- every change counts it up: who read an older one reads again
  cap_users          bigint  not null default 0,          -- the learned size of the quota
  cap_requests       bigint  not null default 0,
  cap_sure           bigint  not null default 0,
  unit               bigint  not null default 0,          -- 0 unknown, 1 users, 2 requests
  answers_since_doubt bigint not null default 0,
  shortest_ms        bigint  not null default 0,          -- bounds of its learned period
  longest_ms         bigint  not null default 0,
  safe_ms            bigint  not null default 0,
  late_ms            bigint  not null default 0,
  openings           bigint  not null default 0,
  gaps_ms            bigint  not null default 0,
  window_no          bigint  not null default 0,          -- the current window
  window_whole       bigint  not null default 0,
  started_at_ms      bigint  not null default 0,
  users              bigint  not null default 0 check (users >= 0),
  requests           bigint  not null default 0 check (requests >= 0),
  in_flight          bigint  not null default 0 check (in_flight >= 0),
  sent_at_ms         bigint  not null default 0,
  spent              bigint  not null default 0,
  refused            bigint  not null default 0,
  out_of_step        bigint  not null default 0,
  spent_at_ms        bigint  not null default 0,
  tries              bigint  not null default 0,
  tried_at_ms        bigint  not null default 0,
  next_try_ms        bigint  not null default 0,
  trying_until_ms    bigint  not null default 0,
  paused_until_ms    bigint  not null default 0
) with (fillfactor = 50); -- changed twice a page: in place
