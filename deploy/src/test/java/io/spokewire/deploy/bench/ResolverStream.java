package io.spokewire.deploy.bench;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableDescription.ForeignKey;
import io.spokewire.common.change.TableDescription.UniqueSet;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.config.PlanParser;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.resolve.Constraints;
import io.spokewire.hub.resolve.Resolver;
import io.spokewire.hub.resolve.RuleBook;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Transactions of ten spokes as a hub's resolver meets them, and the resolver: rows of ten columns,
 * about 150 bytes, updates of three of them with their previous values. The frontier follows at a
 * fixed distance, so that the window has the same size all the time.
 */
final class ResolverStream {
  private static final int SPOKES = 10;
  private static final LogIncarnation LOG = new LogIncarnation(new UUID(1, 2));
  private static final TableSchema CUSTOMERS =
      TableSchema.of(
          new TableName("customers"),
          List.of(
              new Column("id", LogicalType.INTEGER, "bigint", false),
              new Column("name", LogicalType.TEXT, "text", false)),
          List.of(0));
  private static final TableSchema ORDERS =
      TableSchema.of(
          new TableName("orders"),
          List.of(
              new Column("id", LogicalType.INTEGER, "bigint", false),
              new Column("customer", LogicalType.INTEGER, "bigint", false),
              new Column("number", LogicalType.TEXT, "text", false),
              new Column("status", LogicalType.TEXT, "text", false),
              new Column("amount", LogicalType.DECIMAL, "numeric(12,2)", false),
              new Column("currency", LogicalType.TEXT, "text", false),
              new Column("street", LogicalType.TEXT, "text", false),
              new Column("city", LogicalType.TEXT, "text", false),
              new Column("note", LogicalType.TEXT, "text", true),
              new Column("version", LogicalType.INTEGER, "bigint", false)),
          List.of(0));
  private static final List<TableDescription> CONSTRAINED =
      List.of(
          new TableDescription(CUSTOMERS, List.of(), List.of(), true, true),
          new TableDescription(
              ORDERS,
              List.of(new UniqueSet("orders_number", List.of("number"))),
              List.of(
                  new ForeignKey(
                      "orders_customer", List.of("customer"), CUSTOMERS.table(), List.of("id"))),
              true,
              true));

  private final Resolver resolver;
  private final boolean acrossRows;
  private final List<RowBlock> blocks;
  private final List<Writer> writers = new ArrayList<>();
  private final int unseen;
  private final int distance;
  private long head;

  /**
   * @param plan the plan's {@code conflict_resolution}
   * @param blocks the rows of one transaction each, taken in turn for ever
   * @param unseen how many of the last positions no spoke has seen
   * @param distance how many positions the window spans
   */
  private ResolverStream(
      String plan, boolean acrossRows, List<RowBlock> blocks, int unseen, int distance) {
    SchemaBook schemas = new SchemaBook();
    schemas.add(CUSTOMERS);
    schemas.add(ORDERS);
    RuleBook rules =
        RuleBook.of(new PlanParser().parse("plan", "tables: ['*']\n" + plan), new PlanVersion(1));
    this.resolver = new Resolver(schemas, rules);
    this.acrossRows = acrossRows;
    if (acrossRows) {
      resolver.obey(Constraints.of(CONSTRAINED));
    }
    this.blocks = blocks;
    this.unseen = unseen;
    this.distance = distance;
    for (int i = 0; i < SPOKES; i++) {
      writers.add(new Writer(new SpokeId("spoke" + i), Epoch.FIRST, ChannelId.MAIN));
    }
  }

  /** Every write has seen all that came before; no rule but the last write wins. */
  static ResolverStream seen(int rows) {
    return new ResolverStream("", false, updates(100_000, rows), 0, 50_000 / rows);
  }

  /** The same with rules for single columns, of which one adds up. */
  static ResolverStream ruled(int rows) {
    String plan =
        """
        conflict_resolution:
          strategies:
            - name: last_write_wins
            - name: ruled
              rules:
                - {field: amount, strategy: sum}
                - {field: version, strategy: max}
                - {field: status, strategy: priority_order, order: [shipped, paid, new]}
          tables: {orders: ruled}
        """;
    return new ResolverStream(plan, false, updates(100_000, rows), 0, 50_000 / rows);
  }

  /** No write has seen the one before it to the same row, and all set three columns differently. */
  static ResolverStream conflicting(int rows) {
    int positions = 10_000 / rows;
    List<RowBlock> blocks = new ArrayList<>(updates(10_000, rows, 0));
    for (int round = 1; round < SPOKES; round++) {
      blocks.addAll(updates(10_000, rows, round));
    }
    return new ResolverStream("", false, blocks, positions, 3 * positions);
  }

