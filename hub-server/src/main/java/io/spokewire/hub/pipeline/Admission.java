package io.spokewire.hub.pipeline;

import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.Notices.Notice;
import io.spokewire.hub.observe.Notices.Subject;
import io.spokewire.hub.observe.WindowMeter;
import io.spokewire.hub.resolve.Resolver;
import io.spokewire.hub.stream.Request;
import io.spokewire.hub.stream.Session;
import io.spokewire.hub.topology.Spoke;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the row window within its memory: says whose transactions may enter it, and holds those
 * that may not yet, in the order in which they came.
 *
 * <p>Rows leave the window when the frontier passes them, and the frontier moves only with what the
 * spokes that hold it back send. What they have to say comes behind their transactions, so those
 * must be taken: up to a reserve beyond the limit they are, while everybody else is held. When a
 * holder catches up, another spoke becomes the holder and is let in, down to the last. What needs
 * no room in the window (marks, shapes, parts of a staged transaction) is always taken, unless it
 * stands behind something that is held.
 *
 * <p>Agents that are held are told, so that they keep the rest in their outboxes. Owned by the
 * sequencing loop.
 */
final class Admission {
  private static final Subject WINDOW = new Subject("window", "");
  private static final long LOOK_NANOS = Duration.ofMillis(100).toNanos();
  private static final long RELIEF_NANOS = Duration.ofMillis(250).toNanos();
  private static final long REBUILD_NANOS = Duration.ofSeconds(5).toNanos();

  private final ChannelState state;
  private final WindowLimit limit;
  private final Notices notices;
  private final WindowMeter meter;
  private final TimeSource time;
  private final Map<Session, Deque<Request.Upstream>> held = new LinkedHashMap<>();
  private final Set<SpokeId> told = new HashSet<>(); // that they are held
  private final Set<SpokeId> tooLarge = new HashSet<>(); // what they have would never fit

  private Request.@Nullable Upstream released; // by the last `next`
  private boolean closed; // the limit was reached, and there is not much room yet
  private long lastLook;
  private long lastRelief;
  private long lastRebuild;
  private long lastFrontier;
  private long frontierSince;

  Admission(
      ChannelState state, WindowLimit limit, Notices notices, WindowMeter meter, TimeSource time) {
    this.state = state;
    this.limit = limit;
    this.notices = notices;
    this.meter = meter;
    this.time = time;
    this.lastRebuild = time.nanos();
    this.frontierSince = lastRebuild;
  }

  /** Whether this may be taken now; if not, it is held. */
  boolean admits(Spoke spoke, Request.Upstream request) {
    if (request == released) {
      return true; // what comes after it is held still
    }
    Deque<Request.Upstream> before = held.get(request.session());
    if (before == null && fits(spoke, request)) {
      return true;
    }
    held.computeIfAbsent(request.session(), s -> new ArrayDeque<>()).addLast(request);
    return false;
  }

  /**
   * What was held and may be taken now, or is of a session whose data does not count any more; null
   * if there is nothing.
   *
   * @param flowing the spoke of a session whose data counts
   */
  Request.@Nullable Upstream next(Function<Session, @Nullable Spoke> flowing) {
    for (Map.Entry<Session, Deque<Request.Upstream>> entry : held.entrySet()) {
      Spoke spoke = flowing.apply(entry.getKey());
      Deque<Request.Upstream> waiting = entry.getValue();
      if (spoke == null || fits(spoke, waiting.getFirst())) {
        Request.Upstream first = waiting.removeFirst();
        if (waiting.isEmpty()) {
          held.remove(entry.getKey());
        }
        released = first;
        return first;
      }
    }
    return null;
  }

  /** Everything that is held, in order, and holds it no longer. */
  List<Request.Upstream> takeBack() {
    List<Request.Upstream> all = new ArrayList<>();
    held.values().forEach(all::addAll);
    held.clear();
    return all;
  }

  /** The session is over; what was held of it will be sent again. */
  void forget(Session session) {
    held.remove(session);
    told.remove(session.spoke());
    tooLarge.remove(session.spoke());
  }

