package io.spokewire.common.lifecycle;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one {@link WorkLoop} on a thread of its own. An idle loop sleeps for {@code idle}, or
 * until {@link #wake()}. A fault that heals by itself is logged once per distinct message and tried
 * again with growing pauses; any other stops the loop and is handed to {@code onStop}.
 */
public final class LoopRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LoopRunner.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final WorkLoop loop;
  private final Duration idle;
  private final Consumer<Fault> onStop;
  private final Thread thread;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicReference<@Nullable Fault> lastFault = new AtomicReference<>();
  private volatile boolean stopping;

  /**
   * @param idle longest sleep when there is nothing to do
   * @param onStop called on the loop's thread when a fault ended it
   */
  public LoopRunner(WorkLoop loop, Duration idle, Consumer<Fault> onStop) {
    this.loop = loop;
    this.idle = idle;
    this.onStop = onStop;
    this.thread = Thread.ofPlatform().name(loop.name()).daemon(true).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** Ends an idle sleep now. Safe from any thread; cheap when the loop is busy. */
  public void wake() {
    LockSupport.unpark(thread);
  }

  /** The fault the loop is retrying or has stopped for; null while all is well. */
  public @Nullable Fault lastFault() {
    return lastFault.get();
  }

  public boolean isRunning() {
    return ended.getCount() > 0;
  }

  /** Asks the loop to end and waits until its {@link WorkLoop#close()} has returned. */
  @Override
  public void close() {
    stopping = true;
    if (thread.getState() == Thread.State.NEW) {
      loop.close();
      ended.countDown();
      return;
    }
    thread.interrupt();
    try {
      if (!ended.await(30, TimeUnit.SECONDS)) {
        LOG.warn("loop {} did not end within 30 s", loop.name());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    try {
      while (!stopping) {
        try {
          int done = loop.doWork();
          if (lastFault.getAndSet(null) != null) {
            LOG.info("{}: going on", loop.name());
          }
          pause = FIRST_PAUSE;
          if (done == 0 && !stopping) {
            LockSupport.parkNanos(idle.toNanos());
          }
        } catch (Fault fault) {
          report(fault);
          if (!fault.healsByItself()) {
            onStop.accept(fault);
            return;
          }
          Thread.sleep(pause);
          pause =
              pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
                  ? LONGEST_PAUSE
                  : pause.multipliedBy(2);
        }
      }
    } catch (InterruptedException e) {
      if (!stopping) {
        Fault fault =
            Fault.of(FaultKind.INTERNAL, loop.name(), "interrupted without being asked to stop")
                .build();
        report(fault); // a loop that ended unseen would look like one with nothing to do
        onStop.accept(fault);
      }
    } catch (RuntimeException | Error e) {
      if (!stopping) {
        LOG.error("{}: unexpected failure", loop.name(), e);
        Fault fault = Fault.of(FaultKind.INTERNAL, loop.name(), String.valueOf(e)).causedBy(e);
        lastFault.set(fault);
        onStop.accept(fault);
      }
    } finally {
      Thread.interrupted(); // closing may need to wait for something
      try {
        loop.close();
      } catch (RuntimeException e) {
        LOG.warn("{}: closing failed", loop.name(), e);
      }
      ended.countDown();
    }
  }

  private static String line(Fault fault) {
    return String.valueOf(fault.getMessage());
  }

  private void report(Fault fault) {
    Fault before = lastFault.getAndSet(fault);
    if (before == null || !line(before).equals(line(fault))) {
      LOG.warn("{}: {}", loop.name(), fault.getMessage());
      LOG.debug("{}: cause", loop.name(), fault);
    }
  }
}
