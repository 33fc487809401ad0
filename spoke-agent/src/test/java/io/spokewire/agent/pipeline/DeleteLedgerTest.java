package io.spokewire.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.apply.PendingDeletes.Verdict;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DeleteLedgerTest {
  private static final Position MISSED =
      new Position(new LogIncarnation(new UUID(1, 2)), ChannelId.MAIN, 7);

  private final DeleteLedger ledger = new DeleteLedger(schemas(), 2);

  @Test
  void aMissingRowThatNobodyDeletedHereIsDriftOnceCaptureIsThere() {
    assertThat(judge(1, 5)).isEqualTo(Verdict.UNDECIDED);
    ledger.capturedThrough(Context.through(MISSED));
    assertThat(judge(1, 5)).isEqualTo(Verdict.UNEXPLAINED);
  }

  @Test
  void aDeleteExplainsAMissingRowUntilTheHubHasTakenItIntoAccount() {
    ledger.capturedThrough(Context.through(MISSED));
    ledger.remember(delete(1), new Sequence(6));
    assertThat(judge(1, 5)).isEqualTo(Verdict.EXPLAINED);
    assertThat(judge(1, 6)).isEqualTo(Verdict.UNEXPLAINED);
    assertThat(judge(2, 5)).isEqualTo(Verdict.UNEXPLAINED);
  }

  @Test
  void beyondItsCapacityATablesDeletesExplainEveryKey() {
    ledger.capturedThrough(Context.through(MISSED));
    for (int id = 1; id <= 3; id++) {
      ledger.remember(delete(id), new Sequence(5 + id));
    }
    assertThat(judge(9, 5)).isEqualTo(Verdict.EXPLAINED);
  }

  @Test
  void afterARestartADeleteOfTheLifeBeforeIsNotTakenForDrift() {
    ledger.begin(new Sequence(6)); // what it deleted is not known any more
    ledger.capturedThrough(Context.through(MISSED));
    assertThat(judge(1, 5)).isEqualTo(Verdict.EXPLAINED);
    assertThat(judge(1, 6)).isEqualTo(Verdict.UNEXPLAINED);
  }

  private Verdict judge(int id, long acknowledged) {
    return ledger.judge(FakeDatabase.ORDERS.table(), key(id), new Sequence(acknowledged), MISSED);
  }

  private static RowBlock delete(int id) {
    return new RowBlockWriter()
        .put(
            new RowChange.Delete(
                FakeDatabase.ORDERS.id(), key(id), io.spokewire.common.change.Tuple.NONE))
        .toBlock();
  }

  private static RowKey key(int id) {
    return new RowKey(Bytes.utf8(Integer.toString(id)));
  }

  private static SchemaBook schemas() {
    SchemaBook book = new SchemaBook();
    book.add(FakeDatabase.ORDERS);
    return book;
  }
}