  boolean isTold(SpokeId spoke) {
    return told.contains(spoke);
  }

  /**
   * Looks how things stand, now and then.
   *
   * @param senders the spokes that are attached and send
   * @return those who are to be told anew whether they are held
   */
  List<SpokeId> look(Supplier<List<Spoke>> senders) {
    long now = time.nanos();
    if (now - lastLook < LOOK_NANOS) {
      return List.of();
    }
    lastLook = now;
    long frontier = state.resolvedFrontier();
    if (frontier != lastFrontier) {
      lastFrontier = frontier;
      frontierSince = now;
    }
    if (state.resolver().bytes() >= limit.near() && now - lastRelief >= RELIEF_NANOS) {
      lastRelief = now;
      state.relieveWindow();
    }
    long size = state.resolver().bytes();
    boolean whole = state.windowIsWhole();
    closed &= size > limit.open();
    boolean shut = closed || !whole;
    meter.write(new WindowMeter.Reading(size, limit.bytes(), shut || !tooLarge.isEmpty()));
    if (!shut && told.isEmpty() && held.isEmpty() && size < limit.near()) {
      notices.clear(WINDOW);
      return List.of();
    }
    Set<SpokeId> holders = state.holders();
    Duration since = Duration.ofNanos(now - frontierSince);
    Notice notice = WindowNotice.of(limit, size, whole, closed, holders, since, tooLarge);
    if (notice == null) {
      notices.clear(WINDOW);
    } else {
      notices.raise(WINDOW, notice);
    }
    return tell(senders.get(), shut, whole, holders);
  }

  /** Whether a window that did not fit should be built again, as it may fit now. */
  boolean wantsRebuild() {
    if (state.windowIsWhole() || time.nanos() - lastRebuild < REBUILD_NANOS) {
      return false;
    }
    lastRebuild = time.nanos();
    return state.mayFitNow();
  }

  private boolean fits(Spoke spoke, Request.Upstream request) {
    long needed = needed(spoke, request);
    if (needed == 0) {
      return true;
    }
    if (!state.windowIsWhole()) {
      return false;
    }
    long size = state.resolver().bytes();
    if (!closed && size + needed <= limit.bytes()) {
      tooLarge.remove(spoke.id());
      return true;
    }
    boolean isLarge = needed > limit.bytes(); // one transaction can't be taken in parts
    boolean isHolder = state.holders().contains(spoke.id());
    if (isHolder && size + needed <= (isLarge ? limit.alone() : limit.full())
        || isLarge && size <= limit.bytes() / 10 && size + needed <= limit.alone()) {
      tooLarge.remove(spoke.id());
      return true;
    }
    if (needed > limit.alone()) {
      tooLarge.add(spoke.id()); // the others need not wait for what can't be
    } else {
      closed = true;
    }
    return false;
  }

  /** About how much the window would grow. */
  private long needed(Spoke spoke, Request.Upstream request) {
    long needed = 0;
    for (UpstreamRecord received : request.records()) {
      if (received instanceof UpstreamRecord.Committed committed) {
        Transaction transaction = committed.transaction();
        needed += Resolver.bytesOf(transaction.rows().rows(), transaction.rows().bytes().length());
        if (transaction.isStaged()) {
          needed += state.desk(spoke).stagedBytes();
        }
      }
    }
    return needed;
  }

  private List<SpokeId> tell(
      List<Spoke> senders, boolean shut, boolean whole, Set<SpokeId> holders) {
    Set<SpokeId> waiting = held.keySet().stream().map(Session::spoke).collect(Collectors.toSet());
    List<SpokeId> changed = new ArrayList<>();
    for (Spoke spoke : senders) {
      boolean isHeld =
          waiting.contains(spoke.id()) || (shut && !(whole && holders.contains(spoke.id())));
      if (isHeld ? told.add(spoke.id()) : told.remove(spoke.id())) {
        changed.add(spoke.id());
      }
    }
    return changed;
  }
}
