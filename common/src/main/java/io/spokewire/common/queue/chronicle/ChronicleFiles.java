package io.spokewire.common.queue.chronicle;

import java.nio.file.Path;
import java.util.function.IntSupplier;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;

/** How every Chronicle queue here is opened. */
final class ChronicleFiles {
  /** Its file names and index bits are part of our format. */
  static final RollCycle ROLL_CYCLE = RollCycles.FAST_DAILY;

  /** A document may take a quarter of it; the part of a file that is mapped at once. */
  static final int BLOCK_SIZE = 16 << 20;

  private ChronicleFiles() {}

  /**
   * @param cycle the cycle that is written to; Chronicle asks before every document
   */
  static SingleChronicleQueue open(Path directory, IntSupplier cycle) {
    long length = ROLL_CYCLE.lengthInMillis();
    TimeProvider time = () -> cycle.getAsInt() * length;
    return SingleChronicleQueueBuilder.binary(directory)
        .rollCycle(ROLL_CYCLE)
        .timeProvider(time)
        .blockSize(BLOCK_SIZE)
        .syncMode(SyncMode.SYNC) // else sync() does nothing
        .build();
  }
}
