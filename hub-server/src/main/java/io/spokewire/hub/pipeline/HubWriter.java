package io.spokewire.hub.pipeline;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.WriterState;
import io.spokewire.hub.resolve.Resolver.Resolution;
import java.util.List;

/**
 * Writes rows in the hub's own name: what makes room for one of two rows that can't both be, and
 * what people decide. Such a write has seen everything before it, so it wins everywhere; what a
 * site writes without having seen it is concurrent with it, as with any other. Owned by the
 * sequencing loop.
 */
final class HubWriter {
  private final ChannelState state;
  private final TimeSource time;

  HubWriter(ChannelState state, TimeSource time) {
    this.state = state;
    this.time = time;
  }

  /** Gives these changes, as one transaction, the next place in the group. */
  void write(List<RowChange> changes, Group group) {
    write(changes, List.of(), group);
  }

  /**
   * The same.
   *
   * @param conflicts records that belong to it
   */
  void write(List<RowChange> changes, List<ConflictRecord> conflicts, Group group) {
    if (changes.isEmpty()) {
      return;
    }
    RowBlockWriter block = new RowBlockWriter();
    changes.forEach(block::put);
    RowBlock rows = block.toBlock();
    WriterDesk desk = state.hubDesk();
    WriterState last = desk.state();
    Position position = group.next();
    Sequence sequence = last.last().next();
    ChainHash.Link link = last.hash().link(SourcePosition.NONE);
    Transaction transaction =
        new Transaction(
            last.writer(),
            sequence,
            SourcePosition.NONE,
            last.time().tick(time.epochMicros()),
            Context.through(position.at(position.number() - 1)),
            link.add(rows.bytes()).close(),
            rows,
            0);
    Resolution resolution = state.resolver().resolve(transaction, position, rows);
    group.add(new LogEntry.Outcome(position, transaction, resolution.resolutions(), conflicts));
    desk.accept(transaction, transaction.time());
  }
}
