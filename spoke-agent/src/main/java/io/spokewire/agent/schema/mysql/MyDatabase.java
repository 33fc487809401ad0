package io.spokewire.agent.schema.mysql;

import io.spokewire.agent.schema.LocalDatabase;
import io.spokewire.common.fault.Fault;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;

/**
 * One database of a MySQL or MariaDB server and the user we log in as. Every session it opens has
 * the settings that decide what a value means pinned, whatever the server or the user is set to:
 * any stored value is taken and none is changed silently, times are UTC, text is utf8mb4, foreign
 * keys are checked.
 *
 * <p>Safe from any thread; connections belong to the caller.
 */
public final class MyDatabase implements LocalDatabase {
  /** After the driver's own settings, so that these hold. */
  private static final String PINNED =
      "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,"
          + "NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', foreign_key_checks = 1,"
          + " unique_checks = 1, sql_safe_updates = 0, sql_select_limit = DEFAULT,"
          + " sql_auto_is_null = 0, div_precision_increment = 4, max_sort_length = 1024";

  private final String jdbcUrl;
  private final Properties settings;
  private final Supplier<String> password;
  private final Optional<Duration> patience;

  /**
   * @param jdbcUrl {@code jdbc:mysql://HOST:PORT/DATABASE} or {@code jdbc:mariadb://…}; both are
   *     spoken by one driver
   * @param settings for the driver (MySQL's), such as {@code user} and {@code sslMode}; copied
   * @param password asked for at every connect, so that a changed one is taken up; empty for none
   */
  public MyDatabase(String jdbcUrl, Properties settings, Supplier<String> password) {
    this(
        jdbcUrl.replaceFirst("^jdbc:mariadb:", "jdbc:mysql:"),
        settings,
        password,
        Optional.empty());
  }

  private MyDatabase(
      String jdbcUrl, Properties settings, Supplier<String> password, Optional<Duration> patience) {
    this.patience = patience;
    this.jdbcUrl = jdbcUrl;
    this.settings = new Properties();
    settings.stringPropertyNames().forEach(k -> this.settings.put(k, settings.getProperty(k)));
    this.password = password;
  }

  /**
   * The same database for short questions: a session whose server says nothing for so long is given
   * up. Not for work that may rightly take long, such as applying changes.
   *
   * @param silence whole seconds, at least 2
   */
  public MyDatabase answeringWithin(Duration silence) {
    return new MyDatabase(jdbcUrl, settings, password, Optional.of(silence));
  }

  @Override
  public Connection connect() throws SQLException {
    Connection connection = DriverManager.getConnection(jdbcUrl, properties());
    try (Statement statement = connection.createStatement()) {
      statement.execute(PINNED);
      statement.execute(
          MyFlavour.of(connection) == MyFlavour.MARIADB
              ? "SET SESSION max_statement_time = 0"
              : "SET SESSION max_execution_time = 0");
      int wait = patience.map(p -> (int) Math.max(1, p.toSeconds() / 4)).orElse(50);
      statement.execute(
          "SET SESSION innodb_lock_wait_timeout = "
              + wait
              + ", lock_wait_timeout = "
              + patience.map(p -> wait).orElse(86_400)
              + ", wait_timeout = 28800");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }

  @Override
  public Fault fault(String operation, SQLException e) {
    return MyFaults.of(operation, this, e);
  }

  /** The server's name or address. */
  public String host() {
    String host = address().getHost();
    return host == null ? "localhost" : host.replaceAll("^\\[|]$", "");
  }

  public int port() {
    return address().getPort() < 0 ? 3306 : address().getPort();
  }

  /** The database's name; empty if none is chosen. */
  public String name() {
    String path = address().getPath();
    return path == null || path.length() < 2 ? "" : path.substring(1);
  }

  public String user() {
    return settings.getProperty("user", "");
  }

  /** The password as of now; empty for none. */
  public String password() {
    return password.get();
  }

  /** A setting of the driver, such as {@code sslMode}. */
  public Optional<String> setting(String key) {
    return Optional.ofNullable(settings.getProperty(key));
  }

  /** Where it is, without user and password. */
  @Override
  public String toString() {
    int query = jdbcUrl.indexOf('?');
    return query < 0 ? jdbcUrl : jdbcUrl.substring(0, query);
  }

  /** A name as MySQL's SQL takes it, whatever is in it. */
  public static String quoted(String identifier) {
    return '`' + identifier.replace("`", "``") + '`';
  }

  /** A qualified name as MySQL's SQL takes it. */
  public static String quoted(String database, String name) {
    return quoted(database) + "." + quoted(name);
  }

  private URI address() {
    return URI.create(toString().substring("jdbc:".length()));
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.putAll(settings);
    properties.putIfAbsent("connectTimeout", "10000");
    properties.putIfAbsent("tcpKeepAlive", "true");
    properties.putIfAbsent("connectionAttributes", "program_name:spokewire");
    // Values are read as the server's own text; nothing is turned into Java's idea of them.
    properties.put("characterEncoding", "UTF-8");
    properties.put("characterSetResults", "UTF-8"); // else each column's own
    properties.put("tinyInt1isBit", "false");
    properties.put("yearIsDateType", "false");
    properties.put("connectionTimeZone", "UTC");
    properties.put("forceConnectionTimeZoneToSession", "false");
    properties.put("jdbcCompliantTruncation", "false"); // it would change sql_mode
    patience.ifPresent(
        silence -> properties.putIfAbsent("socketTimeout", Long.toString(silence.toMillis())));
    String secret = password.get();
    if (!secret.isEmpty()) {
      properties.put("password", secret);
    }
    return properties;
  }
}
