package io.spokewire.hub.audit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The audit in a PostgreSQL database, through a pool. Whatever goes wrong there heals as far as the
 * hub is concerned: the audit waits, and replication goes on.
 */
final class PostgresAudit implements AuditDatabase {
  private static final int CONNECTIONS = 4;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration STATEMENT = Duration.ofSeconds(60);

  /** A committed projection lets the log be trimmed, so it must survive a loss of power. */
  private static final String DURABLE =
      "SELECT set_config('synchronous_commit', 'on', false)"
          + " WHERE current_setting('synchronous_commit') = 'off'";

  private final PostgresPlace place;
  private final Password password;
  private final HikariDataSource pool;

  private PostgresAudit(PostgresPlace place, Password password, HikariDataSource pool) {
    this.place = place;
    this.password = password;
    this.pool = pool;
  }

  /** Makes the pool; whether the server is there shows at the first {@link #connect}. */
  static PostgresAudit open(PostgresPlace place) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("audit");
    config.setJdbcUrl(place.url());
    Password password = new Password(place);
    config.setCredentialsProvider(password);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    config.setConnectionTimeout(CONNECT.toMillis());
    config.setValidationTimeout(CONNECT.toMillis() / 2);
    config.setIdleTimeout(Duration.ofMinutes(5).toMillis());
    config.setMaxLifetime(Duration.ofMinutes(30).toMillis());
    config.setKeepaliveTime(Duration.ofMinutes(2).toMillis());
    config.setConnectionInitSql(DURABLE);
    config.setDataSourceProperties(driver());
    return new PostgresAudit(place, password, new HikariDataSource(config));
  }

  @Override
  public Connection connect() throws SQLException {
    return pool.getConnection();
  }

  @Override
  public boolean mayBeAway() {
    return true;
  }

  @Override
  public Fault failed(String operation, SQLException cause) {
    Fault unread = password.fault;
    if (unread != null) {
      return healing(FaultKind.REFUSED, operation, unread.reason() + ": " + unread.place())
          .hint(unread.hint())
          .causedBy(unread);
    }
    SQLException root = rootOf(cause);
    String state = root.getSQLState() == null ? "" : root.getSQLState();
    String reason = firstLine(root) + (state.isEmpty() ? "" : " [" + state + "]");
    if (state.startsWith("28") || state.equals("42501")) {
      return healing(FaultKind.REFUSED, operation, reason)
          .hint("check audit.user, audit.credentials and what the user may do in the database")
          .causedBy(cause);
    }
    if (state.equals("3D000")) {
      return healing(FaultKind.UNREACHABLE, operation, reason)
          .hint("create the database, or correct audit.url")
          .causedBy(cause);
    }
    if (cause instanceof SQLTransientConnectionException
        || state.startsWith("08")
        || state.startsWith("57")
        || state.startsWith("53")
        || state.startsWith("40")
        || state.equals("55P03")) {
      return healing(FaultKind.UNREACHABLE, operation, reason)
          .hint("is the server of audit.url running, and can this machine reach it?")
          .causedBy(cause);
    }
    return healing(FaultKind.INTERNAL, operation, reason)
        .hint("look at the database of audit.url and at its log")
        .causedBy(cause);
  }

  @Override
  public void close() {
    pool.close();
  }

  @Override
  public String toString() {
    return place.toString();
  }

  private Fault.Builder healing(FaultKind kind, String operation, String reason) {
    return Fault.of(kind, operation, reason).at(place).healsByItself();
  }

  private static Properties driver() {
    Properties driver = new Properties();
    driver.put("ApplicationName", "spokewire hub audit");
    driver.put("connectTimeout", Long.toString(CONNECT.toSeconds()));
    driver.put("loginTimeout", Long.toString(CONNECT.toSeconds()));
    driver.put("socketTimeout", Long.toString(STATEMENT.toSeconds()));
    driver.put("tcpKeepAlive", "true");
    driver.put("reWriteBatchedInserts", "true");
    // A plan made once for all values would walk the whole table for a rare one.
    driver.put("prepareThreshold", "0");
    return driver;
  }

  /** The pool says only that it waited in vain; why stands below. */
  private static SQLException rootOf(SQLException e) {
    SQLException root = e;
    while (root.getCause() instanceof SQLException below) {
      root = below;
    }
    return root;
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /**
   * Remembers why it could not be read: the pool would not start, or say that it waited in vain.
   */
  private static final class Password implements HikariCredentialsProvider {
    private final PostgresPlace place;
    private volatile @Nullable Fault fault;

    Password(PostgresPlace place) {
      this.place = place;
    }

    @Override
    public Credentials getCredentials() {
      try {
        Credentials read = Credentials.of(place.user(), place.password().read().value());
        fault = null;
        return read;
      } catch (Fault unread) {
        fault = unread;
        return Credentials.of(place.user(), "");
      }
    }
  }
}
