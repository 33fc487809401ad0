package io.spokewire.deploy.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The agent's program at one site. Owned by one thread. */
final class SiteAgent implements AutoCloseable {
  static final String USER = "spokewire";
  static final String PASSWORD = "correct horse battery staple";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final String name;
  private final Programs programs;
  private final Path dataDirectory;
  private final Path output;
  private final Path passwordFile;
  private @Nullable ProgramRun run;

  SiteAgent(String name, Programs programs, Path directory) {
    this.name = name;
    this.programs = programs;
    this.dataDirectory = directory.resolve(name);
    this.output = directory.resolve(name + ".log");
    this.passwordFile = directory.resolve(name + ".password");
    try {
      Files.createFile(
          passwordFile,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(passwordFile, PASSWORD + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param ssl how the agent is to talk to its database
   */
  CommandResult join(String jdbcUrl, String ssl, String hub, String token, String... more) {
    List<String> command = new ArrayList<>(programs.agent());
    command.addAll(List.of("join", "--hub", hub, "--token", token));
    command.addAll(List.of("--data-dir", dataDirectory.toString()));
    command.addAll(List.of("--database", jdbcUrl, "--user", USER));
    command.addAll(List.of("--credentials", "file:" + passwordFile));
    command.addAll(List.of("--database-ssl", ssl));
    command.addAll(List.of(more));
    return CommandResult.of(command, Map.of(), START_LIMIT);
  }

  /** Returns when it is connected. */
  void start() {
    int linesBefore = ProgramRun.lines(output);
    startWithoutWaiting();
    program().awaitLine("agent ready", linesBefore, START_LIMIT);
  }

  void startWithoutWaiting() {
    List<String> command = new ArrayList<>(programs.agent());
    command.addAll(List.of("run", "--data-dir", dataDirectory.toString()));
    run = ProgramRun.start("agent " + name, output, Map.of(), command);
  }

  ProgramRun program() {
    if (run == null) {
      throw new IllegalStateException("the agent of " + name + " was not started");
    }
    return run;
  }

  /** Runs another command of the agent, such as {@code preflight}. */
  CommandResult command(String... arguments) {
    List<String> command = new ArrayList<>(programs.agent());
    command.addAll(List.of(arguments));
    command.addAll(List.of("--data-dir", dataDirectory.toString()));
    return CommandResult.of(command, Map.of(), START_LIMIT);
  }

  Path dataDirectory() {
    return dataDirectory;
  }

  Path output() {
    return output;
  }

  @Override
  public void close() {
    if (run != null) {
      run.close();
    }
  }
}
