package io.spokewire.agent.capture.polling;

import io.spokewire.agent.capture.RowForm;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A database that is polled. One implementation per engine.
 *
 * <p>Threading: each look by one thread. Errors: {@link io.spokewire.common.fault.Fault}, which
 * heals by itself if another look may succeed.
 */
public interface PolledDatabase {
  /**
   * Looks at it: all that is read, is read of one snapshot. Changes nothing.
   *
   * @param tables that are going to be read; some may not be there
   */
  Look look(Collection<LocalName> tables);

  /** The fault for a table that was altered while it was looked at. */
  static Fault altered(Object place, SQLException e) {
    return Fault.of(
            FaultKind.UNREACHABLE,
            "look at the tables",
            "one was altered meanwhile: " + e.getMessage())
        .at(place)
        .healsByItself()
        .causedBy(e);
  }

  /** One look. */
  interface Look extends AutoCloseable {
    /** The database's own clock, before the snapshot was taken. */
    Instant at();

    /** The plan's tables as they are, in the agent's own types. */
    List<LocalTable> tables();

    /** How rows of one of them are read. */
    RowForm form(LocalTable table);

    /**
     * Gives each row's columns, in the form's order.
     *
     * @param from rows whose growing column is earlier, and is not NULL, are left out; empty for
     *     all rows
     */
    void rows(PolledTable table, Optional<LocalDateTime> from, RowTaker taker);

    /** Gives each row's key columns, in the key's order. */
    void keys(PolledTable table, RowTaker taker);

    @Override
    void close();
  }

  /** Takes a row, column by column. */
  interface RowTaker {
    /** A value as the form reads it; null for NULL. */
    void column(byte @Nullable [] value);

    /** The row is whole. */
    void row();
  }
}
