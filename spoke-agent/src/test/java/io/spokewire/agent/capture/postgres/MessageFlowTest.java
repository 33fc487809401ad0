package io.spokewire.agent.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MessageFlowTest {
  private static final long MICRO = 1_000;

  private long now;
  private int waits;
  private final MessageFlow flow = new MessageFlow(() -> now, nanos -> waits++);

  @Test
  void messagesThatTrickleInFastAreLetGather() {
    receive(10 * MessageFlow.MESSAGES, 20 * MICRO);
    assertThat(waits).isEqualTo(10);
  }

  @Test
  void aBacklogIsReadWithoutWaiting() {
    receive(10 * MessageFlow.MESSAGES, 2 * MICRO);
    assertThat(waits).isZero();
  }

  @Test
  void aQuietSourceIsNeverWaitedFor() {
    receive(10 * MessageFlow.MESSAGES, 1_000 * MICRO);
    assertThat(waits).isZero();
  }

  private void receive(int messages, long nanosApart) {
    for (int i = 0; i < messages; i++) {
      now += nanosApart;
      flow.received();
    }
  }
}
