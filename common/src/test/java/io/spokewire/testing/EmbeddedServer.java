package io.spokewire.testing;

import java.io.IOException;

/// A database server that a test runs, whatever its engine.
public interface EmbeddedServer extends AutoCloseable {
  /// The server's process id.
  long pid();

  /// Stops the server if it runs, and starts it on the same data and port. Also the way up after
  /// [#kill9].
  void restart() throws IOException;

  /// Kills the server with SIGKILL, as a crash would; the data stay as they are.
  void kill9();

  /// Stops the server and deletes its directory.
  @Override
  void close() throws IOException;
}
