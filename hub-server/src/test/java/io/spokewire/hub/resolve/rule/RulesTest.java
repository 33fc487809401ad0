package io.spokewire.hub.resolve.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.config.ConflictRule;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.resolve.rule.ColumnRules.Fit;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rule decides as its name says, whatever the order its siblings come in. */
final class RulesTest {
  private static final Position LOG =
      Position.beginning(new LogIncarnation(new UUID(1, 2)), ChannelId.MAIN);
  private static final SpokeId LISBON = new SpokeId("lisbon");
  private static final SpokeId PORTO = new SpokeId("porto");
  private static final SpokeId FARO = new SpokeId("faro");

  private long nextPosition = 1;

  @Test
  void firstWriteWinsTakesTheEarliest() {
    assertDecides(
        new ConflictRule.FirstWriteWins(),
        LogicalType.TEXT,
        "b",
        at(3, LISBON, "a"),
        at(1, PORTO, "b"),
        at(2, FARO, "c"));
  }

  @Test
  void sourcePriorityTakesTheSpokeThatStandsFirst() {
    assertDecides(
        new ConflictRule.SourcePriority(List.of(PORTO, LISBON)),
        LogicalType.TEXT,
        "b",
        at(9, FARO, "c"),
        at(5, LISBON, "a"),
        at(1, PORTO, "b"));
  }

  @Test
  void maxTakesTheLargestNumberNotTheLongestText() {
    assertDecides(
        new ConflictRule.Max(), LogicalType.INTEGER, "10", at(1, LISBON, "9"), at(0, PORTO, "10"));
  }

  @Test
  void maxHasNanAboveInfinity() {
    assertDecides(
        new ConflictRule.Max(),
        LogicalType.DECIMAL,
        "NaN",
        at(1, LISBON, "Infinity"),
        at(0, PORTO, "NaN"),
        at(2, FARO, "99999999999999999999.5"));
  }

  @Test
  void minTakesTheSmallestAndIgnoresNull() {
    assertDecides(
        new ConflictRule.Min(),
        LogicalType.DECIMAL,
        "-Infinity",
        at(1, LISBON, "-5"),
        sibling(2, PORTO, Field.NULL),
        at(3, FARO, "-Infinity"));
  }

  @Test
  void maxOfTimesComparesMicrosecondsSigned() {
    Sibling before1970 = sibling(1, LISBON, micros(-1));
    Sibling after1970 = sibling(0, PORTO, micros(1));
    assertDecides(
        new ConflictRule.Max(), LogicalType.TIMESTAMP_TZ, after1970.value(), before1970, after1970);
  }

  @Test
  void priorityOrderTakesTheValueThatStandsFirst() {
    ConflictRule rule = new ConflictRule.PriorityOrder(List.of("active", "pending", "inactive"));
    assertDecides(
        rule, LogicalType.TEXT, "pending", at(1, LISBON, "pending"), at(2, PORTO, "inactive"));
    assertDecides(
        rule, LogicalType.TEXT, "inactive", at(1, LISBON, "inactive"), at(2, PORTO, "unheard of"));
    assertDecides(rule, LogicalType.TEXT, "newer", at(1, LISBON, "older"), at(2, PORTO, "newer"));
    assertDecides(
        rule, LogicalType.TEXT, "odd", at(1, LISBON, "odd"), sibling(2, PORTO, Field.NULL));
  }

  @Test
  void aPriorityOrderOfBooleansIsWrittenAsPeopleWriteThem() {
    assertDecides(
        new ConflictRule.PriorityOrder(List.of("true", "false")),
        LogicalType.BOOLEAN,
        "t",
        at(1, LISBON, "t"),
        at(2, PORTO, "f"));
  }

