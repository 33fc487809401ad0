package io.spokewire.common.id;

import java.util.regex.Pattern;

/**
 * The name of a database site. Lower case, so that it can be a slot, file, metric and certificate
 * name unchanged.
 */
public record SpokeId(String name) implements Comparable<SpokeId> {
  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9_-]{0,39}");

  /** Whose writes those are that the hub makes itself; no site may be called so. */
  public static final SpokeId HUB = new SpokeId("hub");

  public SpokeId {
    if (!VALID.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "spoke name '"
              + name
              + "': use a lower-case letter, then up to 39 letters, digits, hyphens or"
              + " underscores");
    }
  }

  @Override
  public int compareTo(SpokeId other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
