-- When the log had reached which position, noted now and then: how old what a spoke lacks is.
CREATE TABLE log_time (
  position INTEGER NOT NULL PRIMARY KEY,
  micros INTEGER NOT NULL
);