  /** New rows with a unique value and a reference, and a change of a referenced row in ten. */
  static ResolverStream constrained(int rows) {
    List<RowChange> changes = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      changes.add(
          i % 10 == 0
              ? new RowChange.Update(
                  CUSTOMERS.id(), key(i / 10), Tuple.NONE, tuple(null, text("name", i)))
              : new RowChange.Insert(ORDERS.id(), key(i), order(i, 0)));
    }
    return new ResolverStream("", true, blocks(changes, rows), 0, 50_000 / rows);
  }

  /** New rows, none of which leaves the window. */
  static ResolverStream filling(int rows, int all) {
    List<RowChange> changes = new ArrayList<>();
    for (int i = 0; i < all; i++) {
      changes.add(new RowChange.Insert(ORDERS.id(), key(i), order(i, 0)));
    }
    return new ResolverStream("", false, blocks(changes, rows), 0, Integer.MAX_VALUE);
  }

  /** Updates of three columns in as many rows, none of which leaves the window. */
  static ResolverStream updating(int rows, int all) {
    return new ResolverStream("", false, updates(all, rows), 0, Integer.MAX_VALUE);
  }

  /** Has the next transaction resolved; how many conflicts it met. */
  int next() {
    RowBlock rows = blocks.get((int) (head % blocks.size()));
    Position position = new Position(LOG, ChannelId.MAIN, ++head);
    // A spoke's next write to a row comes when the window has forgotten its last one.
    int turn = (int) (unseen == 0 ? head : (head - 1) / unseen) % SPOKES;
    Transaction transaction =
        new Transaction(
            writers.get(turn),
            new Sequence(head),
            SourcePosition.NONE,
            new HybridTime(1_700_000_000_000_000L + head, 0),
            Context.through(position.at(Math.max(0, head - 1 - unseen))),
            ChainHash.START,
            rows,
            0);
    int conflicts = 0;
    if (acrossRows) {
      conflicts += resolver.crossingsBefore(transaction, position, rows).writes().size();
    }
    conflicts += resolver.resolve(transaction, position, rows).conflicts().size();
    if (acrossRows) {
      conflicts += resolver.crossingsAfter(transaction, position, rows).writes().size();
    }
    resolver.advanceFrontier(head - distance);
    return conflicts;
  }

  /** How many transactions there are before they come again. */
  int transactions() {
    return blocks.size();
  }

  Resolver.WindowSize window() {
    return resolver.size();
  }

  private static List<RowBlock> updates(int keys, int rows) {
    return updates(keys, rows, 0);
  }

  private static List<RowBlock> updates(int keys, int rows, int round) {
    List<RowChange> changes = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      changes.add(
          new RowChange.Update(ORDERS.id(), key(i), changed(i, round), changed(i, round + 1)));
    }
    return blocks(changes, rows);
  }

  private static List<RowBlock> blocks(List<RowChange> changes, int rows) {
    List<RowBlock> blocks = new ArrayList<>();
    RowBlockWriter writer = new RowBlockWriter();
    for (RowChange change : changes) {
      writer.put(change);
      if (writer.rows() == rows) {
        blocks.add(writer.toBlock());
        writer.clear();
      }
    }
    return blocks;
  }

  private static RowKey key(int id) {
    return new RowKey(tuple(integer(id)).bytes());
  }

  private static Tuple order(int id, int round) {
    return tuple(
        integer(id),
        integer(id / 10),
        text("ORD-2026-", id),
        text("paid", round),
        decimal(id, round),
        Bytes.utf8("EUR"),
        text("Rua do Alecrim ", id),
        Bytes.utf8("Lisboa"),
        text("leave it with the neighbours, please, if nobody is there ", id),
        integer(round));
  }

  /** The columns that updates change: status, amount and version. */
  private static Tuple changed(int id, int round) {
    return tuple(
        null,
        null,
        null,
        text("paid", round),
        decimal(id, round),
        null,
        null,
        null,
        null,
        integer(round));
  }

  private static Tuple tuple(Bytes... values) {
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    for (Bytes value : values) {
      if (value == null) {
        tuple.putUnchanged();
      } else {
        tuple.putValue(value);
      }
    }
    return new Tuple(sink.toBytes());
  }

  private static Bytes text(String text, int number) {
    return Bytes.utf8(text + number);
  }

  private static Bytes integer(int value) {
    return Bytes.utf8(Integer.toString(value));
  }

  private static Bytes decimal(int id, int round) {
    return Bytes.utf8((id % 1000 + round) + ".50");
  }
}
