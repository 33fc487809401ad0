package io.spokewire.hub.observe;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowHeads;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * Counts what became part of the log: rows per table and operation, how fast they come, conflicts
 * and errors. {@code logged} and {@code committed} are called by the sequencer's thread only, the
 * rest from any. Counts start with the process.
 */
public final class FlowMeter {
  private static final int SECONDS = 60;
  private static final int MINUTES = 24 * 60;

  private final TimeSource time;
  private final SchemaBook schemas;
  private final Map<TableName, Counter> tables = new ConcurrentHashMap<>();
  private final Map<SchemaId, Counter> bySchema = new HashMap<>(); // the writer's short cut
  private final Map<Count, LongAdder> conflicts = new ConcurrentHashMap<>();
  private final Map<Count, LongAdder> errors = new ConcurrentHashMap<>();
  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong rows = new AtomicLong();
  private final Rate seconds = new Rate(SECONDS);
  private final Rate minutes = new Rate(MINUTES);
  private final Rate errorMinutes = new Rate(MINUTES);
  private final long startedSecond;
  private volatile long peakPerSecond;

  public FlowMeter(TimeSource time, SchemaBook schemas) {
    this.time = time;
    this.schemas = schemas;
    this.startedSecond = time.nanos() / 1_000_000_000L;
  }

  /** Rows of a transaction, or of a part of it, that is durable now. */
  public void logged(RowBlock block) {
    RowHeads heads = new RowHeads(block);
    while (heads.next()) {
      Counter counter = bySchema.get(heads.schema());
      if (counter == null) {
        TableName table = schemas.get(heads.schema()).table();
        counter = tables.computeIfAbsent(table, t -> new Counter());
        bySchema.put(heads.schema(), counter);
      }
      counter.add(heads.operation());
    }
    rows.setPlain(rows.getPlain() + block.rows());
  }

  /** A group of this many transactions with so many rows is durable. */
  public void committed(int groupTransactions, long groupRows) {
    transactions.addAndGet(groupTransactions);
    rows.set(rows.getPlain());
    long second = second();
    long before = seconds.add(second, groupRows);
    minutes.add(second / 60, groupRows);
    peakPerSecond = Math.max(peakPerSecond, before);
  }

  /** A conflicting field was settled by this strategy. */
  public void conflict(TableName table, String strategy) {
    conflicts.computeIfAbsent(new Count(table, strategy), c -> new LongAdder()).increment();
  }

  /** Something of a table went wrong at a spoke. */
  public void error(TableName table, String type) {
    errors(table, type, 1);
  }

  /** Something of a table, or of any ({@code *}), went wrong at a spoke so many times. */
  public void errors(TableName table, String type, long times) {
    errors.computeIfAbsent(new Count(table, type), c -> new LongAdder()).add(times);
    errorMinutes.add(second() / 60, times);
  }

  public Map<Count, Long> conflicts() {
    return read(conflicts);
  }

  public Map<Count, Long> errors() {
    return read(errors);
  }

  /** Row changes by table and operation ({@code insert}, {@code update}, {@code delete}). */
  public Map<Count, Long> operations() {
    Map<Count, Long> all = new HashMap<>();
    tables.forEach(
        (table, counter) -> {
          TableRows rows = counter.read();
          all.put(new Count(table, "insert"), rows.inserts());
          all.put(new Count(table, "update"), rows.updates());
          all.put(new Count(table, "delete"), rows.deletes());
        });
    return all;
  }

  private static Map<Count, Long> read(Map<Count, LongAdder> counts) {
    return counts.entrySet().stream()
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> e.getValue().sum()));
  }

  /** A table with what is counted of it: an operation, a type of error, a strategy. */
  public record Count(TableName table, String what) {}

  /** Rows by table, for tables that had any. */
  public SortedMap<TableName, TableRows> tables() {
    SortedMap<TableName, TableRows> all = new TreeMap<>();
    tables.forEach((table, counter) -> all.put(table, counter.read()));
    return all;
  }

  public Throughput throughput() {
    long second = second();
    long uptime = Math.max(1, second - startedSecond);
    return new Throughput(
        seconds.at(second - 1),
        (double) rows.get() / uptime,
        Math.max(peakPerSecond, seconds.at(second)));
  }

  /** Rows of the last 24 hours, or since the process started. */
  public long rowsOfLastDay() {
    return minutes.sum(second() / 60);
  }

  /** Errors of the last 24 hours, or since the process started. */
  public long errorsOfLastDay() {
    return errorMinutes.sum(second() / 60);
  }

  public long transactions() {
    return transactions.get();
  }

  public long rows() {
    return rows.get();
  }

  private long second() {
    return time.nanos() / 1_000_000_000L;
  }

  /**
   * @param inserts rows that appeared
   * @param updates rows that changed, their key included
   * @param deletes rows that disappeared
   * @param truncates times that a table was emptied
   */
  public record TableRows(long inserts, long updates, long deletes, long truncates) {
    public long all() {
      return inserts + updates + deletes;
    }
  }

  /**
   * Rows per second.
   *
   * @param current in the last whole second
   * @param average since the process started
   * @param peak in the best second
   */
  public record Throughput(double current, double average, double peak) {}

  private static final class Counter {
    private final AtomicLong inserts = new AtomicLong();
    private final AtomicLong updates = new AtomicLong();
    private final AtomicLong deletes = new AtomicLong();
    private final AtomicLong truncates = new AtomicLong();

    void add(RowHeads.Operation operation) {
      AtomicLong counter =
          switch (operation) {
            case INSERT -> inserts;
            case UPDATE -> updates;
            case DELETE -> deletes;
            case TRUNCATE -> truncates;
          };
      counter.setRelease(counter.getPlain() + 1); // one writer
    }

    TableRows read() {
      return new TableRows(inserts.get(), updates.get(), deletes.get(), truncates.get());
    }
  }

  /** Sums per unit of time, over the last units. */
  private static final class Rate {
    private final long[] sums;
    private final long[] units;

    Rate(int length) {
      sums = new long[length];
      units = new long[length];
    }

    synchronized long add(long unit, long amount) {
      int slot = (int) Math.floorMod(unit, sums.length);
      if (units[slot] != unit) {
        units[slot] = unit;
        sums[slot] = 0;
      }
      sums[slot] += amount;
      return sums[slot];
    }

    synchronized long at(long unit) {
      int slot = (int) Math.floorMod(unit, sums.length);
      return units[slot] == unit ? sums[slot] : 0;
    }

    synchronized long sum(long now) {
      long sum = 0;
      for (int i = 0; i < sums.length; i++) {
        sum += units[i] > now - sums.length && units[i] <= now ? sums[i] : 0;
      }
      return sum;
    }
  }
}
