-- Members. An epoch, once used under a name, is never used again: a spoke that is removed and
-- added anew must not be taken for its former self.
CREATE TABLE spoke (
  name TEXT NOT NULL PRIMARY KEY,
  direction TEXT NOT NULL,
  channel TEXT NOT NULL,
  engine TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  standing TEXT NOT NULL,
  reason TEXT NOT NULL,
  paused INTEGER NOT NULL,
  starts_after INTEGER NOT NULL,
  assume_identical INTEGER NOT NULL,
  session INTEGER NOT NULL
);

CREATE TABLE last_epoch (
  name TEXT NOT NULL PRIMARY KEY,
  epoch INTEGER NOT NULL
);

CREATE TABLE plan (
  version INTEGER NOT NULL PRIMARY KEY,
  text TEXT NOT NULL,
  position INTEGER NOT NULL,
  applied_micros INTEGER NOT NULL
);

-- Join tokens, known by the SHA-256 of their secret only.
CREATE TABLE join_token (
  hash BLOB NOT NULL PRIMARY KEY,
  spoke TEXT NOT NULL,
  expires_micros INTEGER NOT NULL,
  used_micros INTEGER
);

CREATE INDEX join_token_by_spoke ON join_token (spoke);

-- Certificates that open something. Removing a spoke, or joining it anew, takes its older ones out.
CREATE TABLE certificate (
  serial TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  not_after_micros INTEGER NOT NULL
);

CREATE INDEX certificate_by_name ON certificate (kind, name);
