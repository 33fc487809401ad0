package io.spokewire.agent;

import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.settings.DatabaseSettings;
import io.spokewire.common.credential.CredentialSource;
import java.time.Duration;
import java.util.Properties;

/** The database of the settings, as each part wants it. */
record Databases(DatabaseSettings settings, CredentialSource credentials) {
  private static final Duration SILENCE = Duration.ofSeconds(60);

  static Databases of(DatabaseSettings settings) {
    return new Databases(settings, settings.credentials().source(System::getenv));
  }

  /** For questions that have a quick answer, and for the log, which has its own heartbeat. */
  PgDatabase postgres() {
    return patient().answeringWithin(SILENCE);
  }

  /** For work that waits for others as long as it takes: setting up, and applying. */
  PgDatabase patient() {
    return postgres(new Properties());
  }

  /** Connections with further driver properties, for apply. */
  ConnectionSource connections() {
    return properties -> postgres(properties).connect();
  }

  private PgDatabase postgres(Properties more) {
    Properties properties = new Properties();
    settings.options().forEach(properties::setProperty);
    properties.setProperty("user", settings.user());
    properties.setProperty("sslmode", settings.ssl().postgresMode());
    more.stringPropertyNames().forEach(k -> properties.setProperty(k, more.getProperty(k)));
    return new PgDatabase(settings.jdbcUrl(), properties, () -> credentials.read().value());
  }
}
