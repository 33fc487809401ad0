package io.spokewire.agent;

import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.agent.settings.DatabaseSettings;
import io.spokewire.agent.setup.Handover;
import io.spokewire.agent.setup.SiteSetup;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.util.List;

/**
 * One database of one kind: makes every part that knows its SQL. A new kind of database is a folder
 * in each stage and one of these. Holds no connection itself.
 */
interface Engine {
  /** The engine for the database of the settings. */
  static Engine of(DatabaseSettings database, CaptureSettings capture) {
    return switch (database.type()) {
      case POSTGRESQL -> new PostgresEngine(database, capture);
      case MYSQL, MARIADB -> new MySqlEngine(database, capture);
    };
  }

  /** The server's version, which shows that the database can be reached. */
  String version();

  /** Hands capture over from one method to another. */
  Handover handover();

  /** Makes what a joining spoke needs. */
  SiteSetup setup();

  /**
   * Says what is missing.
   *
   * @param tables the plan's; empty before the first plan
   */
  Preflight preflight(SpokeId spoke, Direction direction, List<TablePattern> tables);

  /** The parts of a running agent. */
  Site site(Site.Surroundings around);
}
