package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.schema.Session;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The committed changes of one server, read from its binlog.
 *
 * <p>Looks no further than the event it gives: what the caller learned from one event holds when
 * the next transaction is looked at. What is confirmed stays where it is: a binlog is purged by its
 * age, not by its readers.
 */
final class BinlogSource implements ChangeSource {
  /** At most so often an idle or foreign log becomes an event. */
  private static final long PROGRESS_NANOS = 100_000_000L;

  /** How many events are read between two looks at the clock. */
  private static final int EVENTS_PER_LOOK = 256;

  private final BinlogStream stream;
  private final BinlogAssembler assembler;
  private final Session session;
  private final TimeSource time;
  private SourcePosition given;
  private long givenAt;

  BinlogSource(BinlogStream stream, BinlogAssembler assembler, Session session, TimeSource time) {
    this.stream = stream;
    this.assembler = assembler;
    this.session = session;
    this.time = time;
    this.given = assembler.lastPosition();
    this.givenAt = time.nanos();
  }

  @Override
  public @Nullable Captured next(Duration wait) throws InterruptedException {
    Captured ready = assembler.poll();
    if (ready != null) {
      return give(ready);
    }
    long end = time.nanos() + wait.toNanos();
    while (true) {
      long now = time.nanos();
      long left = end - now;
      for (int i = 0; i < EVENTS_PER_LOOK; i++) {
        long patience = i > 0 ? 0 : Math.min(Math.max(0, left), untilProgress(now));
        BinlogEvent event = stream.poll(patience);
        if (event == null) {
          break;
        }
        assembler.accept(event);
        ready = assembler.poll();
        if (ready != null) {
          return give(ready);
        }
      }
      now = time.nanos();
      SourcePosition upTo = assembler.lastPosition();
      if (now - givenAt >= PROGRESS_NANOS
          && assembler.isBetweenTransactions()
          && given.isBefore(upTo)) {
        return give(new Captured.Progress(upTo));
      }
      if (now - end >= 0) {
        return null;
      }
    }
  }

  /** How long to wait for an event if there may be progress to tell meanwhile. */
  private long untilProgress(long now) {
    return given.isBefore(assembler.lastPosition())
        ? Math.max(0, givenAt + PROGRESS_NANOS - now)
        : Long.MAX_VALUE;
  }

  private Captured give(Captured event) {
    if (given.isBefore(event.position())) {
      given = event.position();
    }
    givenAt = time.nanos();
    return event;
  }

  @Override
  public void confirm(SourcePosition upTo) {
    // Nobody asks us before a binlog is purged.
  }

  @Override
  public void close() {
    stream.close();
    assembler.close();
    session.close();
  }
}
