package io.spokewire.simulation;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a world has beyond the plain one. Each is drawn apart from everything else, so that a world
 * stays what it was when features are added.
 */
record Features(Set<Feature> all) {
  static final Features NONE = new Features(Set.of());
  private static final Set<Feature> UNFIT_FOR_KEYS = // see there
      Set.of(Feature.PROTECTS, Feature.GROUPS, Feature.SENDER);

  /** Those of a seed. */
  static Features of(long seed) {
    Set<Feature> drawn = EnumSet.noneOf(Feature.class);
    for (Feature feature : Feature.values()) {
      Random random = new Random(seed * 6361 + feature.label().hashCode());
      random.nextInt();
      if (feature.odds() > 0 && random.nextInt(feature.odds()) == 0) {
        drawn.add(feature);
      }
    }
    if (drawn.contains(Feature.SENDER) || drawn.contains(Feature.MANUAL)) {
      drawn.removeAll(Set.of(Feature.PROTECTS, Feature.GROUPS)); // see there
    }
    if (drawn.contains(Feature.PROTECTS)) {
      drawn.remove(Feature.GROUPS); // no plan may have both
    }
    if (drawn.stream().anyMatch(UNFIT_FOR_KEYS::contains)) {
      drawn.remove(Feature.KEYS);
    }
    return new Features(drawn);
  }

  static Features only(Feature feature) {
    return new Features(Set.of(feature));
  }

  /** By their labels, with commas between them; {@code none}. */
  static Features parse(String text) {
    return text.equals("none")
        ? NONE
        : new Features(
            Arrays.stream(text.split(","))
                .map(label -> Feature.valueOf(label.toUpperCase(Locale.ROOT)))
                .collect(Collectors.toSet()));
  }

  boolean has(Feature feature) {
    return all.contains(feature);
  }

  @Override
  public String toString() {
    List<String> labels = all.stream().sorted().map(Feature::label).toList();
    return labels.isEmpty() ? "none" : String.join(",", labels);
  }
}
