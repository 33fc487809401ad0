package io.spokewire.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs programs and waits for them.
final class Commands {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Commands() {}

  /// Runs a command to its end and fails with its output unless that is 0.
  static void run(List<String> command) throws IOException {
    run(command, Map.of());
  }

  /// As [#run(List)], with more in its environment.
  static void run(List<String> command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!waitFor(process, LIMIT)) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + " did not end\n" + output);
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          String.join(" ", command) + " ended with " + process.exitValue() + "\n" + output);
    }
  }

  static boolean waitFor(Process process, Duration limit) throws IOException {
    try {
      return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a process", e);
    }
  }

  static void pause(Duration time) throws IOException {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a server", e);
    }
  }
}
