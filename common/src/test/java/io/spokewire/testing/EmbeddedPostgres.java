package io.spokewire.testing;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A real PostgreSQL server for tests, demo and benchmark: its own process, its own temporary data
/// directory, a free loopback port. Durable as in production (`fsync` and `synchronous_commit` on)
/// and ready for logical replication. The superuser is `postgres`, with no password.
///
/// The build leaves the binaries as `target/postgres/<major>/*.txz`; the first use unpacks them
/// there (needs `tar` and `xz`) and runs `initdb` once into a template, which later starts copy.
/// PostgreSQL refuses to run as root: root starts it in a user namespace of its own (`unshare -U`).
///
/// Not for use by several threads at once.
public final class EmbeddedPostgres implements EmbeddedServer {

  /// Directory with one subdirectory for each major version; set by the build.
  private static final String HOME_PROPERTY = "spokewire.test.postgres";

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private static final Map<String, String> DEFAULT_SETTINGS =
      Map.of(
          "listen_addresses", "127.0.0.1",
          "unix_socket_directories", "",
          "wal_level", "logical",
          "max_connections", "100",
          "shared_buffers", "32MB",
          "timezone", "UTC",
          "log_timezone", "UTC");

  private final Path binaries;
  private final Path directory;
  private final int port;
  private final Map<String, String> settings;
  private final Thread killOnExit = new Thread(this::killProcesses, "kill embedded PostgreSQL");
  private Process server;

  private EmbeddedPostgres(Path binaries, Path directory, int port, Map<String, String> settings) {
    this.binaries = binaries;
    this.directory = directory;
    this.port = port;
    this.settings = settings;
  }

  /// Starts a new, empty server with default settings.
  ///
  /// @param major 15 or 18
  public static EmbeddedPostgres start(int major) throws IOException {
    return start(major, Map.of());
  }

  /// Starts a new, empty server and returns once it accepts connections.
  ///
  /// @param major 15 or 18
  /// @param settings `postgresql.conf` entries over the defaults of this class
  public static EmbeddedPostgres start(int major, Map<String, String> settings) throws IOException {
    Installation installation = Installation.of(major);
    Path directory = Files.createTempDirectory("spokewire-postgres-" + major + "-");
    Trees.copy(installation.template(), directory.resolve("data"));
    Map<String, String> all = new LinkedHashMap<>(DEFAULT_SETTINGS);
    all.putAll(settings);
    EmbeddedPostgres postgres =
        new EmbeddedPostgres(installation.binaries(), directory, LoopbackPort.free(), all);
    Runtime.getRuntime().addShutdownHook(postgres.killOnExit);
    try {
      postgres.launch();
    } catch (IOException | RuntimeException e) {
      postgres.close();
      throw e;
    }
    return postgres;
  }

  /// The port on 127.0.0.1; it stays the same over restarts.
  public int port() {
    return port;
  }

  /// The postmaster's; its children are the server's other processes.
  @Override
  public long pid() {
    return server.pid();
  }