  @Test
  void theLatestValueOfAColumnWinsWhateverTheClocksSay() {
    Sibling early = stamped(9, LISBON, "early", micros(100));
    Sibling late = stamped(1, PORTO, "late", micros(200));
    Sibling unstamped = stamped(10, FARO, "unstamped", Field.ABSENT);
    assertDecides(
        new ConflictRule.LastWriteWins(Optional.of("updated_at")),
        LogicalType.TEXT,
        text("late"),
        early,
        late,
        unstamped);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{a,b} | {b,c} | {a,b,c}",
        "{} | {x} | {x}",
        "{NULL,a} | {\"NULL\",NULL} | {NULL,a,\"NULL\"}",
        "{\"a b\",\"c\\\"d\"} | {\"e,f\",\"c\\\"d\"} | {\"a b\",\"c\\\"d\",\"e,f\"}",
        "{1,1} | {1,2} | {1,1,2}",
      })
  void unionOfArraysHoldsWhatAnySideHas(String earlier, String later, String united) {
    assertThat(
            settle(
                new ConflictRule.Union(),
                new Column("tags", LogicalType.NATIVE, "text[]", true),
                List.of(at(1, LISBON, earlier), at(2, PORTO, later))))
        .isEqualTo(text(united));
  }

  @Test
  void unionOfArraysItCannotTakeApartTakesTheLater() {
    assertThat(
            settle(
                new ConflictRule.Union(),
                new Column("grid", LogicalType.NATIVE, "integer[]", true),
                List.of(at(2, LISBON, "{{1,2},{3,4}}"), at(1, PORTO, "{5}"))))
        .isEqualTo(text("{{1,2},{3,4}}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1,2] | [2,3] | [1,2,3]",
        "{'a':1,'b':[1]} | {'b':[2],'c':3} | {'a':1,'b':[1,2],'c':3}",
        "{'a':1} | {'a':2} | {'a':2}",
        "[1.50] | [10000000000000000000000000000001] | [1.50,10000000000000000000000000000001]",
        "1 | [2] | [2]",
      })
  void unionOfJsonGoesKeyByKey(String earlier, String later, String united) {
    assertThat(
            settle(
                new ConflictRule.Union(),
                new Column("data", LogicalType.JSON, "jsonb", true),
                List.of(
                    at(1, LISBON, earlier.replace('\'', '"')),
                    at(2, PORTO, later.replace('\'', '"')))))
        .isEqualTo(text(united.replace('\'', '"')));
  }

  @ParameterizedTest
  @CsvSource({
    "sum, FLOAT64, double precision",
    "sum, TEXT, text",
    "max, TEXT, character varying(20)",
    "min, JSON, jsonb",
    "union, INTEGER, integer",
    "union, TEXT, text",
    "priority_order, TIMESTAMP_TZ, timestamp with time zone"
  })
  void aRuleThatDoesNotSuitTheTypeSaysWhy(String rule, LogicalType type, String nativeType) {
    ConflictRule said =
        switch (rule) {
          case "sum" -> new ConflictRule.Sum();
          case "max" -> new ConflictRule.Max();
          case "min" -> new ConflictRule.Min();
          case "union" -> new ConflictRule.Union();
          default -> new ConflictRule.PriorityOrder(List.of("a"));
        };
    Column column = new Column("c", type, nativeType, true);
    assertThat(ColumnRules.of(said, rule, schema(column), column))
        .isInstanceOfSatisfying(
            Fit.Misfits.class, m -> assertThat(m.why()).endsWith("this column is " + nativeType));
  }

  @Test
  void aValueThatIsNoneOfTheTypeIsNamed() {
    Column column = new Column("level", LogicalType.INTEGER, "integer", true);
    assertThat(
            ColumnRules.of(
                new ConflictRule.PriorityOrder(List.of("1", "high")), "p", schema(column), column))
        .isEqualTo(new Fit.Misfits("'high' is no value of integer"));
  }

  @Test
  void aColumnToCompareMustBeThereAndHaveAnOrder() {
    Column column = column(LogicalType.TEXT);
    ConflictRule byMissing = new ConflictRule.LastWriteWins(Optional.of("touched"));
    ConflictRule byText = new ConflictRule.LastWriteWins(Optional.of("c"));
    assertThat(ColumnRules.of(byMissing, "l", schema(column), column))
        .isEqualTo(new Fit.Misfits("it compares column touched, which is not there"));
    assertThat(ColumnRules.of(byText, "l", schema(column), column)).isInstanceOf(Fit.Misfits.class);
  }

  private void assertDecides(
      ConflictRule said, LogicalType type, String expected, Sibling... siblings) {
    assertDecides(said, type, text(expected), siblings);
  }

  private void assertDecides(
      ConflictRule said, LogicalType type, Field expected, Sibling... siblings) {
    for (List<Sibling> order : permutations(List.of(siblings))) {
      assertThat(settle(said, column(type), order)).isEqualTo(expected);
    }
  }

  private static Field settle(ConflictRule said, Column column, List<Sibling> siblings) {
    return rule(said, column).settle(siblings);
  }

  private static FieldRule rule(ConflictRule said, Column column) {
    return switch (ColumnRules.of(said, said.label(), schema(column), column)) {
      case Fit.Fits(FieldRule rule) -> rule;
      case Fit.Misfits(String why) -> throw new AssertionError(why);
    };
  }

  private static Column column(LogicalType type) {
    return new Column("c", type, "a type", true);
  }

  private static TableSchema schema(Column column) {
    return TableSchema.of(
        new TableName("t"),
        List.of(
            new Column("id", LogicalType.INTEGER, "bigint", false),
            column,
            new Column("updated_at", LogicalType.TIMESTAMP_TZ, "timestamptz", true)),
        List.of(0));
  }

  private Sibling at(long time, SpokeId spoke, String value) {
    return sibling(time, spoke, text(value));
  }

  private Sibling sibling(long time, SpokeId spoke, Field value) {
    return new Sibling(
        spoke,
        new Sequence(1),
        LOG.at(nextPosition++),
        new HybridTime(time, 0),
        value,
        Field.ABSENT);
  }

  private Sibling stamped(long time, SpokeId spoke, String value, Field stamp) {
    return new Sibling(
        spoke,
        new Sequence(1),
        LOG.at(nextPosition++),
        new HybridTime(time, 0),
        text(value),
        stamp);
  }

  private static Field text(String value) {
    return Field.ofValue(Bytes.utf8(value));
  }

  private static Field micros(long value) {
    return Field.ofValue(Bytes.wrap(ByteBuffer.allocate(8).putLong(value).array()));
  }

  private static <T> List<List<T>> permutations(List<T> items) {
    if (items.isEmpty()) {
      return List.of(List.of());
    }
    List<List<T>> all = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      List<T> rest = new ArrayList<>(items);
      T first = rest.remove(i);
      for (List<T> tail : permutations(rest)) {
        List<T> one = new ArrayList<>(List.of(first));
        one.addAll(tail);
        all.add(one);
      }
    }
    return Collections.unmodifiableList(all);
  }
}
