package io.spokewire.hub.settings;

import java.util.List;

/** The {@code hub.yaml} that {@code init} writes: what was asked for, and every default shown. */
public final class HubYaml {
  private HubYaml() {}

  public static String text(String name, HostPort grpc, HostPort http, List<String> san) {
    return """
    # Settings of this hub. A line that is commented out shows the default.

    # Part of every certificate: never change it after `hub-server init`.
    name: %s

    # Agents and administrators, always mutual TLS.
    grpc:
      listen: "%s"
      # Further names and addresses under which the hub is reached; they stand in its certificate.
      san: [%s]
      # What join commands name, if it is neither the first of `san` nor the listen address:
      # advertise: "hub.example.org:7400"

    # Metrics, health and the console. Not encrypted and open to whoever can connect.
    http:
      listen: "%s"

    # Certificates renew themselves when two thirds of their life are over.
    # certificates:
    #   leaf_lifetime: 30d

    # How long changes are kept for spokes that are away.
    # log:
    #   max_age: 7d
    #   max_size: 50GB

    # What may be under way to one spoke and not yet applied there.
    # window:
    #   bytes: 32MB
    #   entries: 20000
    #   frame: 1MB

    # How much memory the rows may take that can still be in conflict: what was written since the
    # spoke that is furthest behind last showed what it has seen. Default: a quarter of
    # the heap.
    # resolve:
    #   window: 96MB

    # A database whose clock is further off is warned about, and its times count as no later
    # than now.
    # clock:
    #   max_skew: 500ms

    # How long conflicts stay in the audit. It is a file of this directory, or, with a URL, a
    # PostgreSQL database (the tables sync_conflicts... are made there).
    # audit:
    #   retention: 90d
    #   url: "jdbc:postgresql://db.example.org:5432/audit?sslmode=verify-full"
    #   user: spokewire
    #   credentials: "file:/etc/spokewire/audit.password"
    """
        .formatted(name, grpc, String.join(", ", san.stream().map(HubYaml::quoted).toList()), http);
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
