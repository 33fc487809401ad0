package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableDescription.ForeignKey;
import io.spokewire.common.change.TableDescription.UniqueSet;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.config.PlanParser;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Writes to different rows that no database can hold both of. */
class CrossRowsTest {
  static final TableSchema PEOPLE =
      TableSchema.of(
          new TableName("people"),
          List.of(
              new Column("id", LogicalType.INTEGER, "bigint", false),
              new Column("email", LogicalType.TEXT, "text", true),
              new Column("badge", LogicalType.TEXT, "text", false)),
          List.of(0));
  static final TableSchema LETTERS =
      TableSchema.of(
          new TableName("letters"),
          List.of(
              new Column("id", LogicalType.INTEGER, "bigint", false),
              new Column("person", LogicalType.INTEGER, "bigint", true),
              new Column("answers", LogicalType.INTEGER, "bigint", true)),
          List.of(0));
  private static final List<TableDescription> TABLES =
      List.of(
          new TableDescription(
              PEOPLE,
              List.of(
                  new UniqueSet("people_email", List.of("email")),
                  new UniqueSet("people_badge", List.of("badge"))),
              List.of(),
              true,
              true),
          new TableDescription(
              LETTERS,
              List.of(),
              List.of(
                  new ForeignKey(
                      "letters_person", List.of("person"), PEOPLE.table(), List.of("id")),
                  new ForeignKey(
                      "letters_answers", List.of("answers"), LETTERS.table(), List.of("id"))),
              true,
              true));
  private static final SpokeId FARO = new SpokeId("faro");

  private final HubHarness hub = new HubHarness();
  private ModelSite lisbon;
  private ModelSite porto;
  private ModelSite faro;

  @BeforeEach
  void threeSites() {
    plan("");
    lisbon = new ModelSite(hub, LISBON, TABLES);
    porto = new ModelSite(hub, PORTO, TABLES);
    faro = new ModelSite(hub, FARO, TABLES);
  }

  // ---- one unique value

  @Test
  void theLaterOfTwoRowsKeepsAUniqueValueAndTheOtherLosesIt() {
    lisbon.insert(PEOPLE, "1", "ann@x", "b1");
    porto.insert(PEOPLE, "2", "ann@x", "b2");
    exchange();

    assertThat(everywhere(PEOPLE)).containsExactly("1||b1", "2|ann@x|b2");
    assertThat(conflicts())
        .extracting(ConflictRecord::kind, ConflictRecord::field, c -> c.key().toString())
        .containsExactly(
            tuple(ConflictKind.UNIQUE_VIOLATION, "email", ModelSite.key("1").toString()));
    assertThat(faro.violations).as("nobody ever holds both").isEmpty();
  }

  @Test
  void theEarlierRowKeepsItWhereItsClockIsLater() {
    hub.time.advance(java.time.Duration.ofMillis(100));
    lisbon.insert(PEOPLE, "1", "ann@x", "b1");
    porto.agent.clockBehind(60_000_000);
    porto.insert(PEOPLE, "2", "ann@x", "b2");
    exchange();

    assertThat(everywhere(PEOPLE)).containsExactly("1|ann@x|b1", "2||b2");
    assertThat(conflicts()).extracting(c -> c.source().spoke()).containsExactly(PORTO);
  }

