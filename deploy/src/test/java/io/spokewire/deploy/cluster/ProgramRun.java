package io.spokewire.deploy.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program that runs in the background, its output in a file. Killed with this program at the
 * latest. Owned by one thread.
 */
public final class ProgramRun implements AutoCloseable {
  private final String name;
  private final Path output;
  private final Process process;
  private final Thread killOnExit;

  private ProgramRun(String name, Path output, Process process) {
    this.name = name;
    this.output = output;
    this.process = process;
    this.killOnExit = new Thread(process::destroyForcibly, "kill " + name);
    Runtime.getRuntime().addShutdownHook(killOnExit);
  }

  /** Starts a program; standard output and error go to {@code output}, after what is there. */
  public static ProgramRun start(
      String name, Path output, Map<String, String> environment, List<String> command) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
      builder.environment().putAll(environment);
      return new ProgramRun(name, output, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("starting " + name, e);
    }
  }

  /** Waits for a line that begins so, among those from {@code fromLine} on, and returns it. */
  public String awaitLine(String beginning, int fromLine, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      try (Stream<String> lines = Files.lines(output)) {
        var found = lines.skip(fromLine).filter(l -> l.startsWith(beginning)).findFirst();
        if (found.isPresent()) {
          return found.get();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      if (!process.isAlive()) {
        throw new IllegalStateException(
            name + " ended with " + process.exitValue() + ":\n" + outputText());
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            name + " did not print '" + beginning + "' within " + limit + ":\n" + outputText());
      }
      pause();
    }
  }

  /** How many lines it printed so far. */
  public static int lines(Path output) {
    try (Stream<String> lines = Files.exists(output) ? Files.lines(output) : Stream.empty()) {
      return (int) lines.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL: no goodbye. */
  public void kill9() {
    process.destroyForcibly();
    awaitEnd(Duration.ofSeconds(10));
  }

  /** SIGSTOP: it stands still, its connections stay open. */
  public void hold() {
    signal("STOP");
  }

  /** SIGCONT: it goes on after {@link #hold()}. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String signal) {
    CommandResult.of(
            List.of("kill", "-" + signal, Long.toString(pid())), Map.of(), Duration.ofSeconds(10))
        .orThrow();
  }

  /** SIGTERM, and SIGKILL if it does not end. */
  @Override
  public void close() {
    process.destroy();
    if (!awaitEnd(Duration.ofSeconds(20))) {
      kill9();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(killOnExit);
    } catch (IllegalStateException e) {
      // the machine is going down already
    }
  }

  /** Waits for the end of a program that ends by itself; its exit code. */
  public int awaitExit(Duration limit) {
    if (!awaitEnd(limit)) {
      kill9();
      throw new IllegalStateException(name + " did not end within " + limit + ":\n" + outputText());
    }
    return process.exitValue();
  }

  public String outputText() {
    try {
      return Files.exists(output) ? Files.readString(output) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean awaitEnd(Duration limit) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