  /// A JDBC address that logs the superuser in.
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres";
  }

  /// Where the server's data are; gone after [#close].
  public Path dataDirectory() {
    return directory.resolve("data");
  }

  /// What the server wrote to its log since the first start.
  public String log() throws IOException {
    Path log = logFile();
    return Files.exists(log) ? Files.readString(log) : "";
  }

  public boolean isRunning() {
    return server != null && server.isAlive();
  }

  /// Shuts down as `pg_ctl stop -m fast`: connections are cut, a checkpoint is written. The data
  /// stay for [#restart]. Does nothing if the server is down.
  public void stop() throws IOException {
    if (!isRunning()) {
      return;
    }
    Commands.run(List.of("kill", "-INT", Long.toString(server.pid())));
    if (!Commands.waitFor(server, STOP_LIMIT)) {
      killProcesses();
      throw new IOException("PostgreSQL did not stop within " + STOP_LIMIT + "\n" + log());
    }
  }

  /// Shuts down as `pg_ctl stop -m immediate`: connections are cut and nothing is written, so that
  /// [#restart] recovers from the log. Does nothing if the server is down.
  public void stopImmediately() throws IOException {
    if (!isRunning()) {
      return;
    }
    Commands.run(List.of("kill", "-QUIT", Long.toString(server.pid())));
    if (!Commands.waitFor(server, STOP_LIMIT)) {
      killProcesses();
      throw new IOException("PostgreSQL did not stop within " + STOP_LIMIT + "\n" + log());
    }
  }

  @Override
  public void restart() throws IOException {
    stop();
    launch();
  }

  /// As [#restart], with settings changed or added.
  public void restart(Map<String, String> changedSettings) throws IOException {
    stop();
    settings.putAll(changedSettings);
    launch();
  }

  /// Every process of the server.
  @Override
  public void kill9() {
    killProcesses();
  }

  @Override
  public void close() throws IOException {
    try {
      stop();
    } finally {
      killProcesses();
      Trees.delete(directory);
      try {
        Runtime.getRuntime().removeShutdownHook(killOnExit);
      } catch (IllegalStateException e) {
        // The JVM is going down already and runs the hook anyhow.
      }
    }
  }

  private void launch() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(binaries.resolve("bin/postgres").toString());
    command.add("-D");
    command.add(dataDirectory().toString());
    command.add("-p");
    command.add(Integer.toString(port));
    settings.forEach(
        (name, value) -> {
          command.add("-c");
          command.add(name + "=" + value);
        });
    server =
        new ProcessBuilder(asOrdinaryUser(command))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
            .start();
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!isReady()) {
      if (!server.isAlive()) {
        throw new IOException("PostgreSQL ended with " + server.exitValue() + "\n" + log());
      }
      if (System.nanoTime() > deadline) {
        killProcesses();
        throw new IOException("PostgreSQL did not start within " + START_LIMIT + "\n" + log());
      }
      Commands.pause(Duration.ofMillis(10));
    }
  }

  /// As pg_ctl does it: the pid file's first line is the process, its eighth the state. A file left
  /// by a killed server names another process.
  private boolean isReady() throws IOException {
    Path file = dataDirectory().resolve("postmaster.pid");
    if (!Files.exists(file)) {
      return false;
    }
    List<String> lines = Files.readAllLines(file);
    return lines.size() >= 8
        && lines.getFirst().equals(Long.toString(server.pid()))
        && lines.get(7).strip().equals("ready");
  }

  private void killProcesses() {
    if (!isRunning()) {
      return;
    }
    List<ProcessHandle> children = server.descendants().toList();
    server.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    server.onExit().join();
    children.forEach(child -> child.onExit().join());
  }

  private Path logFile() {
    return directory.resolve("log");
  }

  /// The unpacked binaries of one major version and an initialised data directory to copy.
  private record Installation(Path binaries, Path template) {

    static synchronized Installation of(int major) throws IOException {
      Path home = home().resolve(Integer.toString(major));
      if (!Files.isDirectory(home)) {
        throw new IOException(
            "no PostgreSQL " + major + " in " + home + "; run ./mvnw -N -q package");
      }
      Path archive = onlyArchiveIn(home);
      // Named after the archive, so that another version is not mistaken for it.
      String name = archive.getFileName() + "-" + Files.size(archive);
      Path binaries = home.resolve(name + ".unpacked");
      Path template = home.resolve(name + ".template");
      try (FileChannel lock =
          FileChannel.open(
              home.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        var _ = lock.lock();
        if (!Files.exists(binaries)) {
          Path unpacking = Files.createTempDirectory(home, "unpacking-");
          Commands.run(List.of("tar", "-xJf", archive.toString(), "-C", unpacking.toString()));
          Files.move(unpacking, binaries, StandardCopyOption.ATOMIC_MOVE);
        }
        if (!Files.exists(template)) {
          Path initialising = Files.createTempDirectory(home, "initialising-");
          Commands.run(asOrdinaryUser(initdb(binaries, initialising)));
          Files.move(initialising, template, StandardCopyOption.ATOMIC_MOVE);
        }
      }
      return new Installation(binaries, template);
    }

    private static List<String> initdb(Path binaries, Path data) {
      return List.of(
          binaries.resolve("bin/initdb").toString(),
          "--pgdata=" + data,
          "--username=postgres",
          "--auth=trust",
          "--encoding=UTF8",
          "--locale=C",
          "--no-sync");
    }

    private static Path onlyArchiveIn(Path home) throws IOException {
      try (Stream<Path> files = Files.list(home)) {
        return files
            .filter(file -> file.getFileName().toString().endsWith(".txz"))
            .findFirst()
            .orElseThrow(() -> new IOException("no *.txz in " + home));
      }
    }

    /// The build's property, or, for a run from an IDE, `target/postgres` here or further up.
    private static Path home() throws IOException {
      String set = System.getProperty(HOME_PROPERTY);
      if (set != null) {
        return Path.of(set).toRealPath();
      }
      for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
        Path candidate = at.resolve("target/postgres");
        if (Files.isDirectory(candidate)) {
          return candidate;
        }
      }
      throw new IOException("no target/postgres; run ./mvnw -N -q package or set " + HOME_PROPERTY);
    }
  }

  /// Root in a fresh user namespace is nobody there, which is enough for PostgreSQL's check, and
  /// still owns its files. For anyone else the command stays as it is.
  private static List<String> asOrdinaryUser(List<String> command) {
    if (!"root".equals(System.getProperty("user.name"))) {
      return command;
    }
    List<String> wrapped = new ArrayList<>(List.of("unshare", "--user"));
    wrapped.addAll(command);
    return wrapped;
  }
}
