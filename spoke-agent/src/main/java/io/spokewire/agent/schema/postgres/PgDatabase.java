package io.spokewire.agent.schema.postgres;

import io.spokewire.agent.schema.LocalDatabase;
import io.spokewire.common.fault.Fault;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;

/**
 * One PostgreSQL database and the role we use there. Every session it opens speaks the text style
 * that {@link PgValueCodec} reads, whatever the role, the database or the server is set to.
 *
 * <p>Safe from any thread; connections belong to the caller.
 */
public final class PgDatabase implements LocalDatabase {
  /** After the driver's own settings, so that these hold. */
  private static final String PINNED =
      "SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET IntervalStyle = 'postgres';"
          + " SET extra_float_digits = 3; SET bytea_output = 'hex'; SET lc_monetary = 'C';"
          + " SET xmlbinary = 'base64'; SET standard_conforming_strings = on";

  private final String jdbcUrl;
  private final Properties settings;
  private final Supplier<String> password;
  private final Optional<Duration> patience;

  /**
   * @param jdbcUrl {@code jdbc:postgresql://…}
   * @param settings for the driver, such as {@code user} and {@code sslmode}; copied
   * @param password asked for at every connect, so that a changed one is taken up; empty for none
   */
  public PgDatabase(String jdbcUrl, Properties settings, Supplier<String> password) {
    this(jdbcUrl, settings, password, Optional.empty());
  }

  private PgDatabase(
      String jdbcUrl, Properties settings, Supplier<String> password, Optional<Duration> patience) {
    this.patience = patience;
    this.jdbcUrl = jdbcUrl;
    this.settings = new Properties();
    settings.stringPropertyNames().forEach(k -> this.settings.put(k, settings.getProperty(k)));
    this.password = password;
  }

  /**
   * The same database for short questions: a session whose server says nothing for so long is given
   * up, and the server gives up a statement a little earlier. Not for work that may rightly take
   * long, such as applying changes or waiting for a slot's consistent point.
   *
   * @param silence whole seconds, at least 2
   */
  public PgDatabase answeringWithin(Duration silence) {
    return new PgDatabase(jdbcUrl, settings, password, Optional.of(silence));
  }

  @Override
  public Connection connect() throws SQLException {
    return open(settingsWithPassword(), patience);
  }

  @Override
  public Fault fault(String operation, SQLException e) {
    return PgFaults.of(operation, this, e);
  }

  /** A session with the replication protocol, which takes simple statements as well. */
  public Connection connectForReplication() throws SQLException {
    Properties properties = settingsWithPassword();
    properties.put("replication", "database");
    properties.put("preferQueryMode", "simple");
    properties.put("assumeMinServerVersion", "15");
    return open(properties, Optional.empty());
  }

  /** Where it is, without user and password. */
  @Override
  public String toString() {
    int query = jdbcUrl.indexOf('?');
    return query < 0 ? jdbcUrl : jdbcUrl.substring(0, query);
  }

  /** A name as PostgreSQL's SQL takes it, whatever is in it. */
  public static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /** A qualified name as PostgreSQL's SQL takes it. */
  public static String quoted(String schema, String name) {
    return quoted(schema) + "." + quoted(name);
  }

  private Connection open(Properties properties, Optional<Duration> within) throws SQLException {
    Connection connection = DriverManager.getConnection(jdbcUrl, properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute(PINNED + timeouts(within));
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }

  /** Whatever the role's or the database's defaults are: those are meant for other programs. */
  private static String timeouts(Optional<Duration> within) {
    long statement = within.map(d -> d.toMillis() * 9 / 10).orElse(0L);
    return "; SET statement_timeout = "
        + statement
        + "; SET lock_timeout = "
        + statement / 4
        + "; SET idle_in_transaction_session_timeout = 0";
  }

  private Properties settingsWithPassword() {
    Properties properties = new Properties();
    properties.putAll(settings);
    properties.putIfAbsent("ApplicationName", "spokewire");
    properties.putIfAbsent("connectTimeout", "10");
    properties.putIfAbsent("loginTimeout", "30");
    properties.putIfAbsent("tcpKeepAlive", "true");
    properties.putIfAbsent("socketFactory", KeptAliveSockets.class.getName());
    patience.ifPresent(
        silence -> properties.putIfAbsent("socketTimeout", Long.toString(silence.toSeconds())));
    String secret = password.get();
    if (!secret.isEmpty()) {
      properties.put("password", secret);
    }
    return properties;
  }
}
