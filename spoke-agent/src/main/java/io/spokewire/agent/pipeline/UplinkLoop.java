package io.spokewire.agent.pipeline;

import io.spokewire.agent.queue.Outbox;
import io.spokewire.agent.queue.OutboxReader;
import io.spokewire.agent.stream.HubSession;
import io.spokewire.agent.stream.Reception;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.lifecycle.WorkLoop;
import io.spokewire.common.wire.UpstreamBatchWriter;
import io.spokewire.common.wire.UpstreamHeader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Outbox to hub: takes what is there, up to a batch, and sends it at once, or, while several
 * batches wait for the hub's disk anyway, when it is worth a message; acknowledgements free the
 * outbox. What is sent and not acknowledged is bounded by bytes; a transaction under way is always
 * finished, since only its end can be acknowledged.
 *
 * <p>A new session, or a resumption, begins again right after what the hub has, so nothing is lost
 * with a connection and what comes twice carries the same numbers. Before that, the hub's last
 * transaction is compared with the one of that number here.
 */
public final class UplinkLoop implements WorkLoop {
  private static final int BATCH_BYTES = 1 << 20;
  private static final long WINDOW_BYTES = 16L << 20;

  /** With so many under way, a small batch gains nothing by leaving before one is acknowledged. */
  private static final int BATCHES_UNDER_WAY = 2;

  private static final int WORTH_A_MESSAGE_BYTES = 128 << 10;

  private final Desk desk;
  private final UpstreamBatchWriter batch = new UpstreamBatchWriter();
  private final Deque<Sent> inFlight = new ArrayDeque<>();

  private @Nullable OutboxReader reader;
  private long readFor; // the beginning that `reader` belongs to
  private Acknowledgement released = Acknowledgement.NONE;
  private @Nullable HubSession agreed; // its hub has the same history as the outbox
  private Sequence lastRead = Sequence.NONE;
  private long inFlightBytes;
  private boolean insideTransaction;

  private record Sent(Sequence last, int bytes) {}

  public UplinkLoop(Desk desk) {
    this.desk = desk;
  }

  @Override
  public String name() {
    return "uplink";
  }

  @Override
  public int doWork() {
    Outbox outbox = desk.outbox();
    if (outbox == null) {
      return 0;
    }
    release(outbox);
    Footing footing = desk.footing();
    if (!desk.flows() || footing.session() == null) {
      stopReading();
      return 0;
    }
    try {
      return isSameHistory(outbox, footing.session())
          ? send(outbox, footing, footing.session())
          : 0;
    } catch (Fault fault) {
      if (fault.healsByItself()) {
        throw fault;
      }
      stopReading();
      desk.halt("queue", fault, true);
      return 0;
    }
  }

  /**
   * Whether the hub's last transaction is the one that has its number here: another copy of this
   * agent may have written to the hub since, or the hub may have lost what it had. False also while
   * capture has yet to read again what the hub has.
   */
  private boolean isSameHistory(Outbox outbox, HubSession session) {
    if (session == agreed) {
      return true;
    }
    Reception hub = session.reception();
    if (hub.last().isAfter(outbox.last())) {
      return false;
    }
    Optional<Fault> difference = outbox.difference(hub.last(), hub.lastHash());
    if (difference.isPresent()) {
      throw difference.get();
    }
    agreed = session;
    return true;
  }

  private int send(Outbox outbox, Footing footing, HubSession session) {
    OutboxReader source = readerFor(outbox, footing);
    int sent = 0;
    while (session.flush()) {
      fill(source);
      if (batch.isEmpty() || isBetterGathered()) {
        return sent;
      }
      int bytes = batch.size();
      if (!session.offer(batch.batch())) {
        return sent;
      }
      desk.moved();
      inFlight.add(new Sent(lastRead, bytes));
      inFlightBytes += bytes;
      sent += batch.items();
      batch.clear();
      release(outbox);
    }
    return sent;
  }

  private OutboxReader readerFor(Outbox outbox, Footing footing) {
    OutboxReader current = reader;
    if (current != null && readFor == footing.beginning()) {
      return current;
    }
    stopReading();
    current = outbox.readAfter(footing.sendAfter());
    reader = current;
    readFor = footing.beginning();
    lastRead = footing.sendAfter();
    return current;
  }

  private void fill(OutboxReader source) {
    while (batch.size() < BATCH_BYTES
        && (insideTransaction || inFlightBytes < WINDOW_BYTES)
        && source.next()) {
      UpstreamHeader header = source.header();
      batch.add(source.item());
      insideTransaction = header.kind() == UpstreamHeader.Kind.CHUNK;
      if (header.kind() == UpstreamHeader.Kind.TRANSACTION) {
        lastRead = header.sequence();
      }
    }
  }

  private boolean isBetterGathered() {
    return inFlight.size() >= BATCHES_UNDER_WAY
        && batch.size() < WORTH_A_MESSAGE_BYTES
        && !insideTransaction;
  }

  private void release(Outbox outbox) {
    Acknowledgement acknowledged = desk.acknowledged();
    Sequence durable = acknowledged.sequence();
    while (!inFlight.isEmpty() && !inFlight.getFirst().last().isAfter(durable)) {
      inFlightBytes -= inFlight.removeFirst().bytes();
    }
    if (!acknowledged.equals(released)) {
      outbox.acknowledge(durable, acknowledged.position());
      released = acknowledged;
    }
  }

  private void stopReading() {
    if (reader != null) {
      reader.close();
    }
    reader = null;
    batch.clear();
    inFlight.clear();
    inFlightBytes = 0;
    insideTransaction = false;
  }

  @Override
  public void close() {
    stopReading();
  }
}
