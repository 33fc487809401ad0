package io.spokewire.common.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class InMemoryQueueTest extends DurableQueueContract {
  @Override
  protected DurableQueue open() {
    return new InMemoryQueue();
  }

  @Override
  protected DurableQueue reopen(DurableQueue queue) {
    return ((InMemoryQueue) queue).afterCrash(Long.MAX_VALUE);
  }

  @Test
  void aCrashLosesWhatWasNotSynced() {
    InMemoryQueue queue = new InMemoryQueue();
    appendAll(queue, 0, 10);
    queue.sync();
    List<Long> lost = appendAll(queue, 10, 15);
    InMemoryQueue left = queue.afterCrash(queue.syncedIndex());
    assertThat(readAll(left, 0)).isEqualTo(entries(0, 10));
    assertThat(left.append(entry(10))).isGreaterThan(lost.getLast());
  }
}
