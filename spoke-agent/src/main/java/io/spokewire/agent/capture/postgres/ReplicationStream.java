package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * The messages of one slot as the driver receives them. Not thread-safe.
 *
 * <p>Holds its connection: the driver closes one that nobody refers to.
 */
final class ReplicationStream implements AutoCloseable {
  /**
   * How often the driver reports by itself. It is also how long the driver waits for the rest of a
   * message that has begun, so it is not short; what we confirm is reported at once.
   */
  private static final int STATUS_SECONDS = 10;

  private final PgDatabase database;
  private final PgSlot slot;
  private final Connection connection;
  private final PGReplicationStream stream;

  private ReplicationStream(
      PgDatabase database, PgSlot slot, Connection connection, PGReplicationStream stream) {
    this.database = database;
    this.slot = slot;
    this.connection = connection;
    this.stream = stream;
  }

  /**
   * Starts reading.
   *
   * @param start after this LSN; 0 for where the slot stands
   */
  static ReplicationStream open(
      PgDatabase database, PgSlot slot, PgPublication publication, Session session, long start) {
    PgSlot.State state = session.call("read the replication slot", slot::usable);
    if (start != 0 && Long.compareUnsigned(state.confirmed(), start) > 0) {
      throw slot.gone(
          "the slot stands at "
              + Lsn.toText(state.confirmed())
              + ", beyond "
              + Lsn.toText(start)
              + " where we left off",
          null);
    }
    if (Long.compareUnsigned(start, state.flushed()) > 0) {
      throw slot.gone(
          "the database's log ends at "
              + Lsn.toText(state.flushed())
              + ", before "
              + Lsn.toText(start)
              + " where we left off: it went back in time",
          null);
    }
    Connection connection = null;
    try {
      connection = database.connectForReplication();
      PGReplicationStream stream =
          connection
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .logical()
              .withSlotName(slot.name())
              .withStartPosition(LogSequenceNumber.valueOf(start))
              .withSlotOption("proto_version", 2)
              .withSlotOption("publication_names", '"' + publication.name() + '"')
              .withSlotOption("messages", "true")
              .withSlotOption("streaming", "on")
              .withStatusInterval(STATUS_SECONDS, TimeUnit.SECONDS)
              .withAutomaticFlush(false)
              .start();
      return new ReplicationStream(database, slot, connection, stream);
    } catch (SQLException e) {
      abort(connection);
      throw fault(database, slot, e);
    }
  }

  /** The next message, or null if none came within about a millisecond. */
  @Nullable ByteBuffer poll() {
    try {
      ByteBuffer message = stream.readPending();
      if (message == null && stream.isClosed()) {
        throw closed();
      }
      return message;
    } catch (SQLException e) {
      throw fault(database, slot, e);
    }
  }

  /**
   * Up to where the server has read its log for us. When nothing is pending, everything that
   * committed before was received.
   */
  long readUpTo() {
    return stream.getLastReceiveLSN().asLong();
  }

  /** Reports at once that everything up to here may be forgotten. */
  void confirm(long lsn) {
    LogSequenceNumber upTo = LogSequenceNumber.valueOf(lsn);
    stream.setFlushedLSN(upTo);
    stream.setAppliedLSN(upTo);
    try {
      stream.forceUpdateStatus();
    } catch (SQLException e) {
      throw fault(database, slot, e);
    }
  }

  /** Cuts the connection, however much the server has still to send. */
  @Override
  public void close() {
    abort(connection);
  }

  private Fault closed() {
    return Fault.of(FaultKind.UNREACHABLE, "read the log", "the server ended the stream")
        .at(database)
        .healsByItself()
        .build();
  }

  private static Fault fault(PgDatabase database, PgSlot slot, SQLException e) {
    String state = String.valueOf(e.getSQLState());
    String message = String.valueOf(e.getMessage());
    if (state.equals("42704") && message.contains("publication")) {
      return Fault.of(FaultKind.NEGATIVE, "read the log", "the publication did not exist there")
          .at(slot.name() + " in " + database)
          .hint(PgSlot.RESYNC)
          .causedBy(e);
    }
    if (state.equals("42704")) {
      return slot.gone("the replication slot does not exist any more", e);
    }
    if (state.equals("55000") && message.contains("slot")) {
      return slot.gone("the server has removed log that the slot still needed", e);
    }
    return PgFaults.of("read the log", database, e);
  }

  private static void abort(@Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        // It is closed, which is all we want.
      }
    }
  }
}
