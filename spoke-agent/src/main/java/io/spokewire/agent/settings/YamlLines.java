package io.spokewire.agent.settings;

import java.util.Collection;

/**
 * Writes the few forms of YAML our own files need: nested maps of plain values. Not thread-safe.
 */
final class YamlLines {
  private final StringBuilder text = new StringBuilder();
  private int depth;

  void comment(String line) {
    indent().append("# ").append(line).append('\n');
  }

  void gap() {
    text.append('\n');
  }

  void put(String key, String value) {
    indent().append(quotedIfNeeded(key)).append(": ").append(quotedIfNeeded(value)).append('\n');
  }

  void put(String key, long value) {
    indent().append(key).append(": ").append(value).append('\n');
  }

  void put(String key, boolean value) {
    indent().append(key).append(": ").append(value).append('\n');
  }

  void put(String key, Collection<String> values) {
    indent().append(key).append(values.isEmpty() ? ": []\n" : ":\n");
    for (String value : values) {
      indent().append("  - ").append(quoted(value)).append('\n');
    }
  }

  void begin(String key) {
    indent().append(key).append(":\n");
    depth++;
  }

  void end() {
    depth--;
  }

  private StringBuilder indent() {
    return text.append("  ".repeat(depth));
  }

  private static String quotedIfNeeded(String value) {
    return value.matches("[A-Za-z_][A-Za-z0-9_.-]*")
            && !value.matches("(?i)y|n|yes|no|on|off|true|false|null")
        ? value
        : quoted(value);
  }

  private static String quoted(String value) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        default -> {
          if (c < 0x20 || c == 0x7f) {
            out.append(String.format("\\x%02x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
