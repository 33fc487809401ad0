package io.spokewire.agent.pipeline.mysql;

import io.spokewire.agent.apply.mysql.MySpokewireSchema;
import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.capture.mysql.BinlogPositions;
import io.spokewire.agent.capture.mysql.ReadPlace;
import io.spokewire.agent.capture.mysql.UnreadBinlog;
import io.spokewire.agent.pipeline.CaptureSite;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Capture from the server's binlog. Nobody keeps it for us: it is purged by age and size whatever
 * we have read, so there is nothing to confirm, nothing to give up, and no disk that fills for us.
 */
public final class MyCaptureSite implements CaptureSite, AutoCloseable {
  private static final Duration STEP = Duration.ofMillis(100);

  private final Session session;
  private final Supplier<SourcePosition> begin;
  private final UnreadBinlog unread;
  private final Supplier<ChangeSource.Factory> sources;
  private final Supplier<ChangeSource.Factory> allMarkers;

  /**
   * @param begin where capture from the binlog begins
   * @param place how far those sources have read
   * @param sources makes a factory for the tables that are in use when it is asked
   * @param allMarkers the same for sources to which every marker counts
   */
  public MyCaptureSite(
      MyDatabase database,
      Supplier<SourcePosition> begin,
      ReadPlace place,
      Supplier<ChangeSource.Factory> sources,
      Supplier<ChangeSource.Factory> allMarkers) {
    this.session = new Session(database);
    this.begin = begin;
    this.unread = new UnreadBinlog(place);
    this.sources = sources;
    this.allMarkers = allMarkers;
  }

  @Override
  public ChangeSource.Factory sources() {
    return sources.get();
  }

  /** Where capture was set up: the binlog forgets nothing because of us. */
  @Override
  public SourcePosition confirmed() {
    return begin.get();
  }

  @Override
  public Optional<Position> applied() {
    return session.call("read the checkpoint", MySpokewireSchema::checkpoint);
  }

  @Override
  public Optional<SourcePosition> find(Position applied) throws InterruptedException {
    SourcePosition end = session.call("look where the binlog ends", BinlogPositions::end);
    ChangeSource.Factory factory = allMarkers.get();
    try (ChangeSource source = factory.open(SourcePosition.NONE)) {
      while (true) {
        Captured event = source.next(STEP);
        if (event == null) {
          continue;
        }
        if (event instanceof Captured.Local local) {
          local.rows().close();
        }
        if (event instanceof Captured.Applied own && own.marker().last().equals(applied)) {
          return Optional.of(own.position());
        }
        boolean behind = factory.compare(event.position(), end) < 0;
        if (!behind && !(event instanceof Captured.Shape)) {
          return Optional.empty();
        }
      }
    }
  }

  @Override
  public Retention retention() {
    return session.call("look how much of the binlog is unread", unread::look);
  }

  /** Opening the log finds out whether all of it is there. */
  @Override
  public void demandWhole() {}

  /** Nothing is kept for us that could be given up. */
  @Override
  public void giveUp() {}

  @Override
  public void close() {
    session.close();
  }
}
