package io.spokewire.agent.settings;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.config.ProtectedTables;
import io.spokewire.common.config.YamlDocument;
import io.spokewire.common.config.YamlMap;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.type.AgreedTypes;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * What an agent must know again after a restart, beside its outbox and its database's checkpoint.
 * Immutable; {@link StateFile} keeps it.
 *
 * @param instance which copy of an agent this is; also in the database
 * @param session the last session number made durable; 0 before the first
 * @param captureStart where the source's log begins for us; NONE for a spoke that does not send
 * @param emptyAtStart tables without a row at {@code captureStart}, as {@code schema.table} of the
 *     engine, unquoted
 * @param membership how the hub knows this spoke; empty until it became live
 * @param planVersion the plan that {@code patterns} are from; 0 before the first
 * @param patterns the tables of the plan
 * @param protectedTables of the plan: where a site's own pending writes are protected
 * @param agreedTypes of the plan: in which types columns travel that do not in the agent's own
 * @param published what the source published for us when it was last seen whole, in the engine's
 *     own words; empty if that is not known
 */
public record AgentState(
    UUID instance,
    long session,
    SourcePosition captureStart,
    List<String> emptyAtStart,
    Optional<Membership> membership,
    int planVersion,
    List<String> patterns,
    ProtectedTables protectedTables,
    AgreedTypes agreedTypes,
    List<String> published) {
  public AgentState {
    published = List.copyOf(published);
    emptyAtStart = List.copyOf(emptyAtStart);
    patterns = List.copyOf(patterns);
  }

  /**
   * Since when this spoke is live.
   *
   * @param start the position after which it began
   */
  public record Membership(Epoch epoch, Position start) {}

  /** Of an agent that has just set up its capture. */
  public static AgentState atJoin(
      UUID instance, SourcePosition captureStart, List<String> emptyAtStart) {
    return new AgentState(
        instance,
        0,
        captureStart,
        emptyAtStart,
        Optional.empty(),
        0,
        List.of(),
        ProtectedTables.NONE,
        AgreedTypes.NONE,
        List.of());
  }

  public AgentState withSession(long number) {
    return new AgentState(
        instance,
        number,
        captureStart,
        emptyAtStart,
        membership,
        planVersion,
        patterns,
        protectedTables,
        agreedTypes,
        published);
  }

  public AgentState withMembership(Membership live) {
    return new AgentState(
        instance,
        session,
        captureStart,
        emptyAtStart,
        Optional.of(live),
        planVersion,
        patterns,
        protectedTables,
        agreedTypes,
        published);
  }

  /** The same in a new life of the spoke; where its capture begins is not known yet. */
  public AgentState reborn(Membership live) {
    return withMembership(live).withCapture(SourcePosition.NONE, emptyAtStart);
  }

  public AgentState withEmpty(List<String> tables) {
    return new AgentState(
        instance,
        session,
        captureStart,
        tables,
        membership,
        planVersion,
        patterns,
        protectedTables,
        agreedTypes,
        published);
  }

  /** The same with capture set up. */
  public AgentState withCapture(SourcePosition start, List<String> empty) {
    return new AgentState(
        instance,
        session,
        start,
        empty,
        membership,
        planVersion,
        patterns,
        protectedTables,
        agreedTypes,
        published);
  }

  public AgentState withPlan(
      int version, List<String> tables, ProtectedTables guarded, AgreedTypes agreed) {
    return new AgentState(
        instance,
        session,
        captureStart,
        emptyAtStart,
        membership,
        version,
        tables,
        guarded,
        agreed,
        published);
  }

  public AgentState withPublished(List<String> lines) {
    return new AgentState(
        instance,
        session,
        captureStart,
        emptyAtStart,
        membership,
        planVersion,
        patterns,
        protectedTables,
        agreedTypes,
        lines);
  }

  String toYaml() {
    YamlLines lines = new YamlLines();
    lines.comment("Kept by the agent; do not edit.");
    lines.put("instance", instance.toString());
    lines.put("session", session);
    lines.put("capture_start", captureStart.token().toHex());
    lines.put("empty_at_start", emptyAtStart);
    lines.put("published", published);
    membership.ifPresent(
        live -> {
          lines.begin("membership");
          lines.put("epoch", live.epoch().number());
          lines.put("incarnation", live.start().incarnation().toString());
          lines.put("channel", live.start().channel().name());
          lines.put("start", live.start().number());
          lines.end();
        });
    lines.begin("plan");
    lines.put("version", planVersion);
    lines.put("tables", patterns);
    lines.put("protect_pending", protectedTables.toTexts());
    lines.put("agreed_types", agreedTypes.toTexts());
    lines.end();
    return lines.toString();
  }

  static AgentState of(YamlDocument document) {
    YamlMap root = document.root();
    UUID instance = root.parsed("instance", new UUID(0, 0), UUID::fromString);
    long session = root.integer("session", 0, 0, Long.MAX_VALUE);
    SourcePosition start =
        root.parsed(
            "capture_start",
            SourcePosition.NONE,
            hex -> new SourcePosition(Bytes.fromHex(hex.toLowerCase(Locale.ROOT))));
    List<String> empty = texts(root, "empty_at_start");
    List<String> published = texts(root, "published");
    Optional<Membership> membership = Optional.empty();
    if (root.has("membership")) {
      YamlMap live = root.map("membership");
      LogIncarnation incarnation =
          live.parsed("incarnation", new LogIncarnation(new UUID(0, 0)), LogIncarnation::parse);
      ChannelId channel = live.parsed("channel", ChannelId.MAIN, ChannelId::new);
      membership =
          Optional.of(
              new Membership(
                  new Epoch((int) live.integer("epoch", 1, 1, Integer.MAX_VALUE)),
                  new Position(incarnation, channel, live.integer("start", 0, 0, Long.MAX_VALUE))));
    }
    YamlMap plan = root.map("plan");
    int version = (int) plan.integer("version", 0, 0, Integer.MAX_VALUE);
    List<String> patterns = texts(plan, "tables");
    ProtectedTables guarded = ProtectedTables.ofTexts(texts(plan, "protect_pending"));
    AgreedTypes agreed = AgreedTypes.ofTexts(texts(plan, "agreed_types"));
    document.check();
    return new AgentState(
        instance, session, start, empty, membership, version, patterns, guarded, agreed, published);
  }

  private static List<String> texts(YamlMap map, String key) {
    return map.texts(key).stream().map(io.spokewire.common.config.YamlText::text).toList();
  }
}
