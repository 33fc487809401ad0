package io.spokewire.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.setup.Handover;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.id.SourcePosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads a site whose method of capture changes, and keeps what somebody else would make of it: the
 * rows of {@code entry}, each of which comes once, and the numbers of {@code counter}, each of
 * which must be found as the change before left it.
 */
public final class HandoverReader {
  private final Handover handover;
  private final Function<Era, ChangeSource.Factory> sources;
  private final SchemaBook schemas = new SchemaBook();
  private final RowText text = new RowText(schemas);
  private final List<String> entries = new ArrayList<>();
  private final Map<Integer, String> counters = new HashMap<>();
  private SourcePosition place = SourcePosition.NONE;

  public HandoverReader(Handover handover, Function<Era, ChangeSource.Factory> sources) {
    this.handover = handover;
    this.sources = sources;
  }

  public List<String> entries() {
    return entries;
  }

  public Map<Integer, String> counters() {
    return counters;
  }

  /** Until a place of this era is confirmed, and all before it is forgotten. */
  public void readTo(long era) throws InterruptedException {
    read(() -> Era.of(place) == era && handover.eras().size() == 1);
  }

  /** Until so many entries came. */
  public void readEntries(int count) throws InterruptedException {
    read(() -> entries.size() >= count);
  }

  private void read(java.util.function.BooleanSupplier enough) throws InterruptedException {
    EraSources eras = new EraSources(handover.eras(), sources, handover::forget);
    try (ChangeSource source = eras.open(place)) {
      while (!enough.getAsBoolean()) {
        Captured event = source.next(Duration.ofMillis(50));
        if (event != null) {
          assertThat(event.position().isBefore(place)).as(event + " after " + place).isFalse();
          place = event.position();
          take(event);
          source.confirm(place);
        }
      }
    }
  }

  private void take(Captured event) {
    switch (event) {
      case Captured.Shape shape -> schemas.add(shape.schema());
      case Captured.Local local -> {
        try (var rows = local.rows()) {
          text.of(rows).forEach(this::take);
        }
      }
      default -> {}
    }
  }

  private void take(String row) {
    if (row.startsWith("insert entry")) {
      entries.add(row);
      return;
    }
    int id = Integer.parseInt(row.replaceAll(".*\\[id=(\\d+)].*", "$1"));
    String before = row.replaceAll(".*\\(_, (\\d+)\\) ->.*", "$1");
    String known = counters.put(id, row.replaceAll(".*-> \\(_, (\\d+)\\)", "$1"));
    assertThat(known == null ? "0" : known).as(row).isEqualTo(before);
  }
}
