package io.spokewire.deploy.bench;

/** The benchmark's statements in an engine's own words. */
enum Dialect {
  POSTGRES {
    @Override
    String[] tables() {
      return new String[] {
        "CREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL, amount int NOT NULL,"
            + " price numeric(10,2) NOT NULL, touched timestamptz NOT NULL, note text NOT NULL)",
        "CREATE TABLE finish (id bigint PRIMARY KEY)"
      };
    }

    @Override
    String numbers(String first, int count) {
      return "generate_series(%1$s, %1$s + %2$d - 1) AS s (seq)".formatted(first, count);
    }

    @Override
    String number(String first) {
      return "s.seq";
    }

    @Override
    String loop(int times, String statement) {
      return "DO $$ BEGIN FOR i IN 1..%d LOOP %s; COMMIT; END LOOP; END $$"
          .formatted(times, statement);
    }

    @Override
    String[] makeInHaste() {
      return new String[] {"SET synchronous_commit = off"};
    }

    @Override
    String[] settle() {
      return new String[] {"CHECKPOINT"}; // no server has that to do in the measurement
    }
  },

  MARIADB {
    @Override
    String[] tables() {
      return new String[] {
        "CREATE TABLE item (id bigint PRIMARY KEY, name varchar(100) NOT NULL, amount int NOT NULL,"
            + " price decimal(10,2) NOT NULL, touched timestamp(6) NOT NULL,"
            + " note varchar(200) NOT NULL)",
        "CREATE TABLE finish (id bigint PRIMARY KEY)"
      };
    }

    @Override
    String numbers(String first, int count) {
      return "seq_0_to_%d AS s".formatted(count - 1);
    }

    @Override
    String number(String first) {
      return "(%s + s.seq)".formatted(first);
    }

    @Override
    String loop(int times, String statement) {
      return "BEGIN NOT ATOMIC FOR i IN 1..%d DO START TRANSACTION; %s; COMMIT; END FOR; END"
          .formatted(times, statement);
    }

    @Override
    String[] makeInHaste() {
      return new String[] {
        "SET GLOBAL sync_binlog = 0", "SET GLOBAL innodb_flush_log_at_trx_commit = 2"
      };
    }

    @Override
    String[] settle() {
      return new String[] {
        "SET GLOBAL innodb_flush_log_at_trx_commit = 1", "SET GLOBAL sync_binlog = 1"
      };
    }
  };

  abstract String[] tables();

  /** What to select from to get so many numbers. */
  abstract String numbers(String first, int count);

  /** One of them. */
  abstract String number(String first);

  /** A statement so many times, each in a transaction of its own, with the turn as {@code i}. */
  abstract String loop(int times, String statement);

  /** Work that piles up is made without waiting for the disk at each commit. */
  abstract String[] makeInHaste();

  /** Ends that, and what else is left to do, before the measurement. */
  abstract String[] settle();

  String insert(String first, int count) {
    return "INSERT INTO item SELECT %s FROM %s"
        .formatted(columns(number(first)), numbers(first, count));
  }

  String insertOne(String id) {
    return "INSERT INTO item VALUES (%s)".formatted(columns(id));
  }

  private static String columns(String id) {
    return "%1$s, concat('item number ', %1$s), %1$s %% 1000, (%1$s %% 10000) / 100.0, now(),"
            .formatted(id)
        + " repeat('x', 60)";
  }
}
