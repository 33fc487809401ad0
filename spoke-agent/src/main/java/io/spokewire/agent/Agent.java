package io.spokewire.agent;

import io.spokewire.agent.apply.ApplySettings;
import io.spokewire.agent.apply.Backoff;
import io.spokewire.agent.apply.CapturedWrites;
import io.spokewire.agent.apply.MarkerSealing;
import io.spokewire.agent.apply.PendingDeletes;
import io.spokewire.agent.apply.table.ApplySite;
import io.spokewire.agent.apply.table.TableApplier;
import io.spokewire.agent.identity.IdentityStore;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.pipeline.AppliedSet;
import io.spokewire.agent.pipeline.ApplyLoop;
import io.spokewire.agent.pipeline.CaptureLoop;
import io.spokewire.agent.pipeline.CaptureProgress;
import io.spokewire.agent.pipeline.CaptureSite;
import io.spokewire.agent.pipeline.ControlLoop;
import io.spokewire.agent.pipeline.DeleteLedger;
import io.spokewire.agent.pipeline.Desk;
import io.spokewire.agent.pipeline.DriftAlarm;
import io.spokewire.agent.pipeline.GeneratorLoop;
import io.spokewire.agent.pipeline.HeartbeatLoop;
import io.spokewire.agent.pipeline.NewLife;
import io.spokewire.agent.pipeline.OutboxFactory;
import io.spokewire.agent.pipeline.Renewal;
import io.spokewire.agent.pipeline.SiteTables;
import io.spokewire.agent.pipeline.SourceWatch;
import io.spokewire.agent.pipeline.UplinkLoop;
import io.spokewire.agent.pipeline.WithheldTruncates;
import io.spokewire.agent.queue.Outbox;
import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.DataDirectory;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.HubLink;
import io.spokewire.agent.stream.Vitals;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Writer;
import io.spokewire.common.lifecycle.Lifecycle;
import io.spokewire.common.lifecycle.LoopRunner;
import io.spokewire.common.lifecycle.WorkLoop;
import io.spokewire.common.queue.chronicle.ChronicleDurableQueue;
import io.spokewire.common.wire.UpstreamCodec;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A running agent: the list of its parts, started in this order and stopped in reverse. One thread
 * starts and stops it.
 */
final class Agent implements AutoCloseable {
  private static final Duration BRISK = Duration.ofMillis(50);
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final int DELETES_REMEMBERED = 200_000;

  private final Lifecycle parts = new Lifecycle();
  private final CompletableFuture<Fault> failed = new CompletableFuture<>();
  private final Map<String, Supplier<@Nullable Fault>> stages = new LinkedHashMap<>();
  private final Desk desk;

