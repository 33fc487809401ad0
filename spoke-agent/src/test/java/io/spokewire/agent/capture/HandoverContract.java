package io.spokewire.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.agent.setup.Handover;
import io.spokewire.common.config.Plan.TablePattern;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How capture changes hands, and what of it is left in the end, run against each engine. Each test
 * has a database of its own with the tables {@code counter(id integer key, n integer)}, which has
 * rows 1 to 4, and {@code entry(id bigint key, writer integer)}. A test that hangs is broken off,
 * and its threads are printed.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class HandoverContract {
  protected static final MarkerSeal SEAL = new MarkerSeal(new byte[MarkerSeal.SECRET_LENGTH]);
  private static final List<TablePattern> PLAN =
      List.of(new TablePattern("counter"), new TablePattern("entry"));

  protected HandoverReader reader;

  /** Makes the test's database, with these tables. */
  protected abstract void makeSite() throws Exception;

  protected abstract TestSite site();

  protected abstract Handover handover();

  /** How an era's changes are read. */
  protected abstract ChangeSource.Factory source(Era era);

  /** Has capture begin in the log. */
  protected abstract void begin() throws Exception;

  /** Lets a handover to triggers fail when they are made already. */
  protected abstract void breakOff() throws Exception;

  /** Everything that is in the database and not the system's own, as text. */
  protected abstract String left() throws Exception;

  /** What stands in that text of each trigger of ours. */
  protected abstract String aTrigger();

  @BeforeEach
  void makeSiteAndReader() throws Exception {
    makeSite();
    reader = new HandoverReader(handover(), this::source);
  }

  protected void handOver(Era last) throws InterruptedException {
    if (last.byTriggers()) {
      handover().toLog(last, PLAN);
    } else {
      handover().toTriggers(last, PLAN);
    }
  }

  @Test
  void losesAndDoublesNothingHoweverOftenTheMethodChanges() throws Exception {
    begin();
    HandoverWriters writers = new HandoverWriters(4, site()::connect);
    for (int i = 0; i < 6; i++) {
      Era last = handover().eras().getLast();
      writers.awaitMore(50);
      handOver(last);
      reader.readTo(last.number() + 1);
    }
    int committed = writers.stop();
    reader.readEntries(committed);

    assertThat(reader.entries()).hasSize(committed).doesNotHaveDuplicates();
    assertThat(reader.counters())
        .containsEntry(1, site().query("select n from counter where id = 1"));
    assertThat(handover().eras()).hasSize(1);
    assertOnlyTheLogCaptures();
  }

  @Test
  void captureGoesOnByTheLogWhenAHandoverToTriggersIsBrokenOff() throws Exception {
    begin();
    breakOff();

    assertThat(left()).as("broken off behind the triggers").contains(aTrigger());
    assertThat(handover().eras()).singleElement().returns(false, Era::byTriggers);
    site().run("insert into entry values (1, 0)");
    reader.readEntries(1);
    assertThat(reader.entries()).hasSize(1);

    handover().tidy(handover().eras()); // its user thought better of it
    assertOnlyTheLogCaptures();
    site().run("insert into entry values (2, 0)");
    reader.readEntries(2);
  }

  @Test
  void aHandoverThatWasBrokenOffIsBegunAgainWithNothingOfTheFirst() throws Exception {
    begin();
    breakOff();
    site().run("insert into entry values (1, 0)");
    handOver(handover().eras().getLast());
    site().run("insert into entry values (2, 0)");
    reader.readTo(1);
    reader.readEntries(2);
    assertThat(reader.entries()).hasSize(2).doesNotHaveDuplicates();
  }

  protected void assertOnlyTheLogCaptures() throws Exception {
    assertThat(left()).doesNotContain("change_log").doesNotContain(aTrigger());
  }
}
