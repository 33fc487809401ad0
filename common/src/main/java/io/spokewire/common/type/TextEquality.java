package io.spokewire.common.type;

/**
 * When two texts are one value for a unique index.
 *
 * @param kind how much it overlooks
 * @param name the collation, for people
 */
record TextEquality(Kind kind, String name) {
  static final TextEquality EXACT = new TextEquality(Kind.EXACT, "");

  enum Kind {
    /** Byte by byte. */
    EXACT,
    /** Spaces at the end do not count. */
    PADDED,
    /** Upper and lower case, accents or other spellings are one. */
    FOLDED
  }

  /** Of a MySQL or MariaDB column. */
  static TextEquality ofMySql(NativeType type) {
    String collation = type.collation();
    if (type.characterSet().equals("binary") || collation.equals("binary")) {
      return EXACT;
    }
    if (collation.endsWith("_nopad_bin") || collation.endsWith("_0900_bin")) {
      return EXACT;
    }
    return new TextEquality(
        collation.endsWith("_bin") ? Kind.PADDED : Kind.FOLDED,
        collation.isEmpty() ? "its collation" : collation);
  }
}
