package io.spokewire.deploy.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.spokewire.testing.EmbeddedMySql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A hub and its sites in a temporary directory; all of it is gone after {@link #close()}. Owned by
 * one thread.
 */
public final class Cluster implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Set to true, it leaves the directory with all logs behind, to find out what went wrong. */
  private static final String KEEP = "spokewire.test.keep";

  private static final int TAIL = 40;

  private final Programs programs;
  private final Path directory;
  private final HubNode hub;
  private final Map<String, DatabaseSite> sites = new LinkedHashMap<>();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** Makes and starts a hub. */
  public Cluster(Programs programs) {
    this.programs = programs;
    try {
      this.directory = Files.createTempDirectory("spokewire");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.hub = new HubNode(programs, directory);
    parts.push(hub);
    hub.start();
  }

  /** Starts a PostgreSQL server for a site; the site is not in the topology yet. */
  public PostgresSite startSite(String name, int major, Map<String, String> settings) {
    PostgresSite site = new PostgresSite(name, major, settings, programs, directory);
    parts.push(site);
    sites.put(name, site);
    return site;
  }

  /** Starts a MariaDB or MySQL server for a site; the site is not in the topology yet. */
  public MySqlSite startSite(String name, EmbeddedMySql.Flavour flavour) {
    return startSite(name, flavour, Map.of());
  }

  /**
   * The same.
   *
   * @param settings of the server, over those of the tests
   */
  public MySqlSite startSite(
      String name, EmbeddedMySql.Flavour flavour, Map<String, String> settings) {
    MySqlSite site = new MySqlSite(name, flavour, settings, programs, directory);
    parts.push(site);
    sites.put(name, site);
    return site;
  }

  /** Registers the site, joins it and starts its agent. */
  public void join(DatabaseSite site, String direction, String... more) {
    JsonNode added =
        json(
            hub.syncadm(
                "topology", "add-spoke", site.name(), "--direction", direction, "-o", "json"));
    site.join(hub.grpc(), added.get("token").asText(), more).orThrow();
    site.startAgent();
  }

  /** Puts a plan in force. */
  public CommandResult applyPlan(String yaml) {
    try {
      Path file = Files.writeString(directory.resolve("plan.yaml"), yaml);
      return hub.syncadm("plan", "apply", "-f", file.toString()).orThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until everything committed so far is everywhere. */
  public CommandResult waitConverged(String timeout) {
    return hub.syncadm("wait", "--converged", "--timeout", timeout);
  }

  public HubNode hub() {
    return hub;
  }

  public PostgresSite site(String name) {
    if (sites.get(name) instanceof PostgresSite site) {
      return site;
    }
    throw new IllegalArgumentException("no PostgreSQL site " + name);
  }

  public Path directory() {
    return directory;
  }

  /** The end of what each program printed, to explain a failure. */
  public String logTails() {
    StringBuilder text = new StringBuilder();
    tail(text, hub.output());
    sites.values().forEach(site -> tail(text, site.output()));
    return text.toString();
  }

  private static void tail(StringBuilder text, Path file) {
    text.append("---- ").append(file).append('\n');
    try {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      lines.stream()
          .skip(Math.max(0, lines.size() - TAIL))
          .forEach(l -> text.append(l).append('\n'));
    } catch (IOException e) {
      text.append(e).append('\n');
    }
  }

  /** A command's JSON output. */
  public static JsonNode json(CommandResult result) {
    try {
      return JSON.readTree(result.orThrow().out());
    } catch (IOException e) {
      throw new UncheckedIOException(result.out(), e);
    }
  }

  /**
   * The elements of a command's JSON array, to be gone through once: all of them as a tree may be
   * too large.
   */
  public static Iterable<JsonNode> elements(CommandResult result) {
    try {
      Iterator<JsonNode> elements =
          JSON.readerFor(JsonNode.class).readValues(result.orThrow().out());
      return () -> elements;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("stopping the cluster", e);
      }
    }
    if (Boolean.getBoolean(KEEP)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
