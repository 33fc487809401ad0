package io.spokewire.agent.settings;

import io.spokewire.common.config.YamlDocument;
import io.spokewire.common.config.YamlMap;
import io.spokewire.common.config.YamlText;
import io.spokewire.common.credential.CredentialUri;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything an agent is told, from {@code agent.yaml}. Immutable; written by {@code join}, edited
 * by people.
 *
 * @param spoke who this agent is
 * @param hub where its hub listens
 * @param assumeIdentical the operator's word at join that the data equals the others'
 * @param bumpSequences whether sequences are moved on past the numbers that other sites gave
 */
public record AgentSettings(
    SpokeId spoke,
    HubAddress hub,
    ChannelId channel,
    Direction direction,
    DatabaseSettings database,
    CaptureSettings capture,
    WalPressure walPressure,
    boolean assumeIdentical,
    boolean bumpSequences) {

  /**
   * How changes are captured.
   *
   * @param publication what it is called in a PostgreSQL database
   * @param slot likewise
   * @param polling how tables are polled, if they are
   */
  public record CaptureSettings(
      Method method, String publication, String slot, PollSettings polling) {
    /** What an agent chooses by itself. */
    public static CaptureSettings of(SpokeId spoke, Method method) {
      String name = "spokewire_" + spoke.name().replace('-', '_');
      return new CaptureSettings(method, name, name, PollSettings.DEFAULT);
    }
  }

  /** Where changes are taken from. */
  public enum Method {
    /** A logical replication slot of PostgreSQL. */
    LOGICAL_REPLICATION,
    /** The binlog of MySQL or MariaDB. */
    BINLOG,
    /** Triggers that log changes in a table. */
    TRIGGER,
    /** The tables themselves, looked at now and then; of spokes that only send. */
    POLLING;

    /** The log of such a database. */
    public static Method of(DatabaseType type) {
      return switch (type) {
        case POSTGRESQL -> LOGICAL_REPLICATION;
        case MYSQL, MARIADB -> BINLOG;
      };
    }

    /** How such a database can be captured, the best first. */
    public static List<Method> allOf(DatabaseType type) {
      return List.of(of(type), TRIGGER, POLLING);
    }

    /** As settings and commands have it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Reads the file; all faults are reported together.
   *
   * @throws io.spokewire.common.fault.Fault USAGE
   */
  public static AgentSettings read(Path file) {
    return of(YamlDocument.read(file));
  }

  static AgentSettings of(YamlDocument document) {
    YamlMap root = document.root();
    SpokeId spoke = root.parsed(required(root, "spoke"), new SpokeId("unknown"), SpokeId::new);
    HubAddress hub =
        root.parsed(required(root, "hub"), new HubAddress("unknown", 1), HubAddress::parse);
    ChannelId channel = root.parsed("channel", ChannelId.MAIN, ChannelId::new);
    Direction direction = root.choice("direction", Direction.BOTH);
    DatabaseSettings database = database(root);
    CaptureSettings capture =
        capture(root.map("cdc_config"), CaptureSettings.of(spoke, Method.of(database.type())));
    if (!Method.allOf(database.type()).contains(capture.method())) {
      root.map("cdc_config")
          .fault(
              "method",
              database.type().label() + " is not captured by " + capture.method().label(),
              "use "
                  + String.join(
                      " or ", Method.allOf(database.type()).stream().map(Method::label).toList()));
    }
    if (capture.method() == Method.POLLING && direction != Direction.PUSH) {
      root.map("cdc_config")
          .fault(
              "method",
              "polling is for spokes that only send, and this one's direction is "
                  + direction.label(),
              "what is applied here would be taken for its users' writes");
    }
    YamlMap pressure = root.map("wal_pressure");
    WalPressure walPressure =
        new WalPressure(
            pressure.choice("policy", WalPressure.DEFAULT.policy()),
            pressure.bytes(
                "spill_after", WalPressure.DEFAULT.spillAfter(), 1L << 20, Long.MAX_VALUE));
    boolean assumeIdentical = root.flag("assume_identical", false);
    boolean bumpSequences = root.flag("bump_sequences", true);
    document.check();
    return new AgentSettings(
        spoke,
        hub,
        channel,
        direction,
        database,
        capture,
        walPressure,
        assumeIdentical,
        bumpSequences);
  }

  private static DatabaseSettings database(YamlMap root) {
    DatabaseType type =
        root.parsed(required(root, "type"), DatabaseType.POSTGRESQL, DatabaseType::ofLabel);
    YamlMap options = root.map("options");
    Map<String, String> values = new TreeMap<>();
    for (String key : options.keys()) {
      values.put(key, options.text(key, ""));
    }
    return new DatabaseSettings(
        type,
        root.requiredText("host"),
        (int) root.integer("port", type.port(), 1, 65535),
        root.requiredText("database"),
        root.requiredText("user"),
        root.parsed(
            required(root, "credentials"),
            new CredentialUri(CredentialUri.Scheme.ENV, "UNKNOWN"),
            CredentialUri::parse),
        root.parsed("ssl", DatabaseSettings.Ssl.PREFERRED, DatabaseSettings.Ssl::ofLabel),
        values,
        accepted(root));
  }

  private static Set<WeakSetting> accepted(YamlMap root) {
    Set<WeakSetting> accepted = EnumSet.noneOf(WeakSetting.class);
    for (YamlText text : root.texts("accept")) {
      try {
        accepted.add(WeakSetting.ofLabel(text.text()));
      } catch (IllegalArgumentException e) {
        root.fault("accept", String.valueOf(e.getMessage()), "");
      }
    }
    return accepted;
  }

  private static CaptureSettings capture(YamlMap cdc, CaptureSettings otherwise) {
    Method method = cdc.choice("method", otherwise.method());
    YamlMap postgres = cdc.map("postgresql");
    return new CaptureSettings(
        method,
        postgres.text("publication", otherwise.publication()),
        postgres.text("slot", otherwise.slot()),
        PollSettings.of(cdc.map("polling")));
  }

  private static String required(YamlMap map, String key) {
    map.requiredText(key);
    return key;
  }

  /** The file's text, with the reasons beside what people may want to change. */
  public String toYaml() {
    YamlLines text = new YamlLines();
    text.comment("Settings of this agent. Restart it after a change.");
    text.put("spoke", spoke.name());
    text.put("hub", hub.toString());
    text.put("channel", channel.name());
    text.comment("as the hub registered it: both, push or pull");
    text.put("direction", direction.label());
    text.gap();
    text.put("type", database.type().label());
    text.put("host", database.host());
    text.put("port", database.port());
    text.put("database", database.database());
    text.put("user", database.user());
    text.comment("where the password comes from: file:PATH, env:NAME or exec:COMMAND");
    text.put("credentials", database.credentials().toString());
    text.comment("disabled, preferred, required, verify_ca or verify_full");
    text.put("ssl", database.ssl().label());
    if (!database.options().isEmpty()) {
      text.comment("further options of the JDBC driver");
      text.begin("options");
      new TreeMap<>(database.options()).forEach(text::put);
      text.end();
    }
    if (!database.accepted().isEmpty()) {
      text.comment("settings of the server that may lose changes, and are put up with");
      text.put("accept", database.accepted().stream().map(WeakSetting::label).sorted().toList());
    }
    text.gap();
    if (capture.method() == Method.POLLING) {
      text.comment("how changes are captured; for another method leave and join anew");
    } else {
      text.comment("how changes are captured; another method takes over where this one ends:");
      text.comment(Method.of(database.type()).label() + " or " + Method.TRIGGER.label());
    }
    text.begin("cdc_config");
    text.put("method", capture.method().label());
    if (capture.method() == Method.LOGICAL_REPLICATION) {
      text.begin("postgresql");
      text.put("publication", capture.publication());
      text.put("slot", capture.slot());
      text.end();
    }
    if (capture.method() == Method.POLLING) {
      capture.polling().put(text);
    }
    text.end();
    if (capture.method() != Method.BINLOG && capture.method() != Method.POLLING) {
      putPressure(text);
    }
    if (database.type() == DatabaseType.POSTGRESQL && direction.receives()) {
      putGenerators(text);
    }
    if (assumeIdentical) {
      text.gap();
      text.comment("said at join: this database's data equals the others'");
      text.put("assume_identical", true);
    }
    return text.toString();
  }

  private void putGenerators(YamlLines text) {
    text.gap();
    text.comment("whether sequences are moved on past the numbers that other sites gave");
    text.put("bump_sequences", bumpSequences);
  }

  private void putPressure(YamlLines text) {
    text.gap();
    text.comment("When the hub is away and the database keeps more log than spill_after for us:");
    text.comment(
        "spill_local: this agent's own disk vouches for it and the database may forget it");
    text.comment("hold: the database keeps it, whatever that costs its disk");
    text.comment("give_up: the slot or the change log is dropped and this spoke needs a resync");
    text.begin("wal_pressure");
    text.put("policy", walPressure.policy().name().toLowerCase(Locale.ROOT));
    text.put("spill_after", sizeText(walPressure.spillAfter()));
    text.end();
  }

  private static String sizeText(long bytes) {
    String[] units = {"B", "KB", "MB", "GB", "TB"};
    int unit = 0;
    long amount = bytes;
    while (unit < units.length - 1 && amount >= 1024 && amount % 1024 == 0) {
      amount /= 1024;
      unit++;
    }
    return amount + units[unit];
  }
}
