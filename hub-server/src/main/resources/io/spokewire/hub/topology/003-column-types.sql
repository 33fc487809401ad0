-- In which logical types columns travel, once that is agreed.
CREATE TABLE agreed_type (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  type TEXT NOT NULL,
  PRIMARY KEY (table_name, column_name)
);

-- The columns of each spoke that takes part, as its agent last reported them.
CREATE TABLE spoke_column (
  spoke TEXT NOT NULL,
  engine TEXT NOT NULL,
  table_name TEXT NOT NULL,
  place INTEGER NOT NULL,
  column_name TEXT NOT NULL,
  type TEXT NOT NULL,
  native_type TEXT NOT NULL,
  nullable INTEGER NOT NULL,
  identifies INTEGER NOT NULL,
  PRIMARY KEY (spoke, table_name, column_name)
);
