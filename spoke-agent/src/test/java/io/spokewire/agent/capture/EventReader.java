package io.spokewire.agent.capture;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.id.SourcePosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Reads events of a source in a test; waits for them, and not forever. */
public final class EventReader implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final ChangeSource source;
  private final SchemaBook schemas;
  private final RowText text;
  private final List<Captured> read = new ArrayList<>();

  public EventReader(ChangeSource source, SchemaBook schemas) {
    this.source = source;
    this.schemas = schemas;
    this.text = new RowText(schemas);
  }

  public ChangeSource source() {
    return source;
  }

  /** Every event so far; rows of local ones are closed. */
  public List<Captured> read() {
    return List.copyOf(read);
  }

  /** The next event that says something, progress aside; shapes go into the book. */
  public Captured next() throws InterruptedException {
    return next(event -> !(event instanceof Captured.Progress || event instanceof Captured.Shape));
  }

  public Captured next(Predicate<Captured> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      Captured event = source.next(Duration.ofMillis(50));
      if (event == null) {
        continue;
      }
      read.add(event);
      if (event instanceof Captured.Shape shape) {
        schemas.add(shape.schema());
      }
      if (wanted.test(event)) {
        return event;
      }
    }
    throw new AssertionError("nothing came; read so far: " + read);
  }

  /** The rows of the next event, which must be a local transaction, as text. */
  public List<String> nextRows() throws InterruptedException {
    Captured event = next();
    if (!(event instanceof Captured.Local local)) {
      throw new AssertionError("not a local transaction: " + event);
    }
    try (var rows = local.rows()) {
      return text.of(rows);
    }
  }

  /** The rows of the next event, which must be a local transaction, as they are. */
  public Whole nextWhole() throws InterruptedException {
    Captured event = next();
    if (!(event instanceof Captured.Local local)) {
      throw new AssertionError("not a local transaction: " + event);
    }
    try (var rows = local.rows()) {
      List<Integer> blocks = new ArrayList<>();
      ByteSink bytes = new ByteSink();
      for (RowBlock block : rows) {
        blocks.add(block.rows());
        bytes.put(block.bytes());
      }
      return new Whole(
          local.position(), local.commitMicros(), rows.rows(), blocks, bytes.toBytes());
    }
  }

  @Override
  public void close() {
    source.close();
  }

  /** A local transaction, copied; {@code blocks} are the rows of each block. */
  public record Whole(
      SourcePosition position, long commitMicros, long rows, List<Integer> blocks, Bytes bytes) {}
}
