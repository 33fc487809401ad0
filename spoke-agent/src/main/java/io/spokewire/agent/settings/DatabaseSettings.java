package io.spokewire.agent.settings;

import io.spokewire.common.credential.CredentialUri;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The one database an agent stands beside.
 *
 * @param type what kind it is
 * @param database its name there
 * @param user who the agent logs in as
 * @param credentials where the password comes from
 * @param ssl how the connection is protected
 * @param options further driver options, as a JDBC URL has them
 * @param accepted what may lose changes in this database, and is put up with
 */
public record DatabaseSettings(
    DatabaseType type,
    String host,
    int port,
    String database,
    String user,
    CredentialUri credentials,
    Ssl ssl,
    Map<String, String> options,
    Set<WeakSetting> accepted) {
  private static final String EXAMPLE = "jdbc:postgresql://HOST:PORT/DATABASE";
  private static final String OTHERS = "jdbc:mysql://, jdbc:mariadb://";

  public DatabaseSettings {
    options = Map.copyOf(options);
    accepted = Set.copyOf(accepted);
  }

  /** The same, with these weaknesses accepted. */
  public DatabaseSettings accepting(Set<WeakSetting> weaknesses) {
    return new DatabaseSettings(
        type, host, port, database, user, credentials, ssl, options, weaknesses);
  }

  /** How a connection is protected. */
  public enum Ssl {
    DISABLED,
    PREFERRED,
    REQUIRED,
    VERIFY_CA,
    VERIFY_FULL;

    /**
     * As commands have it.
     *
     * @throws IllegalArgumentException listing what is allowed
     */
    public static Ssl ofLabel(String label) {
      return switch (label.toLowerCase(Locale.ROOT).replace('-', '_')) {
        case "disabled", "disable" -> DISABLED;
        case "preferred", "prefer", "allow" -> PREFERRED;
        case "required", "require" -> REQUIRED;
        case "verify_ca" -> VERIFY_CA;
        case "verify_full" -> VERIFY_FULL;
        default ->
            throw new IllegalArgumentException(
                "'" + label + "': use disabled, preferred, required, verify_ca or verify_full");
      };
    }

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The MySQL driver's word for it. */
    public String mysqlMode() {
      return switch (this) {
        case DISABLED -> "DISABLED";
        case PREFERRED -> "PREFERRED";
        case REQUIRED -> "REQUIRED";
        case VERIFY_CA -> "VERIFY_CA";
        case VERIFY_FULL -> "VERIFY_IDENTITY";
      };
    }

    /** The PostgreSQL driver's word for it. */
    public String postgresMode() {
      return switch (this) {
        case DISABLED -> "disable";
        case PREFERRED -> "prefer";
        case REQUIRED -> "require";
        case VERIFY_CA -> "verify-ca";
        case VERIFY_FULL -> "verify-full";
      };
    }
  }

  /**
   * Reads a JDBC URL as {@code spoke-agent join} gets it. User and password do not belong in it.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public static DatabaseSettings ofJdbcUrl(
      String url, String user, CredentialUri credentials, Ssl ssl) {
    DatabaseType type =
        DatabaseType.ofJdbcUrl(url)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'" + url + "' is not a URL such as " + EXAMPLE + " (or " + OTHERS + ")"));
    URI uri;
    try {
      uri = new URI(url.substring("jdbc:".length()));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("'" + url + "': " + e.getReason(), e);
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (uri.getHost() == null || path.length() < 2 || path.indexOf('/', 1) > 0) {
      throw new IllegalArgumentException(
          "'" + url + "' is not of the form jdbc:" + type.label() + "://HOST:PORT/DATABASE");
    }
    Map<String, String> options = new TreeMap<>();
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&")) {
        int eq = pair.indexOf('=');
        String key = decoded(eq < 0 ? pair : pair.substring(0, eq));
        options.put(key, eq < 0 ? "" : decoded(pair.substring(eq + 1)));
      }
    }
    if (options.containsKey("password") || options.containsKey("user")) {
      throw new IllegalArgumentException(
          "user and password do not belong in the URL: use --user and --credentials");
    }
    String mode = options.remove("sslmode");
    return new DatabaseSettings(
        type,
        uri.getHost().replaceAll("^\\[|]$", ""),
        uri.getPort() < 0 ? type.port() : uri.getPort(),
        path.substring(1),
        user,
        credentials,
        mode == null ? ssl : Ssl.ofLabel(mode),
        options,
        Set.of());
  }

  /** The driver's URL, without user, password and options. */
  public String jdbcUrl() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return "jdbc:" + type.label() + "://" + name + ":" + port + "/" + encoded(database);
  }

  /** For people: {@code host:port/database}. */
  public String place() {
    return host + ":" + port + "/" + database;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String encoded(String text) {
    return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
