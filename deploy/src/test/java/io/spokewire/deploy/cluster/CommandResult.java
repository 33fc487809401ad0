package io.spokewire.deploy.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a command printed and how it ended.
 *
 * @param exitCode as the shell would see it
 */
public record CommandResult(List<String> command, int exitCode, String out, String err) {

  /** Runs a command to its end. */
  public static CommandResult of(
      List<String> command, Map<String, String> environment, Duration limit) {
    Path out = null;
    Path err = null;
    try {
      out = Files.createTempFile("spokewire", ".out");
      err = Files.createTempFile("spokewire", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(
            command + " did not end within " + limit + ":\n" + Files.readString(err));
      }
      return new CommandResult(
          command, process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      delete(out);
      delete(err);
    }
  }

  /** This result, if the command ended with 0. */
  public CommandResult orThrow() {
    if (exitCode != 0) {
      throw new IllegalStateException(
          String.join(" ", command) + " ended with " + exitCode + ":\n" + out + err);
    }
    return this;
  }

  private static void delete(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
