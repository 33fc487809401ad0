package io.spokewire.agent.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A setting of a database server that may lose changes. An agent refuses to work beside it unless
 * it is accepted by its name.
 */
public enum WeakSetting {
  /** PostgreSQL: nothing is durable. */
  FSYNC,
  /** PostgreSQL: a page that is torn by a crash can't be mended. */
  FULL_PAGE_WRITES,
  /** InnoDB: the last commits may be lost in a crash. */
  INNODB_FLUSH_LOG_AT_TRX_COMMIT,
  /** InnoDB: as {@link #FULL_PAGE_WRITES}. */
  INNODB_DOUBLEWRITE,
  /** MySQL, MariaDB: the binlog may lack what the tables hold after a crash. */
  SYNC_BINLOG,
  /** MySQL, MariaDB: the binlog is purged soon, whoever has read it. */
  BINLOG_EXPIRE_LOGS_SECONDS,
  /** MySQL, MariaDB: what a replica takes over from its primary is not in its binlog. */
  LOG_SLAVE_UPDATES,
  /** MariaDB: a replica may write GTIDs that do not ascend. */
  GTID_STRICT_MODE;

  /**
   * As the server, settings and commands have it.
   *
   * @throws IllegalArgumentException listing what there is
   */
  public static WeakSetting ofLabel(String label) {
    for (WeakSetting setting : values()) {
      if (setting.label().equals(label.toLowerCase(Locale.ROOT))) {
        return setting;
      }
    }
    throw new IllegalArgumentException(
        "'"
            + label
            + "' is none of "
            + Arrays.stream(values()).map(WeakSetting::label).collect(Collectors.joining(", ")));
  }

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
