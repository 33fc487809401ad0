package io.spokewire.agent;

import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.preflight.postgres.PgPreflight;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.agent.settings.DatabaseSettings;
import io.spokewire.agent.setup.SiteSetup;
import io.spokewire.agent.setup.postgres.PgSetup;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.credential.CredentialSource;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

/** A PostgreSQL database. */
final class PostgresEngine implements Engine {
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final DatabaseSettings settings;
  private final CaptureSettings capture;
  private final CredentialSource credentials;

  PostgresEngine(DatabaseSettings settings, CaptureSettings capture) {
    this.settings = settings;
    this.capture = capture;
    this.credentials = settings.credentials().source(System::getenv);
  }

  @Override
  public String version() {
    return PgSetup.version(brief());
  }

  @Override
  public SiteSetup setup() {
    return new PgSetup(brief(), patient(), capture.publication(), capture.slot());
  }

  @Override
  public Preflight preflight(SpokeId spoke, Direction direction, List<TablePattern> tables) {
    return new PgPreflight(
        brief(),
        new PreflightScope(spoke, direction, tables),
        capture.publication(),
        capture.slot());
  }

  @Override
  public Site site(Site.Surroundings around) {
    return new PostgresSite(brief(), connections(), capture, around);
  }

  /** For questions that have a quick answer, and for the log, which has its own heartbeat. */
  private PgDatabase brief() {
    return patient().answeringWithin(SILENCE);
  }

  /** For work that waits for others as long as it takes: setting up, and applying. */
  private PgDatabase patient() {
    return database(new Properties());
  }

  /** Connections with further driver properties, for apply. */
  private ConnectionSource connections() {
    return properties -> database(properties).connect();
  }

  private PgDatabase database(Properties more) {
    Properties properties = new Properties();
    settings.options().forEach(properties::setProperty);
    properties.setProperty("user", settings.user());
    properties.setProperty("sslmode", settings.ssl().postgresMode());
    more.stringPropertyNames().forEach(k -> properties.setProperty(k, more.getProperty(k)));
    return new PgDatabase(settings.jdbcUrl(), properties, () -> credentials.read().value());
  }
}
