package io.spokewire.admin.output;

import java.util.Locale;

/** What {@code -o} takes. */
public enum OutputFormat {
  TABLE,
  JSON,
  CSV;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
