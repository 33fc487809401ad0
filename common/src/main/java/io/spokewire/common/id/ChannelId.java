package io.spokewire.common.id;

import java.util.regex.Pattern;

/** A set of tables that share one order: the unit of ordering, atomicity and scale. */
public record ChannelId(String name) {
  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9_]{0,39}");

  public static final ChannelId MAIN = new ChannelId("main");

  public ChannelId {
    if (!VALID.matcher(name).matches()) {
      throw new IllegalArgumentException("channel name '" + name + "' is not [a-z][a-z0-9_]{0,39}");
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
