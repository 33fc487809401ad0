package io.spokewire.agent;

import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.capture.mysql.MyPolledDatabase;
import io.spokewire.agent.pipeline.mysql.MySiteCatalogue;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.preflight.mysql.MyPollPreflight;
import io.spokewire.agent.preflight.mysql.MyPreflight;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.agent.settings.DatabaseSettings;
import io.spokewire.agent.setup.Handover;
import io.spokewire.agent.setup.SiteSetup;
import io.spokewire.agent.setup.mysql.MyHandover;
import io.spokewire.agent.setup.mysql.MySetup;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.credential.CredentialSource;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** A MySQL or MariaDB database. */
final class MySqlEngine implements Engine {
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final DatabaseSettings settings;
  private final CaptureSettings capture;
  private final boolean byTriggers;
  private final CredentialSource credentials;

  MySqlEngine(DatabaseSettings settings, CaptureSettings capture) {
    this.settings = settings;
    this.capture = capture;
    this.byTriggers = capture.method() == AgentSettings.Method.TRIGGER;
    this.credentials = settings.credentials().source(System::getenv);
  }

  @Override
  public String version() {
    return MySetup.version(brief());
  }

  @Override
  public Handover handover() {
    return new MyHandover(patient());
  }

  @Override
  public SiteSetup setup() {
    if (polls()) {
      return PolledSite.setup(new MySiteCatalogue(brief(), Optional.empty()));
    }
    return new MySetup(brief(), patient(), byTriggers);
  }

  @Override
  public Preflight preflight(SpokeId spoke, Direction direction, List<TablePattern> tables) {
    PreflightScope scope = new PreflightScope(spoke, direction, tables, settings.accepted());
    return polls()
        ? new MyPollPreflight(brief(), scope, capture.polling())
        : new MyPreflight(brief(), scope, byTriggers);
  }

  private boolean polls() {
    return capture.method() == AgentSettings.Method.POLLING;
  }

  @Override
  public Site site(Site.Surroundings around) {
    if (polls()) {
      return new PolledSite(
          new MySiteCatalogue(brief(), Optional.empty()),
          scope -> new MyPolledDatabase(patient(), scope),
          capture.polling(),
          around);
    }
    return new MySqlSite(brief(), patient(), connections(), byTriggers, handover(), around);
  }

  /** For questions that have a quick answer. */
  private MyDatabase brief() {
    return patient().answeringWithin(SILENCE);
  }

  /** For work that waits for others as long as it takes: setting up, applying, and the log. */
  private MyDatabase patient() {
    return database(new Properties());
  }

  /** Connections with further driver properties, for apply. */
  private ConnectionSource connections() {
    return properties -> database(properties).connect();
  }

  private MyDatabase database(Properties more) {
    Properties properties = new Properties();
    settings.options().forEach(properties::setProperty);
    properties.setProperty("user", settings.user());
    properties.setProperty("sslMode", settings.ssl().mysqlMode());
    more.stringPropertyNames().forEach(k -> properties.setProperty(k, more.getProperty(k)));
    return new MyDatabase(settings.jdbcUrl(), properties, () -> credentials.read().value());
  }
}
