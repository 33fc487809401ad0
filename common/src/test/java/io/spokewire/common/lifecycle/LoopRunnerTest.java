package io.spokewire.common.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoopRunnerTest {
  private final CompletableFuture<Fault> stopped = new CompletableFuture<>();

  @Test
  void aPassingFaultIsShownUntilTheLoopGoesOn() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch well = new CountDownLatch(3);
    try (LoopRunner runner =
        run(
            () -> {
              if (calls.getAndIncrement() == 0) {
                throw Fault.of(FaultKind.UNREACHABLE, "look", "away").healsByItself().build();
              }
              well.countDown();
              return 1;
            })) {
      well.await();
      assertThat(runner.lastFault()).isNull();
    }
    assertThat(stopped).isNotDone();
  }

  @Test
  void anInterruptNobodyAskedForIsAFaultAndNotASilentEnd() {
    try (LoopRunner runner =
        run(
            () -> {
              throw new InterruptedException();
            })) {
      assertThat(stopped).succeedsWithin(Duration.ofSeconds(30));
      assertThat(runner.lastFault()).isNotNull();
    }
  }

  @Test
  void anErrorEndsTheLoopLoudly() {
    try (LoopRunner runner =
        run(
            () -> {
              throw new StackOverflowError();
            })) {
      assertThat(stopped).succeedsWithin(Duration.ofSeconds(30));
      assertThat(runner.lastFault()).isNotNull();
    }
  }

  private LoopRunner run(Body body) {
    LoopRunner runner =
        new LoopRunner(
            new WorkLoop() {
              @Override
              public String name() {
                return "loop under test";
              }

              @Override
              public int doWork() throws InterruptedException {
                return body.doWork();
              }

              @Override
              public void close() {}
            },
            Duration.ofMillis(1),
            stopped::complete);
    runner.start();
    return runner;
  }

  private interface Body {
    int doWork() throws InterruptedException;
  }
}
