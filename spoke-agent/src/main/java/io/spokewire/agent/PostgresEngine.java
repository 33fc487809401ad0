package io.spokewire.agent;

import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.capture.postgres.PgPolledDatabase;
import io.spokewire.agent.pipeline.postgres.PgSiteCatalogue;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.preflight.postgres.PgPollPreflight;
import io.spokewire.agent.preflight.postgres.PgPreflight;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.agent.settings.DatabaseSettings;
import io.spokewire.agent.setup.Handover;
import io.spokewire.agent.setup.SiteSetup;
import io.spokewire.agent.setup.postgres.PgHandover;
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
  public Handover handover() {
    return new PgHandover(patient(), capture.publication(), capture.slot());
  }

  @Override
  public SiteSetup setup() {
    if (polls()) {
      return PolledSite.setup(PgSiteCatalogue.ofPolling(brief()));
    }
    return new PgSetup(brief(), patient(), capture.publication(), capture.slot(), byTriggers());
  }

  private boolean polls() {
    return capture.method() == AgentSettings.Method.POLLING;
  }

  private boolean byTriggers() {
    return capture.method() == AgentSettings.Method.TRIGGER;
  }

  @Override
  public Preflight preflight(SpokeId spoke, Direction direction, List<TablePattern> tables) {
    PreflightScope scope = new PreflightScope(spoke, direction, tables, settings.accepted());
    if (polls()) {
      return new PgPollPreflight(brief(), scope, capture.polling());
    }
    return new PgPreflight(brief(), scope, capture.publication(), capture.slot(), byTriggers());
  }

  @Override
  public Site site(Site.Surroundings around) {
    if (polls()) {
      return new PolledSite(
          PgSiteCatalogue.ofPolling(brief()),
          scope -> new PgPolledDatabase(patient(), scope),
          capture.polling(),
          around);
    }
    return new PostgresSite(brief(), connections(), capture, handover(), around);
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
