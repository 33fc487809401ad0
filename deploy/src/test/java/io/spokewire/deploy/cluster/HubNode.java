package io.spokewire.deploy.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One hub: its data directory and, while it runs, its process. Owned by one thread. */
public final class HubNode implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final Programs programs;
  private final Path dataDirectory;
  private final Path output;
  private final String grpc;
  private final String http;
  private @Nullable ProgramRun run;

  /** Makes a hub in {@code directory} by {@code hub-server init}; it does not run yet. */
  public HubNode(Programs programs, Path directory) {
    this.programs = programs;
    this.dataDirectory = directory.resolve("hub");
    this.output = directory.resolve("hub.log");
    this.grpc = "127.0.0.1:" + freePort();
    this.http = "127.0.0.1:" + freePort();
    List<String> init = new ArrayList<>(programs.hub());
    init.addAll(List.of("init", "--data-dir", dataDirectory.toString()));
    init.addAll(List.of("--listen", grpc, "--http", http));
    CommandResult.of(init, Map.of(), START_LIMIT).orThrow();
  }

  /** Starts it and returns when it serves. */
  public void start() {
    int linesBefore = ProgramRun.lines(output);
    List<String> command = new ArrayList<>(programs.hub());
    command.addAll(List.of("run", "--data-dir", dataDirectory.toString()));
    run = ProgramRun.start("hub", output, Map.of(), command);
    run.awaitLine("hub ready", linesBefore, START_LIMIT);
  }

  public void kill9() {
    running().kill9();
  }

  /** SIGTERM. */
  public void stop() {
    running().close();
  }

  public ProgramRun running() {
    if (run == null) {
      throw new IllegalStateException("the hub was not started");
    }
    return run;
  }

  /** HOST:PORT for agents and administrators. */
  public String grpc() {
    return grpc;
  }

  /** HOST:PORT of metrics, health and console. */
  public String http() {
    return http;
  }

  public Path dataDirectory() {
    return dataDirectory;
  }

  /** What it printed, all runs. */
  public Path output() {
    return output;
  }

  /** Runs {@code syncadm} as this hub's administrator. */
  public CommandResult syncadm(String... arguments) {
    List<String> command = new ArrayList<>(programs.syncadm());
    command.addAll(List.of(arguments));
    return CommandResult.of(
        command,
        Map.of("SYNCADM_PROFILE", dataDirectory.resolve("admin.yaml").toString()),
        Duration.ofSeconds(180));
  }

  @Override
  public void close() {
    if (run != null) {
      run.close();
    }
  }

  /** A port nobody listens on now. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
