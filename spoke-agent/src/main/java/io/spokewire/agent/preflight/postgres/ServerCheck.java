package io.spokewire.agent.preflight.postgres;

import io.spokewire.agent.preflight.Catalogue;
import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.settings.WeakSetting;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The server as a whole: version, durability, room for a slot. */
final class ServerCheck {
  private static final int OLDEST = 15;
  private static final int NEWEST = 18;
  private static final String RESTART = "; -- then restart PostgreSQL";

  private final Catalogue catalogue;
  private final String slot;
  private final Set<WeakSetting> accepted;

  ServerCheck(Catalogue catalogue, String slot, Set<WeakSetting> accepted) {
    this.catalogue = catalogue;
    this.accepted = accepted;
    this.slot = slot;
  }

  List<Finding> version() throws SQLException {
    int major = Integer.parseInt(setting("server_version_num")) / 10_000;
    if (major < OLDEST) {
      return List.of(
          Finding.error(
              "PostgreSQL " + major,
              "is older than " + OLDEST,
              "upgrade the server to PostgreSQL " + OLDEST + " or later"));
    }
    if (major > NEWEST) {
      return List.of(
          Finding.warning(
              "PostgreSQL " + major,
              "is newer than what was tested (" + NEWEST + ")",
              "try it on a copy first"));
    }
    return List.of(Finding.ok("PostgreSQL " + major, "is one of those tested"));
  }

  List<Finding> isPrimary() throws SQLException {
    return catalogue.row("SELECT pg_is_in_recovery() AS standby").yes("standby")
        ? List.of(Finding.error("server", "is a standby", "give the address of the primary"))
        : List.of();
  }

  List<Finding> durability() throws SQLException {
    List<Finding> findings = new ArrayList<>();
    if (setting("fsync").equals("off")) {
      findings.add(
          Finding.weak(
              WeakSetting.FSYNC,
              accepted,
              "is off: after a crash the database may lack what it told us it holds",
              "ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();"));
    } else {
      findings.add(Finding.ok("fsync", "is on"));
    }
    if (setting("full_page_writes").equals("off")) {
      findings.add(
          Finding.weak(
              WeakSetting.FULL_PAGE_WRITES,
              accepted,
              "is off: safe only where the disk never tears a page",
              "ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf();"));
    }
    // What was not flushed is not decoded, and we commit with it on: nothing diverges.
    if (setting("synchronous_commit").equals("off")) {
      findings.add(
          Finding.warning(
              "synchronous_commit",
              "is off: a crash may take users' last commits back before anybody has seen them",
              "ALTER SYSTEM SET synchronous_commit = on; SELECT pg_reload_conf();"));
    }
    return findings;
  }

  List<Finding> logicalDecoding() throws SQLException {
    List<Finding> findings = new ArrayList<>();
    String level = setting("wal_level");
    findings.add(
        level.equals("logical")
            ? Finding.ok("wal_level", "is logical")
            : Finding.error(
                "wal_level",
                "is " + level + ", not logical",
                "ALTER SYSTEM SET wal_level = logical" + RESTART));
    findings.add(slots());
    findings.add(senders());
    String keep = setting("max_slot_wal_keep_size");
    findings.add(
        keep.equals("-1")
            ? Finding.warning(
                "max_slot_wal_keep_size",
                "is unlimited: if the agent is away for long, kept WAL can fill the server's disk",
                "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; SELECT pg_reload_conf();"
                    + " -- as much as the disk can spare; beyond it the spoke needs a resync")
            : Finding.ok("max_slot_wal_keep_size", "is " + keep + " MB"));
    String idle = setting("idle_replication_slot_timeout");
    if (!idle.isEmpty() && !idle.equals("0")) {
      findings.add(
          Finding.warning(
              "idle_replication_slot_timeout",
              "is " + idle + " s: an agent that is away longer loses its slot and needs a resync",
              "ALTER SYSTEM SET idle_replication_slot_timeout = 0; SELECT pg_reload_conf();"));
    }
    return findings;
  }

  private Finding slots() throws SQLException {
    boolean present =
        catalogue
            .row(
                "SELECT count(*) > 0 AS present FROM pg_replication_slots WHERE slot_name = ?",
                slot)
            .yes("present");
    if (present) {
      return Finding.ok("replication slot", "exists");
    }
    long most = Long.parseLong(setting("max_replication_slots"));
    long used = catalogue.row("SELECT count(*) AS n FROM pg_replication_slots").number("n");
    return used < most
        ? Finding.ok("max_replication_slots", "leaves " + (most - used) + " of " + most + " free")
        : Finding.error(
            "max_replication_slots",
            "is " + most + ", and all are in use",
            "ALTER SYSTEM SET max_replication_slots = " + (most + 5) + RESTART);
  }

  private Finding senders() throws SQLException {
    long most = Long.parseLong(setting("max_wal_senders"));
    long used =
        catalogue
            .row("SELECT count(*) AS n FROM pg_stat_activity WHERE backend_type = 'walsender'")
            .number("n");
    // The one in use may be our own.
    return used < most || used == 1
        ? Finding.ok("max_wal_senders", "has " + used + " of " + most + " in use")
        : Finding.error(
            "max_wal_senders",
            "is " + most + ", and all are in use",
            "ALTER SYSTEM SET max_wal_senders = " + (most + 5) + RESTART);
  }

  private String setting(String name) throws SQLException {
    return catalogue.row("SELECT setting FROM pg_settings WHERE name = ?", name).text("setting");
  }
}
