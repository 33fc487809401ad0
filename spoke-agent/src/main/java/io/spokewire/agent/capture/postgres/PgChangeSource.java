package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.schema.Session;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SourcePosition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The committed changes of one database, read from its slot.
 *
 * <p>Reads no further than the event it gives: what the caller learned from one event holds when
 * the next transaction is looked at.
 */
final class PgChangeSource implements ChangeSource {
  /** At most so often we tell the server what it may forget; each time may cost it a sync. */
  private static final long CONFIRM_NANOS = 100_000_000L;

  /** At most so often an idle or foreign log becomes an event. */
  private static final long PROGRESS_NANOS = 100_000_000L;

  /** How many messages are read between two looks at the clock. */
  private static final int MESSAGES_PER_LOOK = 256;

  private final ReplicationStream stream;
  private final TransactionAssembler assembler;
  private final PgOutputDecoder decoder = new PgOutputDecoder();
  private final Session session;
  private final TimeSource time;

  private final MessageFlow flow;
  private final AtomicLong toConfirm = new AtomicLong();
  private long confirmed;
  private long confirmedAt;
  private long given;
  private long givenAt;

  PgChangeSource(
      ReplicationStream stream,
      TransactionAssembler assembler,
      Session session,
      TimeSource time,
      long start) {
    this.stream = stream;
    this.assembler = assembler;
    this.session = session;
    this.time = time;
    this.flow = new MessageFlow(time::nanos, LockSupport::parkNanos);
    this.given = start;
    this.givenAt = time.nanos();
    this.confirmedAt = givenAt - CONFIRM_NANOS;
  }

  @Override
  public @Nullable Captured next(Duration wait) throws InterruptedException {
    Captured ready = assembler.poll();
    if (ready != null) {
      return give(ready);
    }
    long begun = time.nanos();
    long limit = wait.toNanos();
    while (true) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      long now = time.nanos();
      reportConfirmed(now);
      for (int i = 0; i < MESSAGES_PER_LOOK; i++) {
        ByteBuffer message = stream.poll();
        if (message == null) {
          Captured progress = progress(stream.readUpTo(), now);
          if (progress != null) {
            return progress;
          }
          break;
        }
        flow.received();
        take(message);
        Captured event = assembler.poll();
        if (event != null) {
          return give(event);
        }
      }
      Captured progress = progress(assembler.lastLsn(), now);
      if (progress != null) {
        return progress;
      }
      if (time.nanos() - begun >= limit) {
        return null;
      }
    }
  }

  private void take(ByteBuffer message) {
    byte[] array = message.array();
    int offset = message.arrayOffset() + message.position();
    if (assembler.dropsRows() && isRow(array[offset])) {
      return;
    }
    assembler.accept(decoder.decode(array, offset, message.remaining()));
  }

  private static boolean isRow(byte type) {
    return type == 'I' || type == 'U' || type == 'D' || type == 'T';
  }

  private Captured give(Captured event) {
    long lsn = Lsn.of(event.position());
    if (Long.compareUnsigned(lsn, given) > 0) {
      given = lsn;
    }
    givenAt = time.nanos();
    return event;
  }

  private @Nullable Captured progress(long upTo, long now) {
    boolean due = now - givenAt >= PROGRESS_NANOS;
    if (!due || !assembler.isBetweenTransactions() || Long.compareUnsigned(upTo, given) <= 0) {
      return null;
    }
    return give(new Captured.Progress(Lsn.toPosition(upTo)));
  }

  private void reportConfirmed(long now) {
    long upTo = toConfirm.get();
    if (upTo != confirmed && now - confirmedAt >= CONFIRM_NANOS) {
      stream.confirm(upTo);
      confirmed = upTo;
      confirmedAt = now;
    }
  }

  @Override
  public void confirm(SourcePosition upTo) {
    long lsn = Lsn.of(upTo);
    toConfirm.accumulateAndGet(lsn, (a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b);
  }

  @Override
  public void close() {
    try {
      long upTo = toConfirm.get();
      if (upTo != confirmed) {
        stream.confirm(upTo);
      }
    } catch (Fault e) {
      // The connection is gone: the position is confirmed after the next opening.
    } finally {
      stream.close();
      assembler.close();
      session.close();
    }
  }
}
