package io.spokewire.agent.pipeline;

import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.stream.TableReport;
import java.util.Collection;
import java.util.List;

/**
 * Reads which tables a database has, and has them captured. One implementation per engine.
 *
 * <p>Threading: one thread. Errors: a fault that heals while the database is away.
 */
public interface SiteCatalogue {
  /** Connects. */
  Reading open();

  /** One look over one connection. */
  interface Reading extends AutoCloseable {
    /** Where a table is that is named without a schema. */
    String defaultSchema();

    /** The tables in scope and what is wrong with them. */
    TableCatalogue read(TableScope scope);

    /** Whether the table has no row now; false if the agent may not look. */
    boolean isEmpty(LocalTable table);

    /** What of these tables the agent can't capture by itself. */
    List<TableReport.Problem> lacking(Collection<LocalTable> tables);

    /**
     * Has these tables captured, as far as the agent may.
     *
     * @return those that it may not
     */
    List<TableReport.Problem> capture(String defaultSchema, Collection<LocalTable> tables);

    @Override
    void close();
  }
}
