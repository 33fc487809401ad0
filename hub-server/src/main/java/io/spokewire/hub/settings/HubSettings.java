package io.spokewire.hub.settings;

import io.spokewire.common.config.YamlDocument;
import io.spokewire.common.config.YamlMap;
import io.spokewire.common.credential.CredentialUri;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What stands in {@code hub.yaml}, one record per concern. Immutable. The defaults are the ones
 * that {@code init} writes as comments.
 *
 * @param name part of every certificate, so it never changes after init
 */
public record HubSettings(
    String name,
    Grpc grpc,
    HostPort http,
    Certificates certificates,
    LogRetention log,
    Window window,
    Resolve resolve,
    Clock clock,
    Audit audit) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,39}");
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  public static final String DEFAULT_NAME = "hub";
  public static final HostPort DEFAULT_GRPC = new HostPort("127.0.0.1", 7400);
  public static final HostPort DEFAULT_HTTP = new HostPort("127.0.0.1", 7480);

  /**
   * Where agents and administrators reach the hub.
   *
   * @param san further names and addresses in the hub's certificate
   * @param advertise what join commands name; empty: the first of {@code san}, else the listen host
   */
  public record Grpc(HostPort listen, List<String> san, Optional<HostPort> advertise) {
    public Grpc {
      san = List.copyOf(san);
    }

    /** Every name in the hub's certificate. */
    public List<String> certifiedHosts() {
      Set<String> hosts = new LinkedHashSet<>(san);
      advertise.ifPresent(address -> hosts.add(address.host()));
      if (!listen.isWildcard()) {
        hosts.add(listen.host());
      }
      hosts.add("localhost");
      hosts.add("127.0.0.1");
      hosts.add("::1");
      return List.copyOf(hosts);
    }

    /** What to tell others to connect to, given the port that is really open. */
    public HostPort reachedAt(int port) {
      if (advertise.isPresent()) {
        return advertise.get();
      }
      if (!san.isEmpty()) {
        return new HostPort(san.getFirst(), port);
      }
      return listen.isWildcard() ? new HostPort("localhost", port) : listen.withPort(port);
    }
  }

  /**
   * @param leafLifetime how long certificates of agents and of the hub are good; they renew
   *     themselves when two thirds are over
   */
  public record Certificates(Duration leafLifetime) {}

  /**
   * How long the log is kept.
   *
   * @param maxAge a spoke that lacks changes for longer than this needs a resync
   * @param maxBytes above this, what every spoke has applied is trimmed
   */
  public record LogRetention(Duration maxAge, long maxBytes) {}

  /**
   * What may be in flight towards one spoke and not reported applied.
   *
   * @param frameBytes the largest piece of a batch either side may send
   */
  public record Window(long bytes, int entries, int frameBytes) {}

  /**
   * @param windowBytes how much memory the rows that can still be in conflict may take, about
   */
  public record Resolve(long windowBytes) {}

  /**
   * @param maxSkew a database's clock further off than this is warned about, and its future
   *     timestamps are clamped
   */
  public record Clock(Duration maxSkew) {}

  /**
   * @param retention how long conflicts stay in the audit
   * @param postgres the database that keeps it; empty: a file in the data directory
   */
  public record Audit(Duration retention, Optional<Postgres> postgres) {}

  /**
   * @param url {@code jdbc:postgresql://…}, without user and password
   */
  public record Postgres(String url, String user, CredentialUri credentials) {}

  /**
   * Reads {@code hub.yaml}.
   *
   * @throws io.spokewire.common.fault.Fault USAGE with every fault of the file
   */
  public static HubSettings read(Path file) {
    return of(YamlDocument.read(file));
  }

  /** Reads settings from a document and checks all of it. */
  public static HubSettings of(YamlDocument document) {
    YamlMap root = document.root();
    HubSettings settings =
        new HubSettings(
            root.parsed("name", DEFAULT_NAME, HubSettings::validName),
            grpc(root.map("grpc")),
            root.map("http").parsed("listen", DEFAULT_HTTP, HostPort::parse),
            new Certificates(
                root.map("certificates")
                    .duration(
                        "leaf_lifetime",
                        Duration.ofDays(30),
                        Duration.ofSeconds(3),
                        Duration.ofDays(366))),
            log(root.map("log")),
            window(root.map("window")),
            resolve(root.map("resolve")),
            new Clock(
                root.map("clock")
                    .duration(
                        "max_skew",
                        Duration.ofMillis(500),
                        Duration.ofMillis(1),
                        Duration.ofHours(1))),
            audit(root.map("audit")));
    document.check();
    return settings;
  }

  /** The name itself, if a hub may have it. */
  public static String validName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "hub name '"
              + name
              + "': use a lower-case letter, then up to 39 letters, digits, hyphens");
    }
    return name;
  }

  private static Grpc grpc(YamlMap map) {
    List<String> san = new ArrayList<>();
    map.texts("san").forEach(name -> san.add(name.text()));
    return new Grpc(
        map.parsed("listen", DEFAULT_GRPC, HostPort::parse),
        san,
        map.parsed("advertise", HostPort::parse));
  }

  private static LogRetention log(YamlMap map) {
    return new LogRetention(
        map.duration("max_age", Duration.ofDays(7), Duration.ofMinutes(1), Duration.ofDays(3_650)),
        map.bytes("max_size", 50 * GIB, MIB, 1L << 50));
  }

  private static Audit audit(YamlMap map) {
    Duration retention =
        map.duration(
            "retention", Duration.ofDays(90), Duration.ofHours(1), Duration.ofDays(36_500));
    map.allow("url", "user", "credentials");
    if (!map.has("url")) {
      for (String key : List.of("user", "credentials")) {
        if (map.has(key)) {
          map.fault(key, "there is no audit.url that it belongs to", "set audit.url as well");
        }
      }
      return new Audit(retention, Optional.empty());
    }
    Optional<String> url = map.parsed("url", HubSettings::validAuditUrl);
    String user = map.requiredText("user");
    if (!map.has("credentials")) {
      map.fault(
          "credentials", "it is missing", "file:PATH, env:NAME or exec:COMMAND gives the password");
    }
    Optional<CredentialUri> credentials =
        map.parsed("credentials", text -> CredentialUri.parse(text).absolute());
    return new Audit(
        retention,
        url.isPresent() && credentials.isPresent()
            ? Optional.of(new Postgres(url.get(), user, credentials.get()))
            : Optional.empty());
  }

  private static String validAuditUrl(String url) {
    int query = url.indexOf('?');
    String place = query < 0 ? url : url.substring(0, query);
    if (!place.startsWith("jdbc:postgresql://")) {
      throw new IllegalArgumentException(
          "'" + place + "' is not of the form jdbc:postgresql://HOST:PORT/DATABASE");
    }
    String options = query < 0 ? "" : "&" + url.substring(query + 1);
    if (options.contains("&password=") || options.contains("&user=")) {
      throw new IllegalArgumentException(
          "user and password do not belong in the URL: use audit.user and audit.credentials");
    }
    return url;
  }

  /**
   * A third of the heap, half of it at most: what is on its way in and out of the hub, the log's
   * tail and the collector need the rest.
   */
  private static Resolve resolve(YamlMap map) {
    long heap = Runtime.getRuntime().maxMemory();
    return new Resolve(map.bytes("window", heap / 3, MIB, heap / 2));
  }

  private static Window window(YamlMap map) {
    return new Window(
        map.bytes("bytes", 32 * MIB, MIB, 4 * GIB),
        (int) map.integer("entries", 20_000, 1, 10_000_000),
        (int) map.bytes("frame", MIB, 16 * KIB, 64 * MIB));
  }
}
