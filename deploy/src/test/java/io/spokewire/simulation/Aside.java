package io.spokewire.simulation;

import java.util.List;

/** What a model database has beside its rows: changes set aside, and values that are kept off. */
record Aside(List<Parked> parked, List<Kept> kept) {
  static final Aside NOTHING = new Aside(List.of(), List.of());

  Aside {
    parked = List.copyOf(parked);
    kept = List.copyOf(kept);
  }

  /** How many exceptions stand in a marker. */
  long exceptions() {
    return parked.stream().flatMap(p -> p.keys().stream()).distinct().count() + kept.size();
  }
}
