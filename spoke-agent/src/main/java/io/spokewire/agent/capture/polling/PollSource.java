package io.spokewire.agent.capture.polling;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.ReadyEvents;
import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a database that is polled, round by round. The next look begins once the rounds of
 * the one before are confirmed; or at once, if a barrier waits for it.
 */
final class PollSource implements ChangeSource {
  private static final long STEP_NANOS = Duration.ofMillis(50).toNanos();

  private final SiteCopy copy;
  private final Looking looking;
  private final long intervalNanos;
  private final SpoolDirectory spools;
  private final TimeSource time;
  private final ReadyEvents ready = new ReadyEvents();
  private final AtomicLong toConfirm = new AtomicLong();
  private long given;
  private long last;
  private long confirmed;
  private long lookedAt;

  PollSource(
      SiteCopy copy,
      Looking looking,
      Duration interval,
      SpoolDirectory spools,
      TimeSource time,
      long given) {
    this.copy = copy;
    this.looking = looking;
    this.intervalNanos = interval.toNanos();
    this.spools = spools;
    this.time = time;
    this.given = given;
    this.last = copy.transaction("read the copy", Rounds::last);
    this.confirmed = copy.confirmed();
    this.lookedAt = time.nanos() - intervalNanos;
  }

  @Override
  public @Nullable Captured next(Duration wait) throws InterruptedException {
    long end = time.nanos() + wait.toNanos();
    while (true) {
      Captured event = ready.poll();
      if (event != null) {
        return event;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (given < last) {
        give(given + 1);
        continue;
      }
      forgetConfirmed();
      long now = time.nanos();
      boolean due = now - lookedAt >= intervalNanos || copy.isMarked();
      if (due && confirmed == last) {
        lookedAt = now;
        looking.look(spools);
        last = copy.transaction("read the copy", Rounds::last);
        continue;
      }
      long left = end - time.nanos();
      if (left <= 0) {
        return null;
      }
      LockSupport.parkNanos(Math.min(left, STEP_NANOS));
    }
  }

  private void give(long number) {
    try (RowSpool spool = new RowSpool(spools)) {
      Rounds.Round round =
          copy.transaction(
              "read the copy",
              connection ->
                  Rounds.read(
                      connection,
                      number,
                      block -> {
                        spool.writer().putAll(block);
                        spool.rowDone();
                      }));
      SourcePosition before = PollCapture.position(given);
      SourcePosition at = PollCapture.position(number);
      given = number;
      if (round.barrier() != null) {
        ready.add(new Captured.Barrier(at, round.barrier()));
        return;
      }
      ready.add(new Captured.Local(at, round.micros(), spool.take()), before, round.schemas());
    }
  }

  private void forgetConfirmed() {
    long upTo = Math.min(toConfirm.get(), given);
    if (upTo > confirmed) {
      copy.transaction(
          "forget what is confirmed",
          connection -> {
            Rounds.forget(connection, upTo);
            return true;
          });
      confirmed = upTo;
    }
  }

  @Override
  public void confirm(SourcePosition upTo) {
    toConfirm.accumulateAndGet(PollCapture.number(upTo), Math::max);
  }

  @Override
  public void close() {
    ready.close();
  }
}