  /**
   * @param engineVersion as the server says it
   * @param ready called at the beginning of each session with the hub
   */
  Agent(
      DataDirectory directory,
      AgentSettings settings,
      String engineVersion,
      String agentVersion,
      Runnable ready) {
    TimeSource time = TimeSource.SYSTEM;
    SecureRandom random = new SecureRandom();
    StateFile state = StateFile.open(directory.state());
    MarkerSeal seal = new MarkerSeal(directory.readSecret().toByteArray());
    SchemaBook schemas = new SchemaBook();
    DeleteLedger deletes = new DeleteLedger(schemas, DELETES_REMEMBERED);
    WithheldTruncates truncates = new WithheldTruncates(schemas);
    DriftAlarm drift = new DriftAlarm();
    CaptureProgress progress = new CaptureProgress();
    boolean sends = settings.direction().sends();

    desk =
        new Desk(
            new Desk.Self(
                settings.direction(),
                settings.database().type().label(),
                engineVersion,
                sends ? settings.capture().method().label() : ""),
            state,
            ready);
    IdentityStore identities = new IdentityStore(directory.identity());
    Renewal renewal = new Renewal(settings.spoke(), identities, identities.load(), random, time);
    parts.add(desk::closeOutbox); // last of all: loops above it read and write it
    Site site =
        parts.add(
            Engine.of(settings.database(), settings.capture())
                .site(
                    new Site.Surroundings(
                        settings.spoke(),
                        settings.direction(),
                        state,
                        seal,
                        directory.copy(),
                        time)));
    SiteTables tables = site.tables();

    Runnable wakeCapture = () -> {};
    Runnable wakeUplink = () -> {};
    Vital vital = new Vital(desk);
    if (settings.direction().receives()) {
      Optional<MarkerSealing> sealing = sends ? Optional.of(seal::seal) : Optional.empty();
      ApplySite applySite =
          new ApplySite(
              settings.spoke(),
              state.get().instance(),
              tables,
              schemas,
              sealing,
              sends ? tables::protects : table -> false,
              sends ? progress : CapturedWrites.NONE);
      ApplySettings how = ApplySettings.DEFAULTS;
      start(
          new ApplyLoop(
              desk,
              () ->
                  new TableApplier(
                      applySite,
                      site.target(),
                      sends ? deletes : PendingDeletes.NONE,
                      drift,
                      how,
                      new Backoff(how, random, Backoff.Pause.SLEEP),
                      time),
              schemas,
              deletes,
              desk::saw,
              directory.makeDirectory(directory.spool()),
              time),
          BRISK);
      if (settings.bumpSequences()) {
        site.generators()
            .ifPresent(
                generators ->
                    start(new GeneratorLoop(generators, desk::appliedThrough, time), BEAT));
      }
    }
    if (sends) {
      AppliedSet applied = new AppliedSet();
      CaptureSite source = site.capture(applied, captureSpool(directory));
      SourceWatch watch = new SourceWatch(desk, source, settings.walPressure(), time);
      CaptureLoop captureLoop =
          new CaptureLoop(
              desk,
              source,
              outboxes(directory, settings, source),
              schemas,
              deletes,
              progress,
              truncates,
              applied,
              settings.walPressure(),
              watch,
              time);
      vital.capture = captureLoop;
      vital.watch = watch;
      start(watch, BEAT);
      stages.put("slot", watch::alarm);
      wakeCapture = start(captureLoop, BRISK)::wake;
      wakeUplink = start(new UplinkLoop(desk), BRISK)::wake;
    }
    stages.put("truncate", truncates::alarm);
    stages.put("drift", drift::alarm);
    LoopRunner control =
        start(new ControlLoop(desk, state, tables, site.barriers(), renewal), BRISK);
    desk.wakes(wakeCapture, wakeUplink, control::wake);

    HubLink link =
        new HubLink(
            new HubLink.Peer(settings.spoke(), settings.direction(), settings.hub(), agentVersion),
            renewal::current,
            desk,
            number -> state.update(s -> s.withSession(number)),
            desk,
            time,
            random);
    LoopRunner linking = new LoopRunner(link, BRISK, failed::complete);
    link.onChange(linking::wake);
    parts.start(linking);
    parts.start(
        new LoopRunner(
            new HeartbeatLoop(desk, vital, stages, vital::alarm), BEAT, failed::complete));
  }

  /** What the heartbeat tells. */
  private static final class Vital implements Supplier<Vitals> {
    private final Desk desk;
    private @Nullable CaptureLoop capture;
    private @Nullable SourceWatch watch;

    Vital(Desk desk) {
      this.desk = desk;
    }

    @Nullable Fault alarm() {
      return watch == null ? null : watch.alarm();
    }

    @Override
    public Vitals get() {
      return new Vitals(
          desk.pendingTransactions(),
          capture == null ? 0 : capture.capturedMicros(),
          watch == null ? 0 : watch.retainedBytes());
    }
  }

  private LoopRunner start(WorkLoop loop, Duration idle) {
    LoopRunner runner = new LoopRunner(loop, idle, failed::complete);
    stages.put(loop.name(), runner::lastFault);
    return parts.start(runner);
  }

  private static OutboxFactory outboxes(
      DataDirectory directory, AgentSettings settings, CaptureSite source) {
    return member ->
        Outbox.open(
            ChronicleDurableQueue.open(directory.makeDirectory(directory.outbox())),
            new UpstreamCodec(
                settings.spoke(), member.start().incarnation(), member.start().channel()),
            new Writer(settings.spoke(), member.epoch(), member.start().channel()),
            source.sources()::compare);
  }

  private static Path captureSpool(DataDirectory directory) {
    return directory.makeDirectory(directory.makeDirectory(directory.spool()).resolve("capture"));
  }

  /** The spoke's new life, if that is why this agent can't go on: another one has to. */
  Optional<NewLife> newLife() {
    return desk.newLife();
  }

  /** Completed when the agent can't go on; until then it runs. */
  CompletableFuture<Fault> failed() {
    return failed;
  }

  @Override
  public void close() {
    parts.close();
  }
}
