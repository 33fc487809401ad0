package io.spokewire.simulation;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.pipeline.HubInsides;
import io.spokewire.hub.pipeline.SequenceLoop;
import io.spokewire.hub.resolve.WindowFaults;
import io.spokewire.hub.stream.Intake;
import io.spokewire.hub.stream.Request;
import io.spokewire.hub.stream.Session;
import io.spokewire.hub.topology.Spoke;
import java.util.function.ToLongFunction;

/** The hub's window forgets what it must not. */
final class WindowMutations extends Mutations {
  enum Fault {
    WINNERS_ONLY,
    OWN_SIBLINGS_DROPPED,
    FRONTIER_BY_APPLIED,
    FRONTIER_IGNORES_EXCEPTIONS,
    SAME_EPOCH,
    SENDER_SEES_ALL,
    DECISIONS_SEEN
  }

  private final Fault fault;
  private final SchemaBook schemas = new SchemaBook();
  private SequenceLoop loop;
  private World world; // null until the weather is rough

  WindowMutations(Fault fault) {
    this.fault = fault;
    schemas.addAll(Tables.ALL);
  }

  @Override
  void hub(SequenceLoop next) {
    loop = next;
  }

  @Override
  void begin(World of) {
    world = of;
  }

  @Override
  void logged(World world, LogEntry.Outcome outcome) {
    switch (fault) {
      case WINNERS_ONLY -> WindowFaults.keepOnlyWinners(HubInsides.resolver(loop), outcome);
      case FRONTIER_BY_APPLIED -> forget(world, s -> HubInsides.applied(loop, s.id()));
      case FRONTIER_IGNORES_EXCEPTIONS -> forget(world, s -> HubInsides.shown(loop, s));
      case OWN_SIBLINGS_DROPPED, SAME_EPOCH, SENDER_SEES_ALL, DECISIONS_SEEN -> {}
    }
  }

  private void forget(World world, ToLongFunction<Spoke> through) {
    world.disk.topology.spokes().stream()
        .filter(s -> s.standing() == Spoke.Standing.LIVE)
        .mapToLong(through)
        .min()
        .ifPresent(HubInsides.resolver(loop)::advanceFrontier);
  }

  @Override
  Intake intake(Intake honest) {
    boolean seesTooMuch =
        switch (fault) {
          case OWN_SIBLINGS_DROPPED, SAME_EPOCH, SENDER_SEES_ALL, DECISIONS_SEEN -> true;
          default -> false;
        };
    return new Intake() {
      @Override
      public void take(Request request) {
        if (seesTooMuch && world != null && request instanceof Request.Upstream upstream) {
          upstream.records().forEach(WindowMutations.this::drop);
        }
        honest.take(request);
      }

      @Override
      public void ready(Session session) {
        honest.ready(session);
      }
    };
  }

  private boolean isTakenForSeen(Writer other, Writer writer) {
    return switch (fault) {
      case OWN_SIBLINGS_DROPPED -> other.equals(writer);
      case DECISIONS_SEEN -> other.spoke().equals(SpokeId.HUB);
      case SENDER_SEES_ALL -> isSender(writer) && !other.equals(writer);
      case SAME_EPOCH -> other.spoke().equals(writer.spoke()) && !other.equals(writer);
      default -> false;
    };
  }

  private boolean isSender(Writer writer) {
    Site site = world.siteOf(writer);
    return site != null && !site.direction().receives();
  }

  private void drop(UpstreamRecord record) {
    if (record instanceof UpstreamRecord.Committed committed) {
      Transaction transaction = committed.transaction();
      Writer writer = transaction.writer();
      RowBlock rows = transaction.rows();
      WindowFaults.dropSiblings(
          HubInsides.resolver(loop),
          other -> isTakenForSeen(other, writer),
          transaction,
          HubInsides.head(loop).next(),
          rows,
          (RowChange change) -> schemas.get(change.schema()).table());
    }
  }
}
