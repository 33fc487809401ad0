package io.spokewire.simulation;

import io.spokewire.common.change.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What users do: short transactions on few rows, so that sites meet on them. */
final class Workload {
  private static final int MOST_STATEMENTS = 4;
  private static final int DETAILS = 1000;
  private static final int FREE_KEYS = 4; // beyond those that rows are inserted with
  private static final int OWN_ROWS = 1000; // of who only sends, from here on

  private final World world;
  private final Scenario scenario;
  private boolean stopped;

  Workload(World world, Scenario scenario) {
    this.world = world;
    this.scenario = scenario;
  }

  /** Users of this site begin to work. */
  void begin(Site site) {
    world.schedule.after(world.random.nextLong(2 * scenario.thinkMicros()), () -> transact(site));
  }

  /** No new transaction begins; those that are open end. */
  void stop() {
    stopped = true;
  }

  private void transact(Site site) {
    if (stopped || site.isGone()) {
      return;
    }
    SimulatedDatabase database = site.database();
    if (database.isUp() && database.open().size() < 3) {
      int dot = world.history.newDot();
      String label = site.name() + "-" + dot;
      LocalTransaction transaction =
          new LocalTransaction(database, this, dot, label, statements(site));
      database.open().add(transaction);
      world.schedule.after(world.random.nextInt(3_000), () -> step(transaction));
    }
    begin(site);
  }

  private void step(LocalTransaction transaction) {
    if (!transaction.isOver()) {
      transaction.step();
      world.schedule.after(
          world.random.nextInt(10) == 0
              ? world.random.nextInt(300_000)
              : world.random.nextInt(6_000),
          () -> step(transaction));
    }
  }

  /** The fields that count as written when one of a row was: those that belong to it. */
  List<Integer> together(Tables.Key key, int field) {
    int first = 6;
    int second = 7;
    boolean grouped =
        scenario.features().has(Feature.GROUPS)
            && key.table() == Tables.STOCK
            && (field == first || field == second);
    return grouped ? List.of(first, second) : List.of(field);
  }

  private List<LocalTransaction.Statement> statements(Site site) {
    List<LocalTransaction.Statement> statements = new ArrayList<>();
    int count = 1 + world.random.nextInt(world.random.nextInt(MOST_STATEMENTS) + 1);
    for (int i = 0; i < count; i++) {
      boolean stock = world.random.nextInt(3) > 0;
      TableSchema table = stock ? Tables.STOCK : Tables.LEDGER;
      int id = world.random.nextInt(scenario.rows());
      if (world.random.nextDouble() < scenario.affinity()) {
        id = id - id % scenario.spokes() + site.index() % scenario.spokes();
      }
      boolean delete = stock && world.random.nextDouble() < scenario.deletes() && mayDelete();
      boolean alone = !stock && !site.direction().receives();
      Tables.Key key = new Tables.Key(table, alone ? OWN_ROWS + id : id);
      LocalTransaction.Kind kind = kind(delete, alone || site.direction().receives());
      statements.add(
          stock && changesKey()
              ? keyChange(key)
              : new LocalTransaction.Statement(key, null, kind, world.random.nextInt()));
    }
    return statements;
  }

  private boolean changesKey() {
    return scenario.features().has(Feature.KEYS) && world.random.nextInt(6) == 0;
  }

  private LocalTransaction.Statement keyChange(Tables.Key key) {
    boolean swaps = world.random.nextInt(3) == 0;
    int id = world.random.nextInt(scenario.rows() + (swaps ? 0 : FREE_KEYS));
    return new LocalTransaction.Statement(
        key,
        new Tables.Key(key.table(), id == key.id() ? id + 1 : id),
        swaps ? LocalTransaction.Kind.SWAP : LocalTransaction.Kind.RENUMBER,
        0);
  }

  /** Who only sends would go on changing rows that are gone. */
  private boolean mayDelete() {
    return !scenario.features().has(Feature.SENDER);
  }

  private static LocalTransaction.Kind kind(boolean delete, boolean adds) {
    if (delete) {
      return LocalTransaction.Kind.DELETE;
    }
    return adds ? LocalTransaction.Kind.WRITE : LocalTransaction.Kind.WRITE_NO_SUM;
  }

  /** A new row. */
  String[] fresh(Tables.Key key, String label, int seed) {
    Random random = new Random(seed);
    if (key.table() == Tables.LEDGER) {
      return new String[] {id(key), label, Integer.toString(random.nextInt(10))};
    }
    String pair = Integer.toString(random.nextInt());
    boolean grouped = scenario.features().has(Feature.GROUPS);
    String second = grouped ? detail(pair, random) : pair;
    return new String[] {
      id(key),
      label,
      number(random),
      number(random),
      number(random),
      Integer.toString(random.nextInt(10)),
      pair,
      second
    };
  }

  /** The row after an update. */
  String[] changed(Tables.Key key, String[] before, String label, int seed) {
    Random random = new Random(seed);
    String[] after = before.clone();
    if (key.table() == Tables.LEDGER) {
      after[1] = before[1] + "," + label;
      if (random.nextBoolean()) {
        after[2] = add(before[2], random);
      }
      return after;
    }
    for (int i = 0; i < 1 + random.nextInt(2); i++) {
      switch (random.nextInt(6)) {
        case 0 -> after[1] = label;
        case 1 -> after[2] = number(random);
        case 2 -> after[3] = number(random);
        case 3 -> after[4] = number(random);
        case 4 -> after[5] = add(after[5], random);
        default -> {
          boolean grouped = scenario.features().has(Feature.GROUPS);
          if (!grouped || random.nextBoolean()) {
            after[6] = Integer.toString(random.nextInt());
          }
          after[7] = grouped ? detail(after[6], random) : after[6];
        }
      }
    }
    return after;
  }

  /** A value that belongs to another column's; some user may write it alone. */
  private static String detail(String of, Random random) {
    return Long.toString(Long.parseLong(of) * DETAILS + random.nextInt(DETAILS));
  }

  /** Whether two columns that belong together do. */
  boolean belong(String first, String second) {
    return scenario.features().has(Feature.GROUPS)
        ? Math.floorDiv(Long.parseLong(second), (long) DETAILS) == Long.parseLong(first)
        : first.equals(second);
  }

  private static String id(Tables.Key key) {
    return Integer.toString(key.id());
  }

  /** What is written back to a value that the hub replaces counts as not pending: rarely, then. */
  private String number(Random random) {
    return Integer.toString(
        1 + random.nextInt(scenario.features().has(Feature.PROTECTS) ? 1_000_000_000 : 49));
  }

  private static String add(String value, Random random) {
    return Long.toString(Long.parseLong(value) + List.of(-3, 1, 5).get(random.nextInt(3)));
  }
}
