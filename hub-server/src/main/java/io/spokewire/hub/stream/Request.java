package io.spokewire.hub.stream;

import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.id.TableName;
import java.util.List;

/** What a session asks of the sequencer, in the order its agent sent it. Immutable. */
public sealed interface Request {
  Session session();

  /** An agent says who it is; answered by {@link Session#welcome} or a refusal. */
  record Attach(Session session, Hello hello) implements Request {}

  /** The agent made the session's number durable: data may flow. */
  record Confirm(Session session, long number) implements Request {}

  /**
   * Records of the agent's outbox, all of the epoch that was agreed on, their rows walked and found
   * whole.
   *
   * @param bytes the memory they stand for, given back by {@link Session#consumed}
   */
  record Upstream(Session session, List<UpstreamRecord> records, int bytes) implements Request {
    public Upstream {
      records = List.copyOf(records);
    }
  }

  /**
   * The spoke's database durably holds everything up to here; never beyond what it was sent.
   *
   * @param position log position number
   * @param parked rows set aside now
   * @param rows rows applied since the last report
   * @param kept values kept off now by pending writes of the site
   */
  record Applied(Session session, long position, long parked, long rows, long kept)
      implements Request {}

  /** The spoke's tables. */
  record Tables(Session session, TableReport report) implements Request {}

  /** The answer to {@link Session#checkPlan}. */
  record PlanChecked(Session session, long id, TableReport report) implements Request {}

  /**
   * The spoke's database refused a row that breaks one of its constraints; it is set aside there.
   *
   * @param position of the outcome it came with
   * @param error the database's words
   */
  record RowRefused(Session session, TableName table, RowKey key, long position, String error)
      implements Request {}

  /**
   * The agent says how it is.
   *
   * @param fault what is wrong at the stage; empty when all is well again
   */
  record Condition(Session session, String stage, String fault) implements Request {}

  /** The agent says that its database's log has lost what we need. */
  record LogLost(Session session, String reason) implements Request {}

  /** The session is over. Comes once, last. */
  record Detach(Session session) implements Request {}
}
