package io.spokewire.hub.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
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
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.Retried;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Conflicts that the resolver recorded, settled again; {@link CausalityTest} tries all of its. */
final class RetrialTest {
  private static final Position LOG =
      Position.beginning(new LogIncarnation(new UUID(1, 2)), ChannelId.MAIN);
  private static final TableSchema STOCK =
      TableSchema.of(
          new TableName("stock"),
          List.of(
              new Column("id", LogicalType.INTEGER, "integer", false),
              new Column("quantity", LogicalType.INTEGER, "integer", true),
              new Column("changed", LogicalType.INTEGER, "bigint", true)),
          List.of(0));

  private final SchemaBook schemas = new SchemaBook();
  private Resolver resolver;
  private long head;

  @BeforeEach
  void begin() {
    schemas.add(STOCK);
    resolver = new Resolver(schemas, RuleBook.DEFAULT);
  }

  @Test
  void theSameRulesSettleTheSame() {
    ConflictRecord conflict = quantities();
    assertThat(settled("", conflict))
        .isEqualTo(new Retried.Settled("last_write_wins", conflict.result()));
  }

  @Test
  void otherRulesWeighTheSameSiblings() {
    ConflictRecord conflict = quantities();
    assertThat(conflict.result().value()).isEqualTo(value("20"));
    assertThat(settled(rule("max"), conflict).result().value()).isEqualTo(value("30"));
    assertThat(settled(rule("min"), conflict).result().value()).isEqualTo(value("10"));
    assertThat(settled(rule("first_write_wins"), conflict).result().value()).isEqualTo(value("30"));
  }

  @Test
  void aRuleMayCompareAColumnThatNobodyComparedThen() {
    ConflictRecord conflict = quantities();
    String byColumn =
        "conflict_resolution: {strategies: [{name: last_write_wins, column: changed}]}";
    assertThat(settled(byColumn, conflict).result().value())
        .as("porto's row says that it is the latest")
        .isEqualTo(value("30"));
  }

  @Test
  void aSumCanNotBeTriedAndSaysSo() {
    assertThat(Retrial.under(new PlanParser().parse("p", rule("sum")), schemas).of(quantities()))
        .isInstanceOfSatisfying(
            Retried.Unknown.class, unknown -> assertThat(unknown.why()).contains("sum"));
  }

  @Test
  void aRowThatWasDeletedMayHaveStayed() {
    take("lisbon", 50, new RowChange.Delete(STOCK.id(), key("1"), row("1", "5", "1")));
    ConflictRecord conflict = take("porto", 60, update("5", "30", "1", "9")).getFirst();
    assertThat(conflict.kind()).isEqualTo(ConflictKind.UPDATE_DELETED);
    Retried.Settled kept =
        settled("conflict_resolution: {tables: {stock: {delete: update_wins}}}", conflict);
    assertThat(kept.rule()).isEqualTo("update_wins");
    assertThat(kept.result()).isEqualTo(FieldImage.ofRow(row("1", "30", "9")));
  }

  @Test
  void aConflictBetweenRowsCanNotBeTriedByItself() {
    ConflictRecord c = quantities();
    ConflictRecord unique =
        new ConflictRecord(
            c.table(),
            c.schema(),
            c.key(),
            c.field(),
            ConflictKind.UNIQUE_VIOLATION,
            c.base(),
            c.source(),
            c.target(),
            c.others(),
            c.rule(),
            c.ruleVersion(),
            c.result(),
            false);
    assertThat(Retrial.under(new PlanParser().parse("p", plan("")), schemas).of(unique))
        .isInstanceOf(Retried.Unknown.class);
  }

  /** Three sites wrote the quantity: 10, 30 and, the latest by its clock, 20. */
  private ConflictRecord quantities() {
    take("lisbon", 50, update("5", "10", "1", "3"));
    take("porto", 40, update("5", "30", "1", "9"));
    return take("faro", 60, update("5", "20", "1", "2")).stream()
        .filter(c -> c.field().equals("quantity"))
        .findFirst()
        .orElseThrow();
  }

  private Retried.Settled settled(String plan, ConflictRecord conflict) {
    return (Retried.Settled)
        Retrial.under(new PlanParser().parse("p", plan(plan)), schemas).of(conflict);
  }

  private static String rule(String strategy) {
    return plan(
        "conflict_resolution: {strategies: [{name: all, rules: [{field: quantity, strategy: "
            + strategy
            + "}]}]}");
  }

  private static String plan(String rest) {
    return rest.startsWith("tables:") ? rest : "tables: [stock]\n" + rest + "\n";
  }

  private List<ConflictRecord> take(String spoke, long time, RowChange change) {
    RowBlock rows = new RowBlockWriter().put(change).toBlock();
    Transaction transaction =
        new Transaction(
            new Writer(new SpokeId(spoke), Epoch.FIRST, ChannelId.MAIN),
            new Sequence(1),
            SourcePosition.NONE,
            new HybridTime(time, 0),
            Context.through(LOG),
            ChainHash.START,
            rows,
            0);
    return resolver.resolve(transaction, LOG.at(++head), rows).conflicts();
  }

  private static RowChange update(String before, String after, String stampBefore, String stamp) {
    return new RowChange.Update(
        STOCK.id(), key("1"), row(null, before, stampBefore), row(null, after, stamp));
  }

  private static Tuple row(@Nullable String... values) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    for (String value : values) {
      if (value == null) {
        writer.putUnchanged();
      } else {
        writer.putValue(Bytes.utf8(value));
      }
    }
    return new Tuple(sink.toBytes());
  }

  private static RowKey key(String id) {
    return new RowKey(row(id).bytes());
  }

  private static Field value(String text) {
    return Field.ofValue(Bytes.utf8(text));
  }
}
