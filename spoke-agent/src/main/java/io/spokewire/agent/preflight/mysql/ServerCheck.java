package io.spokewire.agent.preflight.mysql;

import io.spokewire.agent.preflight.Catalogue;
import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.schema.mysql.MyFlavour;
import io.spokewire.agent.settings.WeakSetting;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server as a whole: version, durability, what its binlog holds and for how long. */
final class ServerCheck {
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)");
  private static final long DAY = 86_400;
  private static final int LACKS_RIGHT = 1227;
  private static final int UNKNOWN_STATEMENT = 1064;
  private static final String IN_CONFIGURATION = " -- under [mysqld] in its configuration; restart";

  private final Catalogue catalogue;
  private final MyFlavour flavour;
  private final Set<WeakSetting> accepted;

  ServerCheck(Catalogue catalogue, MyFlavour flavour, Set<WeakSetting> accepted) {
    this.catalogue = catalogue;
    this.flavour = flavour;
    this.accepted = accepted;
  }

  List<Finding> version() throws SQLException {
    String text = catalogue.row("SELECT version() AS version").text("version");
    String subject = flavour.productName() + " " + text;
    Matcher numbers = VERSION.matcher(text);
    int version =
        numbers.find()
            ? Integer.parseInt(numbers.group(1)) * 100 + Integer.parseInt(numbers.group(2))
            : 0;
    boolean maria = flavour == MyFlavour.MARIADB;
    int oldest = maria ? 1011 : 800;
    if (version < oldest) {
      return List.of(
          Finding.error(
              subject,
              "is older than " + (maria ? "10.11" : "8.0"),
              "upgrade the server to " + (maria ? "10.11" : "8.0") + " or later"));
    }
    return List.of(Finding.ok(subject, "is one of those supported"));
  }

  /** What is told as applied must outlive a crash of the machine, in tables and binlog alike. */
  List<Finding> durability() throws SQLException {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        strong(
            WeakSetting.INNODB_FLUSH_LOG_AT_TRX_COMMIT,
            "1",
            "after a crash of the machine the database may lack what it told us it holds",
            set("innodb_flush_log_at_trx_commit", "1")));
    if (!variable("innodb_doublewrite").equals("DETECT_AND_RECOVER")) {
      findings.add(
          strong(
              WeakSetting.INNODB_DOUBLEWRITE,
              "ON",
              "a page that is torn by a crash can't be mended",
              "innodb_doublewrite = ON" + IN_CONFIGURATION));
    }
    return findings;
  }

  /** What may keep changes out of the binlog, or take them out of it unread. */
  List<Finding> binlogDurability() throws SQLException {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        strong(
            WeakSetting.SYNC_BINLOG,
            "1",
            "after a crash of the machine the binlog may lack what the tables hold: changes that"
                + " nobody else would ever get",
            set("sync_binlog", "1")));
    findings.addAll(kept());
    if (isReplica()) {
      findings.addAll(replica());
    }
    return findings;
  }

  List<Finding> binlog() throws SQLException {
    List<Finding> findings = new ArrayList<>();
    if (!isOn(variable("log_bin"))) {
      findings.add(
          Finding.error(
              "log_bin",
              "is off: there is no log to capture",
              "log_bin = binlog" + IN_CONFIGURATION));
      return findings;
    }
    findings.add(must("binlog_format", "ROW", "the binlog does not say which rows changed"));
    findings.add(
        must("binlog_row_image", "FULL", "the binlog does not hold whole rows before and after"));
    if (flavour == MyFlavour.MYSQL) {
      findings.add(mustGtid("gtid_mode", "ON"));
      findings.add(mustGtid("enforce_gtid_consistency", "ON"));
      String partial = variable("binlog_row_value_options");
      if (!partial.isEmpty()) {
        findings.add(
            Finding.error(
                "binlog_row_value_options",
                "is " + partial + ": the binlog holds parts of JSON values only",
                "SET PERSIST binlog_row_value_options = '';"));
      }
    }
    findings.addAll(metadata());
    findings.addAll(binlogDurability());
    findings.addAll(filters());
    return findings;
  }

  /** What triggers need, and what they can't do. */
  List<Finding> triggers() throws SQLException {
    List<Finding> findings = new ArrayList<>();
    boolean logs = isOn(variable("log_bin"));
    if (logs && !isOn(variable("log_bin_trust_function_creators"))) {
      findings.add(
          Finding.error(
              "log_bin_trust_function_creators",
              "is OFF: beside a binlog only administrators may make triggers",
              set("log_bin_trust_function_creators", "1")));
    }
    boolean tells = flavour == MyFlavour.MARIADB ? logs : isOn(variable("performance_schema"));
    if (!tells) {
      findings.add(
          Finding.warning(
              flavour == MyFlavour.MARIADB ? "log_bin" : "performance_schema",
              "is OFF: triggers can't tell transactions apart, and what was committed together"
                  + " arrives in pieces",
              (flavour == MyFlavour.MARIADB ? "log_bin = binlog" : "performance_schema = ON")
                  + IN_CONFIGURATION));
    }
    findings.add(
        Finding.warning(
            "capture by triggers",
            "does not see TRUNCATE, nor what foreign keys change by themselves; while a table is"
                + " altered nobody should write to it",
            "use DELETE; wait after ALTER TABLE until the agent's log says that the table's"
                + " triggers are made anew"));
    return findings;
  }

  List<Finding> isWritable() throws SQLException {
    return isOn(variable("read_only"))
        ? List.of(
            Finding.error(
                "read_only",
                "is on: nothing can be applied",
                "give the address of the primary, or SET GLOBAL read_only = OFF;"))
        : List.of();
  }

  private Finding must(String variable, String value, String otherwise) throws SQLException {
    String is = variable(variable);
    boolean right = is.equalsIgnoreCase(value) || (value.equals("ON") && isOn(is));
    return right
        ? Finding.ok(variable, "is " + value)
        : Finding.error(
            variable, "is " + is + ", not " + value + ": " + otherwise, set(variable, value));
  }

  private Finding strong(WeakSetting setting, String value, String otherwise, String action)
      throws SQLException {
    String is = variable(setting.label());
    return is.equalsIgnoreCase(value) || (value.equals("ON") && isOn(is))
        ? Finding.ok(setting.label(), "is " + value)
        : Finding.weak(setting, accepted, "is " + is + ", not " + value + ": " + otherwise, action);
  }

  /** Whether this server takes changes over from another one. */
  private boolean isReplica() throws SQLException {
    if (flavour == MyFlavour.MARIADB) {
      return !variable("gtid_slave_pos").isEmpty();
    }
    try {
      return !catalogue.rows("SHOW REPLICA STATUS").isEmpty();
    } catch (SQLException e) {
      return switch (e.getErrorCode()) {
        case LACKS_RIGHT -> false; // it is asked for elsewhere
        case UNKNOWN_STATEMENT -> !catalogue.rows("SHOW SLAVE STATUS").isEmpty(); // before 8.0.22
        default -> throw e;
      };
    }
  }

  private List<Finding> replica() throws SQLException {
    List<Finding> findings = new ArrayList<>();
    if (!isOn(variable("log_slave_updates")) && !isOn(variable("log_replica_updates"))) {
      findings.add(
          Finding.weak(
              WeakSetting.LOG_SLAVE_UPDATES,
              accepted,
              "is OFF, and this server is a replica: what comes from its primary is not in its"
                  + " binlog, and reaches no other site",
              "log_slave_updates = ON" + IN_CONFIGURATION));
    }
    if (flavour == MyFlavour.MARIADB && !isOn(variable("gtid_strict_mode"))) {
      findings.add(
          Finding.weak(
              WeakSetting.GTID_STRICT_MODE,
              accepted,
              "is OFF, and this server is a replica: GTIDs that do not ascend would be taken for"
                  + " ones that were read already",
              set("gtid_strict_mode", "ON")));
    }
    return findings;
  }

  private Finding mustGtid(String variable, String value) throws SQLException {
    String is = variable(variable);
    return is.equalsIgnoreCase(value)
        ? Finding.ok(variable, "is " + value)
        : Finding.error(
            variable,
            "is " + is + ", not " + value + ": a place in the log has no name of its own",
            variable + " = " + value + IN_CONFIGURATION);
  }

  private List<Finding> metadata() throws SQLException {
    String is = variable("binlog_row_metadata");
    return List.of(
        is.equalsIgnoreCase("FULL")
            ? Finding.ok("binlog_row_metadata", "is FULL")
            : Finding.warning(
                "binlog_row_metadata",
                "is "
                    + is
                    + ": rows in the binlog have no column names, so that an ALTER TABLE"
                    + " under way stops the capture of its table until the agent has caught up",
                set("binlog_row_metadata", "FULL")));
  }

  /** Nobody keeps the binlog for us: it must be long enough for an agent that is away. */
  private List<Finding> kept() throws SQLException {
    String seconds = variable("binlog_expire_logs_seconds");
    long keeps = seconds.isEmpty() ? 0 : Long.parseLong(seconds);
    if (keeps > 0 && keeps < DAY) {
      return List.of(
          Finding.weak(
              WeakSetting.BINLOG_EXPIRE_LOGS_SECONDS,
              accepted,
              "is "
                  + keeps
                  + ": an agent that is away longer than that loses changes and needs a"
                  + " resync",
              set("binlog_expire_logs_seconds", Long.toString(7 * DAY))));
    }
    String size = variable("max_binlog_total_size");
    if (!size.isEmpty() && !size.equals("0")) {
      return List.of(
          Finding.warning(
              "max_binlog_total_size",
              "is " + size + ": an agent that is behind by more than that needs a resync",
              "SET GLOBAL max_binlog_total_size = 0; -- or as much as comes in the longest time"
                  + " that an agent may be away"));
    }
    return List.of(
        Finding.ok(
            "binlog_expire_logs_seconds", keeps == 0 ? "is 0: nothing expires" : "is " + keeps));
  }

  private List<Finding> filters() throws SQLException {
    Catalogue.Row status;
    try {
      status = logStatus();
    } catch (SQLException e) {
      if (e.getErrorCode() == LACKS_RIGHT) {
        return List.of(); // it is asked for elsewhere
      }
      throw e;
    }
    List<Finding> findings = new ArrayList<>();
    for (String filter : List.of("Binlog_Do_DB", "Binlog_Ignore_DB")) {
      if (!status.text(filter).isEmpty()) {
        findings.add(
            Finding.error(
                filter.toLowerCase(Locale.ROOT),
                "is " + status.text(filter) + ": statements of other databases are not logged",
                "take it out of the server's configuration; restart"));
      }
    }
    return findings;
  }

  private Catalogue.Row logStatus() throws SQLException {
    try {
      return catalogue.row("SHOW MASTER STATUS");
    } catch (SQLException e) {
      if (e.getErrorCode() != UNKNOWN_STATEMENT) {
        throw e;
      }
      return catalogue.row("SHOW BINARY LOG STATUS"); // its name from MySQL 8.4 on
    }
  }

  private String set(String variable, String value) {
    String persist = flavour == MyFlavour.MYSQL ? "SET PERSIST " : "SET GLOBAL ";
    String text = value.chars().allMatch(Character::isDigit) ? value : "'" + value + "'";
    return persist
        + variable
        + " = "
        + text
        + ";"
        + (flavour == MyFlavour.MARIADB ? " -- and the same in its configuration" : "");
  }

  /** Empty where the server has no such variable. */
  private String variable(String name) throws SQLException {
    return catalogue.row("SHOW GLOBAL VARIABLES WHERE Variable_name = ?", name).text("Value");
  }

  private static boolean isOn(String value) {
    return value.equalsIgnoreCase("ON") || value.equals("1");
  }
}
