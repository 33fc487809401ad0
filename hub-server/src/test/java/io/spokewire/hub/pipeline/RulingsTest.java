package io.spokewire.hub.pipeline;

import static io.spokewire.hub.pipeline.CrossRowsTest.PEOPLE;
import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableDescription.UniqueSet;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.config.PlanParser;
import io.spokewire.common.fault.Fault;
import io.spokewire.hub.entry.Amendment;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.LogEntry.Verdict;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people say of conflicts, carried out by the hub. */
class RulingsTest {
  private static final List<TableDescription> TABLES =
      List.of(
          new TableDescription(
              PEOPLE,
              List.of(new UniqueSet("people_badge", List.of("badge"))),
              List.of(),
              true,
              true));

  private final HubHarness hub = new HubHarness();
  private ModelSite lisbon;
  private ModelSite porto;

  @BeforeEach
  void twoSites() {
    hub.planText(
        """
        tables: [people]
        conflict_resolution:
          strategies:
            - name: last_write_wins
            - {name: mixed, rules: [{field: email, strategy: manual}]}
          tables:
            people: mixed
        """,
        new PlanParser());
    lisbon = new ModelSite(hub, LISBON, TABLES);
    porto = new ModelSite(hub, PORTO, TABLES);
    lisbon.insert(PEOPLE, "1", "ann@x", "b1");
    exchange();
  }

  @Test
  void aFieldThatWaitsForAPersonHasOneValueEverywhereAndThenTheOneDecided() {
    lisbon.update(PEOPLE, "1", "email", "lisbon@x");
    porto.update(PEOPLE, "1", "email", "porto@x");
    exchange();

    assertThat(everywhere()).containsExactly("1|porto@x|b1");
    assertThat(conflict().open()).isTrue();
    assertThat(conflict().rule()).isEqualTo("manual");

    rule(Verdict.DECIDED, of(conflict(), FieldImage.of(value("lisbon@x")))).join();
    exchange();

    assertThat(everywhere()).containsExactly("1|lisbon@x|b1");
    assertThat(hub.log())
        .filteredOn(LogEntry.Ruling.class::isInstance)
        .singleElement()
        .satisfies(
            e -> {
              LogEntry.Ruling ruling = (LogEntry.Ruling) e;
              assertThat(ruling.verdict()).isEqualTo(Verdict.DECIDED);
              assertThat(ruling.by()).isEqualTo("ann");
              assertThat(ruling.conflicts().getFirst().conflict()).isEqualTo(id());
            });
    porto.update(PEOPLE, "1", "email", "later@x");
    exchange();
    assertThat(everywhere()).containsExactly("1|later@x|b1");
    assertThat(hub.outcomes().getLast().conflicts()).as("it had seen the decision").isEmpty();
  }

  @Test
  void whoHadNotSeenADecisionIsConcurrentWithIt() {
    lisbon.update(PEOPLE, "1", "email", "lisbon@x");
    porto.update(PEOPLE, "1", "email", "porto@x");
    rule(Verdict.DECIDED, of(conflict(), FieldImage.of(value("lisbon@x")))).join();
    porto.update(PEOPLE, "1", "email", "again@x");
    exchange();

    everywhere();
    assertThat(hub.outcomes().getLast().conflicts()).hasSize(1);
  }

  @Test
  void approvingWhatStandsWritesNothing() {
    lisbon.update(PEOPLE, "1", "email", "lisbon@x");
    porto.update(PEOPLE, "1", "email", "porto@x");
    int outcomes = hub.outcomes().size();
    rule(Verdict.DECIDED, new Amendment(id(), conflict(), conflict().result(), false)).join();

    assertThat(hub.outcomes()).hasSize(outcomes);
    assertThat(hub.log().getLast()).isInstanceOf(LogEntry.Ruling.class);
  }

  @Test
  void aRowThatLostToADeleteComesBackWhole() {
    lisbon.delete(PEOPLE, "1");
    porto.update(PEOPLE, "1", "badge", "gold");
    exchange();
    assertThat(everywhere()).isEmpty();

    rule(Verdict.REVERTED, of(conflict(), FieldImage.ofRow(conflict().source().row()))).join();
    exchange();

    assertThat(everywhere()).containsExactly("1|ann@x|gold");
  }

  @Test
  void aFieldOfARowThatIsGoneIsRefusedAndNothingIsWritten() {
    lisbon.update(PEOPLE, "1", "email", "lisbon@x");
    porto.update(PEOPLE, "1", "email", "porto@x");
    exchange();
    ConflictRecord settled = conflict();
    ConflictId id = id();
    lisbon.delete(PEOPLE, "1");
    int entries = hub.log().size();

    assertThat(refused(new Amendment(id, settled, FieldImage.of(value("lisbon@x")), true)))
        .contains("the row was deleted since");
    assertThat(hub.log()).hasSize(entries);
  }

  @Test
  void aRowThatWasTakenOutComesBackWithAValueThatIsFree() {
    lisbon.insert(PEOPLE, "2", "bob@x", "gold");
    porto.insert(PEOPLE, "3", "cid@x", "gold");
    Tuple taken = conflict().base().row();
    assertThat(refused(of(conflict(), FieldImage.ofRow(taken))))
        .contains("another row has its value of badge");
    exchange();
    assertThat(everywhere()).containsExactly("1|ann@x|b1", "3|cid@x|gold");
    rule(Verdict.DECIDED, of(conflict(), FieldImage.ofRow(ModelSite.row("2", "bob@x", "b2"))))
        .join();
    exchange();

    assertThat(everywhere()).containsExactly("1|ann@x|b1", "2|bob@x|b2", "3|cid@x|gold");
  }

  private String refused(Amendment amendment) {
    try {
      rule(Verdict.DECIDED, amendment).join();
    } catch (CompletionException e) {
      return ((Fault) e.getCause()).reason();
    }
    throw new AssertionError("it was done");
  }

  private CompletableFuture<Void> rule(Verdict verdict, Amendment amendment) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    hub.reception.take(new Command.Rule(verdict, List.of(amendment), "ann", "", answer));
    hub.work();
    return answer;
  }

  private Amendment of(ConflictRecord record, FieldImage value) {
    return new Amendment(id(), record, value, true);
  }

  private ConflictRecord conflict() {
    return conflicting().conflicts().getFirst();
  }

  private ConflictId id() {
    return new ConflictId(conflicting().position(), 0);
  }

  private LogEntry.Outcome conflicting() {
    return hub.outcomes().stream().filter(o -> !o.conflicts().isEmpty()).findFirst().orElseThrow();
  }

  private void exchange() {
    for (int i = 0; i < 3; i++) {
      lisbon.receive();
      porto.receive();
    }
  }

  private List<String> everywhere() {
    assertThat(porto.rows(PEOPLE)).isEqualTo(lisbon.rows(PEOPLE));
    return lisbon.rows(PEOPLE);
  }

  private static Field value(String text) {
    return Field.ofValue(Bytes.utf8(text));
  }
}
