package io.spokewire.agent.capture;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SourcePosition;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a site whose method of capture changed: those of each era in turn. What an era's
 * source gives behind its end belongs to the next one, whose source gives it too, and is dropped.
 * Safe from any thread.
 */
public final class EraSources implements ChangeSource.Factory {
  private final List<Era> eras;
  private final Function<Era, ChangeSource.Factory> sources;
  private final Consumer<Era> passed;

  /**
   * @param eras those whose changes may still be needed, in their order
   * @param sources how an era's changes are read
   * @param passed told once of each era of which everything is confirmed, by the reading thread
   *     after its source is closed
   */
  public EraSources(
      List<Era> eras, Function<Era, ChangeSource.Factory> sources, Consumer<Era> passed) {
    this.eras = List.copyOf(eras);
    this.sources = sources;
    this.passed = passed;
  }

  @Override
  public ChangeSource open(SourcePosition after) {
    long number = after.isNone() ? eras.getFirst().number() : Era.of(after);
    for (int i = 0; i < eras.size(); i++) {
      Era era = eras.get(i);
      if (era.number() == number) {
        SourcePosition own = era.inside(after);
        return new Reader(i, own.isNone() ? era.begin() : own);
      }
    }
    throw Fault.of(
            FaultKind.NEGATIVE,
            "capture",
            "the database does not know the era "
                + number
                + " of capture any more: it knows "
                + eras.getFirst().number()
                + " to "
                + eras.getLast().number())
        .hint(
            "it was restored from a backup, or its schema spokewire was changed: syncadm topology"
                + " rejoin NAME --catch-up")
        .build();
  }

  /** Places of one source ascend as bytes, and so do those of eras. */
  @Override
  public int compare(SourcePosition a, SourcePosition b) {
    return a.token().compareTo(b.token());
  }

  private final class Reader implements ChangeSource {
    private int index;
    private Era era;
    private ChangeSource source;
    private SourcePosition last;
    private int firstNotPassed;
    private volatile SourcePosition confirmed = SourcePosition.NONE;

    Reader(int index, SourcePosition start) {
      this.index = index;
      this.era = eras.get(index);
      this.last = start;
      this.source = sources.apply(era).open(start);
    }

    @Override
    public @Nullable Captured next(Duration wait) throws InterruptedException {
      passConfirmed();
      if (isAtEnd()) {
        return goOn();
      }
      Captured event = source.next(wait);
      if (event == null) {
        return null;
      }
      boolean behind =
          era.end().isPresent() && era.end().get().isBefore(event.position()); // of the end
      if (behind) {
        if (event instanceof Captured.Local local) {
          local.rows().close();
        }
        return goOn();
      }
      last = event.position();
      return at(event, era.outside(event.position()));
    }

    private boolean isAtEnd() {
      return era.end().isPresent() && !last.isBefore(era.end().get());
    }

    private Captured goOn() {
      source.close();
      index++;
      era = eras.get(index);
      last = era.begin();
      source = sources.apply(era).open(last);
      return new Captured.Progress(era.outside(last));
    }

    private void passConfirmed() {
      SourcePosition upTo = confirmed;
      if (upTo.isNone()) {
        return;
      }
      if (Era.of(upTo) == era.number()) {
        source.confirm(era.inside(upTo));
      }
      while (firstNotPassed < index
          && eras.get(firstNotPassed).number() < Math.min(Era.of(upTo), era.number())) {
        passed.accept(eras.get(firstNotPassed));
        firstNotPassed++;
      }
    }

    @Override
    public synchronized void confirm(SourcePosition upTo) {
      if (confirmed.isBefore(upTo)) {
        confirmed = upTo;
      }
    }

    @Override
    public void close() {
      source.close();
    }
  }

  private static Captured at(Captured event, SourcePosition place) {
    return switch (event) {
      case Captured.Local e -> new Captured.Local(place, e.commitMicros(), e.rows());
      case Captured.Applied e -> new Captured.Applied(place, e.marker());
      case Captured.Barrier e -> new Captured.Barrier(place, e.barrier());
      case Captured.Shape e -> new Captured.Shape(place, e.schema());
      case Captured.Progress e -> new Captured.Progress(place);
    };
  }
}