  @Test
  void whereNullIsNotAllowedTheRowIsTakenOutAndWaitsForAPerson() {
    lisbon.insert(PEOPLE, "1", "ann@x", "b1");
    porto.insert(PEOPLE, "2", "bob@x", "b1");
    exchange();

    assertThat(everywhere(PEOPLE)).containsExactly("2|bob@x|b1");
    assertThat(conflicts())
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.field()).isEqualTo("#");
              assertThat(c.rule()).isEqualTo("park_loser");
              assertThat(c.open()).isTrue();
              assertThat(ModelSite.text(c.target().row())).as("whole").isEqualTo("1|ann@x|b1");
            });
  }

  @Test
  void anUpdateThatTookTheValueIsTakenBack() {
    lisbon.insert(PEOPLE, "1", "ann@x", "b1");
    lisbon.insert(PEOPLE, "2", "bob@x", "b2");
    exchange();
    lisbon.update(PEOPLE, "1", "badge", "gold");
    porto.update(PEOPLE, "2", "badge", "gold");
    exchange();

    assertThat(everywhere(PEOPLE)).containsExactly("1|ann@x|b1", "2|bob@x|gold");
  }

  @Test
  void aValueThatItsHolderGaveUpKnowinglyIsFree() {
    lisbon.insert(PEOPLE, "1", "ann@x", "b1");
    exchange();
    porto.update(PEOPLE, "1", "email", "new@x");
    porto.insert(PEOPLE, "2", "ann@x", "b2");
    exchange();

    assertThat(everywhere(PEOPLE)).containsExactly("1|new@x|b1", "2|ann@x|b2");
    assertThat(conflicts()).isEmpty();
  }

  @Test
  void valuesSwappedInOneTransactionAreNoConflict() {
    lisbon.insert(PEOPLE, "1", "a", "b1");
    lisbon.insert(PEOPLE, "2", "b", "b2");
    exchange();
    lisbon.begin();
    lisbon.update(PEOPLE, "1", "email", "b");
    lisbon.update(PEOPLE, "2", "email", "a");
    lisbon.commit();
    exchange();

    assertThat(everywhere(PEOPLE)).containsExactly("1|b|b1", "2|a|b2");
    assertThat(conflicts()).isEmpty();
  }

  // ---- references

  @Test
  void aChildOfADeletedParentIsTakenOutAndWaitsForAPerson() {
    parentEverywhere();
    lisbon.delete(PEOPLE, "1");
    porto.insert(LETTERS, "10", "1", null);
    exchange();

    assertThat(everywhere(PEOPLE)).isEmpty();
    assertThat(everywhere(LETTERS)).isEmpty();
    assertThat(conflicts())
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.kind()).isEqualTo(ConflictKind.FK_PARENT_MISSING);
              assertThat(c.rule()).isEqualTo("park_child");
              assertThat(c.open()).isTrue();
              assertThat(ModelSite.text(c.source().row())).isEqualTo("10|1|");
            });
  }

  @Test
  void aChildOfATruncatedParentIsTakenOutWhicheverCameFirst() {
    lisbon.insert(PEOPLE, "1", "ann@x", "b1");
    lisbon.insert(PEOPLE, "2", "bob@x", "b2");
    exchange();
    porto.insert(LETTERS, "10", "1", null);
    lisbon.begin();
    lisbon.truncate(LETTERS);
    lisbon.truncate(PEOPLE);
    lisbon.commit();
    faro.insert(LETTERS, "11", "2", null);
    exchange();

    assertThat(everywhere(PEOPLE)).isEmpty();
    assertThat(everywhere(LETTERS)).isEmpty();
    assertThat(conflicts())
        .extracting(ConflictRecord::kind)
        .contains(ConflictKind.FK_CHILD_EXISTS, ConflictKind.FK_PARENT_MISSING);
  }

  @Test
  void aParentDeletedAfterAChildCameTakesTheChildWithWhatRefersToIt() {
    parentEverywhere();
    porto.begin();
    porto.insert(LETTERS, "10", "1", null);
    porto.insert(LETTERS, "11", null, "10");
    porto.commit();
    lisbon.delete(PEOPLE, "1");
    exchange();

    assertThat(everywhere(PEOPLE)).isEmpty();
    assertThat(everywhere(LETTERS)).isEmpty();
    assertThat(conflicts())
        .extracting(ConflictRecord::kind)
        .containsExactly(ConflictKind.FK_CHILD_EXISTS);
  }

  @Test
  void anUpdateThatPointsToADeletedParentGetsItsFormerParentBack() {
    parentEverywhere();
    lisbon.insert(PEOPLE, "2", "bob@x", "b2");
    lisbon.insert(LETTERS, "10", "2", null);
    exchange();
    lisbon.delete(PEOPLE, "1");
    porto.update(LETTERS, "10", "person", "1");
    exchange();

    assertThat(everywhere(LETTERS)).containsExactly("10|2|");
  }

  @Test
  void theParentComesBackWherePlanSaysSoWhicheverCameFirst() {
    plan("{foreign_key: restore_parent}");
    parentEverywhere();
    lisbon.insert(PEOPLE, "2", "bob@x", "b2");
    exchange();
    lisbon.delete(PEOPLE, "1");
    porto.insert(LETTERS, "10", "1", null);
    porto.insert(LETTERS, "20", "2", null);
    faro.delete(PEOPLE, "2");
    exchange();

    assertThat(everywhere(PEOPLE)).containsExactly("1|ann@x|b1", "2|bob@x|b2");
    assertThat(everywhere(LETTERS)).containsExactly("10|1|", "20|2|");
    assertThat(conflicts())
        .extracting(ConflictRecord::kind, ConflictRecord::open)
        .containsExactly(
            tuple(ConflictKind.FK_PARENT_MISSING, false),
            tuple(ConflictKind.FK_CHILD_EXISTS, false));
  }

  @Test
  void aChildOfAParentThatItsSiteSawDeletedIsTheSitesOwnBusiness() {
    parentEverywhere();
    lisbon.delete(PEOPLE, "1");
    exchange();
    lisbon.insert(PEOPLE, "1", "ann@x", "b1");
    lisbon.insert(LETTERS, "10", "1", null);
    exchange();

    assertThat(everywhere(LETTERS)).containsExactly("10|1|");
    assertThat(conflicts()).isEmpty();
  }

  // ---- keys

  @Test
  void aRowThatTwoSitesRenumberKeepsOneOfItsNewKeys() {
    parentEverywhere();
    lisbon.renumber(PEOPLE, "1", "7");
    porto.renumber(PEOPLE, "1", "8");
    exchange();

    assertThat(everywhere(PEOPLE)).containsExactly("8|ann@x|b1");
    assertThat(conflicts())
        .extracting(ConflictRecord::kind)
        .containsExactly(ConflictKind.UPDATE_PKEY_CONCURRENT);
  }

  @Test
  void aKeyChangedToOneThatSomebodyInsertedIsItsOwnKind() {
    parentEverywhere();
    lisbon.insert(PEOPLE, "7", "bob@x", "b7");
    porto.renumber(PEOPLE, "1", "7");
    exchange();

    assertThat(conflicts())
        .extracting(ConflictRecord::kind)
        .containsOnly(ConflictKind.UPDATE_PKEY_EXISTS);
    assertThat(everywhere(PEOPLE)).hasSize(1);
  }

  @Test
  void keysSwappedInOneTransactionAreNoConflict() {
    lisbon.insert(PEOPLE, "1", "a", "b1");
    lisbon.insert(PEOPLE, "2", "b", "b2");
    exchange();
    lisbon.begin();
    lisbon.renumber(PEOPLE, "1", "3");
    lisbon.renumber(PEOPLE, "2", "1");
    lisbon.renumber(PEOPLE, "3", "2");
    lisbon.commit();
    exchange();

    assertThat(everywhere(PEOPLE)).containsExactly("1|b|b2", "2|a|b1");
    assertThat(conflicts()).isEmpty();
  }

  // ---- the hub's own writes

  @Test
  void whatTheHubWroteIsKnownAfterARestart() {
    lisbon.insert(PEOPLE, "1", "ann@x", "b1");
    porto.insert(PEOPLE, "2", "ann@x", "b2");
    hub.start();
    List.of(lisbon, porto, faro).forEach(ModelSite::attachAgain);
    faro.insert(PEOPLE, "3", "ann@x", "b3");
    exchange();

    assertThat(everywhere(PEOPLE)).containsExactly("1||b1", "2||b2", "3|ann@x|b3");
    assertThat(hub.outcomes().stream().filter(o -> isHub(o.transaction().writer().spoke())))
        .extracting(o -> o.transaction().sequence().number())
        .containsExactly(1L, 2L);
  }

  private void parentEverywhere() {
    lisbon.insert(PEOPLE, "1", "ann@x", "b1");
    exchange();
  }

  private void exchange() {
    for (int i = 0; i < 3; i++) {
      List.of(lisbon, porto, faro).forEach(ModelSite::receive);
    }
  }

  private List<String> everywhere(TableSchema table) {
    assertThat(porto.rows(table)).isEqualTo(lisbon.rows(table));
    assertThat(faro.rows(table)).isEqualTo(lisbon.rows(table));
    return lisbon.rows(table);
  }

  private List<ConflictRecord> conflicts() {
    return hub.outcomes().stream().flatMap(o -> o.conflicts().stream()).toList();
  }

  private void plan(String ofLetters) {
    hub.planText(
        """
        tables: [people, letters]
        conflict_resolution:
          tables:
            letters: %s
        """
            .formatted(ofLetters.isEmpty() ? "{}" : ofLetters),
        new PlanParser());
  }

  private static boolean isHub(SpokeId spoke) {
    return spoke.equals(SpokeId.HUB);
  }
}
