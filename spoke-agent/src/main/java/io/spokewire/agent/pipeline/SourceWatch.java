package io.spokewire.agent.pipeline;

import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.settings.WalPressure;
import io.spokewire.agent.stream.HubSession;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.lifecycle.WorkLoop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the source from beside, whatever the agent does just now: how much of its log it keeps
 * for us, and whether it still gives every change. A source that keeps too much is the worst that
 * an agent can do to its database, so it is watched while the spoke is joining, halted, paused, or
 * waits for a hub that acknowledges nothing. Measures and alarms; {@link CaptureLoop} acts.
 *
 * <p>Threading: {@code doWork} by its own thread, one look each; the rest by any.
 */
public final class SourceWatch implements WorkLoop {
  private static final Logger LOG = LoggerFactory.getLogger(SourceWatch.class);
  private static final long WHOLE_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long STALL_NANOS = Duration.ofSeconds(30).toNanos();

  /** So often in a row nobody reads though we do: the source gave up a connection we still have. */
  private static final int LOOKS_UNREAD = 5;

  private final Desk desk;
  private final CaptureSite site;
  private final WalPressure pressure;
  private final TimeSource time;

  // This loop's thread only.
  private long lastWhole;
  private long movements;
  private long lastMovement;
  private long alarmedAt;
  private int unread;

  private volatile Retention retention = new Retention(0, Retention.UNLIMITED, false);
  private volatile boolean stalled;
  private volatile boolean unheard;
  private volatile @Nullable Fault alarm;

  public SourceWatch(Desk desk, CaptureSite site, WalPressure pressure, TimeSource time) {
    this.desk = desk;
    this.site = site;
    this.pressure = pressure;
    this.time = time;
    this.lastMovement = time.nanos();
    this.lastWhole = lastMovement;
  }

  @Override
  public String name() {
    return "source";
  }

  /** How much of its log the source keeps for us, or has that is unread, as last seen. */
  public long retainedBytes() {
    return retention.bytes();
  }

  /** What is to be done by somebody about what the source keeps; null while it is little. */
  public @Nullable Fault alarm() {
    return alarm;
  }

  /**
   * Whether the policy has to act: the source keeps too much, and nothing that we could wait for
   * makes it less.
   */
  boolean mustRelieve() {
    return alarm != null && retention.purge() == null && (!desk.flows() || stalled);
  }

  /** Whether the source said that nobody reads from it though capture does; asked once. */
  boolean takeUnheard() {
    boolean was = unheard;
    unheard = false;
    return was;
  }

  /** One look; the driver's idle pause is the interval. */
  @Override
  public int doWork() {
    try {
      look();
      long now = time.nanos();
      if (desk.capturing() && now - lastWhole >= WHOLE_NANOS) {
        lastWhole = now;
        site.demandWhole();
      }
    } catch (Fault fault) {
      if (fault.kind() != FaultKind.NEGATIVE) {
        throw later(fault); // whoever can't look may look again
      }
      retention = new Retention(0, Retention.UNLIMITED, false);
      alarm = null;
      // What we gave up ourselves was said by who did it.
      if (!desk.givenUp()) {
        desk.halt("capture", fault, true);
      }
    }
    return 0;
  }

  private static Fault later(Fault fault) {
    return Fault.of(fault.kind(), fault.operation(), fault.reason())
        .at(fault.place())
        .hint(fault.hint())
        .healsByItself()
        .causedBy(fault);
  }

  private void look() {
    watchMovement();
    Retention now = site.retention();
    retention = now;
    unread = desk.capturing() && !now.reading() ? unread + 1 : 0;
    if (unread == LOOKS_UNREAD) {
      unheard = true;
      unread = 0;
    }
    boolean tooMuch = isTooMuch(now);
    if (!tooMuch) {
      if (alarm != null) {
        LOG.info("{} of the database's log wait for this spoke: well again", size(now.bytes()));
      }
      alarm = null;
    } else if (alarm == null || now.bytes() >= 2 * alarmedAt) {
      alarmedAt = Math.max(1, now.bytes());
      Fault fault = alarmFor(now);
      alarm = fault;
      LOG.warn("{}", fault.getMessage());
    }
  }

  /**
   * A source that keeps its log has used up four fifths of what it is willing to keep, or keeps
   * more than we want; one that does not will soon forget what is unread.
   */
  private boolean isTooMuch(Retention now) {
    Retention.Purge purge = now.purge();
    return purge == null
        ? now.bytes() >= pressure.spillAfter() || now.left() < now.bytes() / 4
        : now.bytes() > 0 && purge.isNear();
  }

  private void watchMovement() {
    long now = time.nanos();
    long moved = desk.movements();
    if (moved != movements || !desk.flows() || !desk.owes()) {
      movements = moved;
      lastMovement = now;
    }
    stalled = now - lastMovement >= STALL_NANOS;
  }

  private Fault alarmFor(Retention now) {
    Retention.Purge purge = now.purge();
    if (purge != null) {
      return Fault.of(
              FaultKind.NEGATIVE,
              "watch the source",
              size(now.bytes())
                  + " of the binlog are not read yet, and the server purges the first of it in "
                  + minutes(purge.in())
                  + ": "
                  + cause())
          .hint(
              "let it go on, or keep binlogs longer: SET GLOBAL binlog_expire_logs_seconds = "
                  + 4 * purge.after().toSeconds())
          .build();
    }
    String limit =
        now.left() == Retention.UNLIMITED
            ? "nothing limits it but the disk"
            : "it gives the slot up after " + size(now.left()) + " more";
    return Fault.of(
            FaultKind.NEGATIVE,
            "watch the source",
            "the database keeps "
                + size(now.bytes())
                + " of its log for this spoke: "
                + cause()
                + "; "
                + limit)
        .hint(hint())
        .build();
  }

  private String cause() {
    Desk.Halt halt = desk.halted();
    Footing footing = desk.footing();
    HubSession session = footing.session();
    if (halt != null) {
      return "it stopped (" + halt.fault().reason() + ")";
    }
    if (desk.membership().isEmpty()) {
      return "it is joining and captures nothing yet (" + footing.reason() + ")";
    }
    if (!desk.capturing()) {
      return "capture has no hold of the log";
    }
    if (session == null || !session.isOpen()) {
      return "the hub is away";
    }
    if (footing.paused()) {
      return "it is paused";
    }
    if (!desk.flows()) {
      return "it may not send (" + footing.reason() + ")";
    }
    return stalled
        ? "the hub acknowledges nothing"
        : "it is behind, or a transaction has been open for long";
  }

  private String hint() {
    if (desk.halted() != null || desk.membership().isEmpty()) {
      return "let it go on (syncadm topology show says what it waits for); or remove the spoke and"
          + " uninstall its agent before the disk is full";
    }
    return switch (pressure.policy()) {
      case SPILL_LOCAL ->
          desk.capturing()
              ? "the outbox vouches for it where it can; look at pg_stat_activity.xact_start, the"
                  + " hub, and the agent's disk"
              : "the agent's log says why; the database is relieved once capture goes on";
      case HOLD -> "wal_pressure: hold leaves it to you; bring the hub back or remove the spoke";
      case GIVE_UP ->
          "wal_pressure: give_up drops the slot or the change log while nothing goes to the hub";
    };
  }

  private static String minutes(Duration time) {
    return time.toHours() > 0 ? time.toHours() + " h" : time.toMinutes() + " min";
  }

  private static String size(long bytes) {
    return bytes >= 1L << 30 ? (bytes >> 30) + " GB" : (bytes >> 20) + " MB";
  }
}
