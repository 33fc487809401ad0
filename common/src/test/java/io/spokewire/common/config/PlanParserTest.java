package io.spokewire.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.common.config.Plan.Strategy;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PlanParserTest {
  private final PlanParser parser = new PlanParser();

  @Test
  void tablesAndStrategiesAreActedOn() {
    Plan plan =
        parser.parse(
            "plan.yaml",
            """
            tables: [customers, orders, "sales.*"]
            conflict_resolution:
              strategies:
                - name: last_write_wins
                  description: "the newest write counts"
                  resolution: "IF source is newer THEN use source"
                - name: head_office_first
                  strategy: source_priority
                  order: [lisbon, porto]
              tables:
                orders: head_office_first
                sales.*: {strategy: head_office_first, delete: update_wins}
            """);

    assertThat(plan.tables())
        .containsExactly(
            new TablePattern("customers"), new TablePattern("orders"), new TablePattern("sales.*"));
    Strategy headOffice =
        new Strategy(
            "head_office_first",
            Optional.of(
                new ConflictRule.SourcePriority(
                    List.of(new SpokeId("lisbon"), new SpokeId("porto")))),
            Map.of());
    assertThat(plan.conflicts().strategies()).containsExactly(Strategy.LAST_WRITE_WINS, headOffice);
    assertThat(plan.conflicts().of(new TableName("customers")))
        .isEqualTo(Plan.TablePolicy.of(Strategy.LAST_WRITE_WINS, DeletePolicy.DELETE_WINS));
    assertThat(plan.conflicts().of(new TableName("orders")).strategy()).isEqualTo(headOffice);
    assertThat(plan.conflicts().of(new TableName("sales.lines")))
        .isEqualTo(Plan.TablePolicy.of(headOffice, DeletePolicy.UPDATE_WINS));
    assertThat(plan.notActive()).isEmpty();
  }

  @Test
  void aTableSaysWhetherASitesOwnPendingWritesAreProtected() {
    Plan plan =
        parser.parse(
            "plan.yaml",
            """
            tables: [orders, "stock_*", customers]
            conflict_resolution:
              tables:
                stock_*: {protect_pending: true}
                stock_old: {protect_pending: false}
                orders: {protect_pending: true, delete: update_wins}
            """);

    assertThat(plan.notActive()).isEmpty();
    ProtectedTables tables = plan.conflicts().protectedTables();
    assertThat(tables.contains(new TableName("orders"))).isTrue();
    assertThat(tables.contains(new TableName("stock_new"))).isTrue();
    assertThat(tables.contains(new TableName("stock_old"))).isFalse();
    assertThat(tables.contains(new TableName("customers"))).isFalse();
    assertThat(ProtectedTables.ofTexts(tables.toTexts())).isEqualTo(tables);
  }

  @Test
  void aPlanThatSaysNothingAboutConflictsLetsTheLastWriteWin() {
    Plan plan = parser.parse("plan.yaml", "tables: [orders]\n");

    assertThat(plan.conflicts()).isEqualTo(Plan.ConflictPolicy.DEFAULT);
  }

  @Test
  void everyFaultIsReportedWithItsLine() {
    Fault fault =
        catchThrowableOfType(
            Fault.class,
            () ->
                parser.parse(
                    "plan.yaml",
                    """
                    tabels: [x]
                    tables:
                      - orders
                      - customers
                      - public.orders
                      - customers
                    conflict_resolution:
                      strategies:
                        - name: last_wrte_wins
                        - name: head_office
                          strategy: source_prioritty
                          order: [lisbon, lisbon, "Porto!"]
                        - name: last_write_wins
                          order: [lisbon]
                        - name: last_write_wins
                        - description: nameless
                      tables:
                        order: last_write_wins
                        customers: {strateggy: last_write_wins, delete: never}
                        orders: newest
                    schema_sync:
                      mood: evolve
                    """));

    assertThat(fault.reason().lines().skip(1))
        .containsExactly(
            "plan.yaml:1: unknown key 'tabels' (did you mean 'tables'?)",
            "plan.yaml:5: 'public.orders' and 'orders' name one table twice (line 3 names it"
                + " already: keep one form, with or without schema)",
            "plan.yaml:6: 'customers' stands twice (keep one)",
            "plan.yaml:9: strategy 'last_wrte_wins' does not say what it does (did you mean"
                + " 'last_write_wins'? Else add `strategy:`)",
            "plan.yaml:11: unknown strategy 'source_prioritty' (did you mean 'source_priority'?)",
            "plan.yaml:14: strategy 'last_write_wins' does not look at an order (leave it out, or"
                + " use source_priority (spokes) or priority_order (values))",
            "plan.yaml:15: strategy 'last_write_wins' stands twice (give each its own name)",
            "plan.yaml:16: 'conflict_resolution.strategies[4].name' is missing (add `name:`)",
            "plan.yaml:18: 'order' is not among the plan's tables (did you mean 'orders'?)",
            "plan.yaml:19: 'conflict_resolution.tables.customers.delete' is 'never' (use one of"
                + " delete_wins, update_wins, last_write_wins)",
            "plan.yaml:19: unknown key 'conflict_resolution.tables.customers.strateggy' (did you"
                + " mean 'strategy'?)",
            "plan.yaml:20: there is no strategy 'newest' in conflict_resolution.strategies (known"
                + " here: head_office, last_write_wins, last_wrte_wins)",
            "plan.yaml:22: unknown key 'schema_sync.mood' (did you mean 'mode'?)");
  }

  @ParameterizedTest
  @CsvSource({
    "orders, public.orders",
    "public.orders, orders",
    "orders, public.*",
    "'*', public.orders",
    "ord*, public.*ers"
  })
  void oneTableIsNotNamedTwice(String first, String second) {
    assertThatThrownBy(
            () -> parser.parse("p", "tables:\n  - '%s'\n  - '%s'\n".formatted(first, second)))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("p:3:")
        .hasMessageContaining("name one table twice");
  }

  @ParameterizedTest
  @CsvSource({"orders, sales.orders", "public.orders, public.*", "orders, '*'"})
  void tablesThatOnlyLookAlikeMayStandTogether(String first, String second) {
    assertThat(parser.parse("p", "tables: ['%s', '%s']".formatted(first, second)).tables())
        .hasSize(2);
  }

  @Test
  void theSamplePlanOfConflictRulesIsTakenAsItStands() throws IOException {
    Plan plan = parser.parse("conflicts.yaml", "tables: [t]\n" + resource("plans/conflicts.yaml"));

    assertThat(plan.conflicts().strategies())
        .extracting(Strategy::name)
        .containsExactly("last_write_wins", "source_priority", "merge", "custom_rules");
    assertThat(plan.conflicts().strategies().getLast().columns())
        .containsExactly(
            Map.entry("quantity", new ConflictRule.Sum()),
            Map.entry(
                "status", new ConflictRule.PriorityOrder(List.of("active", "pending", "inactive"))),
            Map.entry("last_login", new ConflictRule.Max()));
    assertThat(plan.notActive()).isEmpty();
  }

  @Test
  void whatAStrategyLeavesOpenIsDecidedByTheFirstOne() {
    Plan plan =
        parser.parse(
            "p",
            """
            tables: [stock]
            conflict_resolution:
              strategies:
                - {name: newest, strategy: last_write_wins, column: updated_at}
                - name: counted
                  rules:
                    - {field: quantity, strategy: sum}
              tables: {stock: counted}
            """);
    Plan.ConflictPolicy conflicts = plan.conflicts();
    Plan.TablePolicy stock = conflicts.of(new TableName("stock"));

    assertThat(conflicts.ruleFor(stock, "quantity"))
        .isEqualTo(new Plan.NamedRule("sum", new ConflictRule.Sum()));
    assertThat(conflicts.ruleFor(stock, "title"))
        .isEqualTo(
            new Plan.NamedRule(
                "newest", new ConflictRule.LastWriteWins(Optional.of("updated_at"))));
  }

  @Test
  void theSourceOfAPairComesFirstWhereAStrategyNamesNoOrder() {
    Plan plan =
        parser.parse(
            "p",
            """
            tables: [t]
            sync_config:
              source: {spoke: lisbon, type: postgresql}
            conflict_resolution:
              strategies:
                - name: merge
            """);

    assertThat(plan.conflicts().strategies().getFirst().rule())
        .contains(new ConflictRule.Merge(List.of(new SpokeId("lisbon"))));
  }

  @Test
  void aPersonMayDecideForAWholeTableOrForOneField() {
    Plan plan =
        parser.parse(
            "p",
            """
            tables: [t]
            conflict_resolution:
              strategies:
                - {name: by_hand, strategy: manual}
                - {name: mixed, rules: [{field: a, strategy: manual}]}
            """);

    assertThat(plan.conflicts().strategies().getFirst().rule()).contains(new ConflictRule.Manual());
    assertThat(plan.conflicts().strategies().get(1).columns())
        .containsEntry("a", new ConflictRule.Manual());
  }

  @Test
  void everyFaultOfARuleIsReportedWithItsLine() {
    Fault fault =
        catchThrowableOfType(
            Fault.class,
            () ->
                parser.parse(
                    "p",
                    """
                    tables: [t]
                    conflict_resolution:
                      strategies:
                        - name: custom_rules
                        - name: sum
                        - name: counted
                          rules:
                            - {field: quantity, strategy: summ}
                            - {field: status, strategy: priority_order}
                            - {field: seen, strategy: max}
                            - {field: seen, strategy: min}
                            - {field: note, strategy: max, order: [a]}
                            - {strategy: max}
                        - {name: merge, order: [lisbon, lisbon, "Porto!"]}
                    """));

    assertThat(fault.reason().lines().skip(1))
        .containsExactly(
            "p:4: strategy 'custom_rules' has no rules (add `rules:`, a list of {field: ...,"
                + " strategy: ...})",
            "p:5: 'sum' decides for single fields, not for a whole table (name the fields: rules:"
                + " [{field: ..., strategy: sum}])",
            "p:8: unknown strategy 'summ' (did you mean 'sum'?)",
            "p:9: priority_order of 'status' names no values (add `order:` with the values, the"
                + " strongest first)",
            "p:11: field 'seen' has two rules (keep one)",
            "p:12: strategy 'note' does not look at an order (leave it out, or use"
                + " source_priority (spokes) or priority_order (values))",
            "p:13: 'conflict_resolution.strategies[2].rules[5].field' is missing (add `field:`)",
            "p:14: spoke 'lisbon' stands twice",
            "p:14: 'Porto!' can't be the name of a spoke (use lower-case letters, digits, hyphens"
                + " and underscores)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pair",
        "mappings",
        "capture",
        "events",
        "schema",
        "metrics",
        "warehouse",
        "search"
      })
  void sectionsForLaterAreAcceptedAndListedAsNotActive(String name) throws IOException {
    Plan plan = parser.parse(name, resource("plans/" + name + ".yaml"));

    assertThat(plan.notActive())
        .hasSize(2)
        .last()
        .isEqualTo("tables: none is named, so nothing flows");
  }

  @Test
  void theAuditsRetentionAndWhenToTellOfManyConflictsAreRead() throws IOException {
    Plan plan = parser.parse("audit", resource("plans/audit.yaml"));

    assertThat(plan.conflictLog().retention()).contains(Duration.ofDays(30));
    assertThat(plan.conflictLog().alertAbove()).contains(10);
    assertThat(plan.notActive())
        .anyMatch(part -> part.startsWith("conflict_log.format"))
        .anyMatch(part -> part.startsWith("conflict_log.alerting.notify"));
  }

  @Test
  void anAuditElsewhereThanInItsTableIsAFault() {
    assertThatThrownBy(
            () ->
                parser.parse(
                    "p",
                    "tables: [t]\nconflict_log:\n  storage: {name: my_log, retention_days: 0}\n"))
        .hasMessageContaining("p:3: 'conflict_log.storage.name' can be 'sync_conflicts' only")
        .hasMessageContaining("retention_days");
  }

  @Test
  void groupsAreNotProtectedColumnByColumn() {
    assertThatThrownBy(
            () ->
                parser.parse(
                    "p",
                    """
                    tables: [people]
                    conflict_resolution:
                      tables:
                        people:
                          field_groups: [[street, city]]
                          protect_pending: true
                    """))
        .hasMessageContaining("p:6: a table with field_groups can't have protect_pending");
  }

  @Test
  void anUnknownKeyInASectionForLaterIsAFaultToo() {
    assertThatThrownBy(
            () ->
                parser.parse(
                    "p", "metrics:\n  - name: lag\n    alarm: {warning: 1}\ntables: [t]\n"))
        .hasMessageContaining("p:3: unknown key 'metrics[0].alarm' (did you mean 'alert'?)");
  }

  @Test
  void whatIsSaidAcrossColumnsAndRowsIsReadPerTable() {
    Plan plan =
        parser.parse(
            "p",
            """
            tables: [people]
            conflict_resolution:
              tables:
                people:
                  field_groups: [[street, city], [amount, currency, rate]]
                  unique: park_loser
                  foreign_key: restore_parent
            """);

    Plan.TablePolicy people = plan.conflicts().of(new TableName("people"));
    assertThat(people.fieldGroups())
        .containsExactly(List.of("street", "city"), List.of("amount", "currency", "rate"));
    assertThat(people.unique()).isEqualTo(Plan.UniquePolicy.PARK_LOSER);
    assertThat(people.foreignKey()).isEqualTo(Plan.ForeignKeyPolicy.RESTORE_PARENT);
    assertThat(plan.notActive()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "[[a, b], [b, c]] | 'b' is grouped twice (a column can be in one group only)",
        "[[a]] | a group of one column, 'a' (name the columns that go with it, or leave it out)",
        "[a, b] | is 'a', not a list",
      })
  void aGroupThatCannotBeIsAFault(String groups, String problem) {
    assertThatThrownBy(
            () ->
                parser.parse(
                    "p",
                    """
                    tables: [people]
                    conflict_resolution:
                      tables:
                        people:
                          field_groups: %s
                    """
                        .formatted(groups)))
        .hasMessageContaining("p:5:")
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource({
    "orders, orders, true",
    "orders, public.orders, false",
    "'*', orders, true",
    "'*', public.orders, false",
    "public.*, public.orders, true",
    "public.*, orders, false",
    "*.orders, sales.orders, true",
    "o*s, orders, true",
    "o*t, orders, false",
    "a.b, a.b.c, false"
  })
  void aPatternNamesTables(String pattern, String table, boolean matches) {
    assertThat(new TablePattern(pattern).matches(new TableName(table))).isEqualTo(matches);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = PlanParserTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
