package io.spokewire.agent.settings;

import io.spokewire.common.config.YamlDocument;
import io.spokewire.common.config.YamlMap;
import io.spokewire.common.credential.CredentialUri;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything an agent is told, from {@code agent.yaml}. Immutable; written by {@code join}, edited
 * by people.
 *
 * @param spoke who this agent is
 * @param hub where its hub listens
 * @param assumeIdentical the operator's word at join that the data equals the others'
 */
public record AgentSettings(
    SpokeId spoke,
    HubAddress hub,
    ChannelId channel,
    Direction direction,
    DatabaseSettings database,
    CaptureSettings capture,
    WalPressure walPressure,
    boolean assumeIdentical) {

  /**
   * What the agent uses in a PostgreSQL database to capture.
   *
   * @param publication its name there
   * @param slot its name there
   */
  public record CaptureSettings(Method method, String publication, String slot) {
    /** The names an agent chooses by itself. */
    public static CaptureSettings of(SpokeId spoke) {
      String name = "spokewire_" + spoke.name().replace('-', '_');
      return new CaptureSettings(Method.LOGICAL_REPLICATION, name, name);
    }
  }

  /** How changes are captured. */
  public enum Method {
    LOGICAL_REPLICATION
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
    CaptureSettings capture = capture(root.map("cdc_config"), CaptureSettings.of(spoke));
    YamlMap pressure = root.map("wal_pressure");
    WalPressure walPressure =
        new WalPressure(
            pressure.choice("policy", WalPressure.DEFAULT.policy()),
            pressure.bytes(
                "spill_after", WalPressure.DEFAULT.spillAfter(), 1L << 20, Long.MAX_VALUE));
    boolean assumeIdentical = root.flag("assume_identical", false);
    document.check();
    return new AgentSettings(
        spoke, hub, channel, direction, database, capture, walPressure, assumeIdentical);
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
        values);
  }

  private static CaptureSettings capture(YamlMap cdc, CaptureSettings otherwise) {
    Method method = cdc.choice("method", otherwise.method());
    YamlMap postgres = cdc.map("postgresql");
    return new CaptureSettings(
        method,
        postgres.text("publication", otherwise.publication()),
        postgres.text("slot", otherwise.slot()));
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
    text.gap();
    text.begin("cdc_config");
    text.put("method", "logical_replication");
    text.begin("postgresql");
    text.put("publication", capture.publication());
    text.put("slot", capture.slot());
    text.end();
    text.end();
    text.gap();
    text.comment("When the hub is away and the database keeps more log than spill_after for us:");
    text.comment(
        "spill_local: this agent's own disk vouches for it and the database may forget it");
    text.comment("hold: the database keeps it, whatever that costs its disk");
    text.comment("give_up: the slot is dropped and this spoke needs a resync");
    text.begin("wal_pressure");
    text.put("policy", walPressure.policy().name().toLowerCase(java.util.Locale.ROOT));
    text.put("spill_after", sizeText(walPressure.spillAfter()));
    text.end();
    if (assumeIdentical) {
      text.gap();
      text.comment("said at join: this database's data equals the others'");
      text.put("assume_identical", true);
    }
    return text.toString();
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
