package io.spokewire.common.type;

import java.util.Set;

/**
 * Which characters a text column can hold.
 *
 * @param name of a character set that has neither all characters nor a well known part of them
 * @param widest how many bytes of UTF-8 its widest character takes
 */
record Repertoire(String name, int widest) {
  static final Repertoire ALL = new Repertoire("Unicode", 4);
  static final Repertoire BASIC = new Repertoire("utf8mb3", 3);
  static final Repertoire ASCII = new Repertoire("ascii", 1);

  private static final Set<String> WHOLE =
      Set.of("", "utf8mb4", "utf16", "utf16le", "utf32", "gb18030");

  /** Of a MySQL character set. */
  static Repertoire of(String characterSet) {
    if (WHOLE.contains(characterSet)) {
      return ALL;
    }
    return switch (characterSet) {
      case "utf8", "utf8mb3", "ucs2" -> BASIC;
      case "ascii" -> ASCII;
      default -> new Repertoire(characterSet, 3);
    };
  }

  /** Whether each of the other's characters is one of these. */
  boolean has(Repertoire other) {
    return equals(ALL)
        || equals(other)
        || other.equals(ASCII)
        || (equals(BASIC) && !other.equals(ALL));
  }
}
