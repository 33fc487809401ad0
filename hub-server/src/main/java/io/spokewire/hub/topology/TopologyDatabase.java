package io.spokewire.hub.topology;

import io.spokewire.common.disk.SqliteFile;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The SQLite file behind the topology. Safe from any thread. */
public final class TopologyDatabase implements AutoCloseable {
  private static final List<String> MIGRATIONS =
      List.of("001-topology.sql", "002-log-time.sql", "003-column-types.sql");

  private final SqliteFile file;

  private TopologyDatabase(SqliteFile file) {
    this.file = file;
  }

  /** Opens the file, makes it if it is not there, and brings its tables up to date. */
  public static TopologyDatabase open(Path file) {
    return new TopologyDatabase(
        SqliteFile.open(
            file,
            "topology",
            "hub-server",
            MIGRATIONS.stream().map(TopologyDatabase::script).toList()));
  }

  /** Runs a transaction; when it returns, it is on disk. */
  <T> T transaction(String operation, SqliteFile.Work<T> work) {
    return file.transaction(operation, work);
  }

  @Override
  public void close() {
    file.close();
  }

  private static String script(String name) {
    try (InputStream in = TopologyDatabase.class.getResourceAsStream(name)) {
      if (in == null) {
        throw Fault.invariant("resource", name + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw Fault.of(FaultKind.INTERNAL, "read migration", name).causedBy(e);
    }
  }
}
