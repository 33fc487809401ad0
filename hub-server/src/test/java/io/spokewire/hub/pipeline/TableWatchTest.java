package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.id.Direction;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.stream.TableReport.TableProblem;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * A table that is left out at a spoke which is otherwise well is not left to be found by chance.
 */
class TableWatchTest {
  private static final TableProblem KEYLESS = problem("loose", "no primary key", "add one", true);
  private static final TableProblem SHAPELESS = problem("odd", "a generated key", "", true);
  private static final TableProblem LIMITED = problem("log", "inserts only", "", false);

  private final HubHarness hub = new HubHarness();

  @Test
  void whatALiveSpokeCanNotReplicateIsANoticeUntilItCan() {
    FakeAgent lisbon = liveLisbon();

    lisbon.reportProblems(LIMITED, KEYLESS, SHAPELESS);

    assertThat(lines())
        .containsExactly(
            "not replicated as planned at lisbon: loose: no primary key (add one), and 1 more"
                + " (all of it: syncadm topology show lisbon)");
    assertThat(hub.board.of(LISBON).tableProblems()).hasSize(3);

    lisbon.reportProblems(LIMITED);

    assertThat(lines()).isEmpty();
    assertThat(hub.board.of(LISBON).tableProblems()).hasSize(1);
  }

  @Test
  void aJoiningSpokeWaitsForItsTablesAnyhow() {
    hub.plan("orders");
    FakeAgent porto = hub.spoke(PORTO, Direction.BOTH);
    porto.hello().confirm();

    porto.reportProblems(KEYLESS);

    assertThat(lines()).isEmpty();
    assertThat(hub.board.of(PORTO).tableProblems()).hasSize(1);
  }

  @Test
  void aSpokeThatIsRemovedTakesItsNoticeAlong() {
    liveLisbon().reportProblems(KEYLESS);

    hub.reception.take(new Command.Remove(LISBON, new CompletableFuture<>()));
    hub.work();

    assertThat(lines()).isEmpty();
  }

  private FakeAgent liveLisbon() {
    hub.plan("orders");
    return hub.live(LISBON);
  }

  private List<String> lines() {
    return hub.notices.all().stream().map(Notices.Notice::line).toList();
  }

  private static TableProblem problem(String table, String problem, String hint, boolean fatal) {
    return new TableProblem(new TableName(table), problem, hint, fatal);
  }
}
