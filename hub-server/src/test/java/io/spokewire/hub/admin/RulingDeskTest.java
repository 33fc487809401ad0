package io.spokewire.hub.admin;

import static io.spokewire.hub.audit.Conflicts.LOG;
import static io.spokewire.hub.audit.Conflicts.ORDERS;
import static io.spokewire.hub.audit.Conflicts.outcome;
import static io.spokewire.hub.audit.Conflicts.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.fault.Fault;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.audit.Conflicts;
import io.spokewire.hub.entry.Amendment;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.LogEntry.Ruled;
import io.spokewire.hub.entry.LogEntry.Verdict;
import io.spokewire.proto.DecideConflictRequest;
import io.spokewire.proto.RevertConflictsRequest;
import io.spokewire.proto.RuledConflicts;
import io.spokewire.proto.RulingSide;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the words of people are taken for. */
class RulingDeskTest {
  @TempDir private Path directory;
  private final SchemaBook schemas = new SchemaBook();
  private final ObedientControl control = new ObedientControl(null);
  private ConflictAudit audit;
  private RulingDesk desk;

  @BeforeEach
  void openCaseAndSettledOne() {
    schemas.add(ORDERS);
    audit = ConflictAudit.open(directory.resolve("audit.db"), schemas);
    audit.project(
        List.of(
            outcome(1, Conflicts.open(status(7, "new", "paid", "shipped"))),
            outcome(2, status(8, "new", "paid", "shipped"))));
    desk = new RulingDesk(audit, control, schemas);
  }

  @AfterEach
  void close() {
    audit.close();
  }

  @Test
  void anOpenCaseGetsTheValueTyped() {
    RuledConflicts ruled = desk.decide(decide(1).setValue("refused").build(), "ann");

    assertThat(told().value()).isEqualTo(FieldImage.of(Conflicts.text("refused")));
    assertThat(told().conflict()).isEqualTo(new ConflictId(LOG.at(1), 0));
    assertThat(ruled.getConflicts(0).getValue().getText()).isEqualTo("refused");
    assertThat(control.rulings).containsExactly("DECIDED " + told().conflict() + " by ann");
  }

  @Test
  void aSideOrNullOrWhatStandsMayBeTaken() {
    desk.decide(decide(1).setSide(RulingSide.RULING_SIDE_SOURCE).build(), "ann");
    assertThat(told().value()).isEqualTo(FieldImage.of(Conflicts.text("paid")));
    desk.decide(decide(1).setNull(true).build(), "ann");
    assertThat(told().value()).isEqualTo(FieldImage.of(Field.NULL));
    desk.decide(decide(1).setKeep(true).build(), "ann");
    assertThat(told().writes()).isFalse();
  }

  @Test
  void whatIsSettledIsNotDecidedButReverted() {
    assertThat(refused(() -> desk.decide(decide(2).setKeep(true).build(), "ann")))
        .contains("is not open");

    ConflictRecord settled = audit.find(2).orElseThrow().record();
    Field lost =
        settled.result().value().equals(settled.source().value())
            ? settled.target().value()
            : settled.source().value();
    desk.revert(RevertConflictsRequest.newBuilder().addIds(2).build(), "ann");
    assertThat(told().value()).isEqualTo(FieldImage.of(lost));
  }

  @Test
  void whatWasRevertedIsNotRevertedAgain() {
    audit.project(
        List.of(
            new LogEntry.Ruling(
                LOG.at(3),
                Verdict.REVERTED,
                HybridTime.of(Conflicts.START),
                "ann",
                "",
                List.of(
                    new Ruled(new ConflictId(LOG.at(2), 0), FieldImage.of(Conflicts.text("x")))))));

    assertThat(
            refused(() -> desk.revert(RevertConflictsRequest.newBuilder().addIds(2).build(), "a")))
        .contains("was reverted before");
  }

  @ParameterizedTest
  @CsvSource({"9, there is no conflict 9", "1, nothing is said of what it shall be"})
  void wrongRequestsSayWhatIsWrong(long id, String what) {
    assertThat(refused(() -> desk.decide(decide(id).build(), "ann"))).contains(what);
  }

  private Amendment told() {
    return control.told.getLast();
  }

  private static DecideConflictRequest.Builder decide(long id) {
    return DecideConflictRequest.newBuilder().setId(id);
  }

  private static String refused(Runnable call) {
    Fault fault = catchThrowableOfType(Fault.class, call::run);
    return fault.reason();
  }
}
