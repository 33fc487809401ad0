package io.spokewire.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// Ports for test servers.
final class LoopbackPort {
  private LoopbackPort() {}

  /// Below the range from which systems give ports to outgoing connections, so that nobody takes
  /// the port while the server is down between two starts.
  static int free() throws IOException {
    for (int attempt = 0; attempt < 100; attempt++) {
      int candidate = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (var _ = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
        return candidate;
      } catch (IOException e) {
        // Taken: try another.
      }
    }
    throw new IOException("no free port between 20000 and 32000");
  }
}
