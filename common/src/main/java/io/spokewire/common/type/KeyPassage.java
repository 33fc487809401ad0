package io.spokewire.common.type;

import io.spokewire.common.type.Meaning.Text;
import io.spokewire.common.type.TextEquality.Kind;

/**
 * Whether rows that two texts tell apart at one site are also two rows at another. The hub compares
 * bytes; a unique index that overlooks more would take two rows for one.
 */
final class KeyPassage {
  private KeyPassage() {}

  /**
   * @param senders how many sites write
   * @param verdict on the values themselves
   */
  static Verdict of(ColumnType from, ColumnType to, int senders, Verdict verdict) {
    if (!(from.meaning() instanceof Text a) || !(to.meaning() instanceof Text b)) {
      return verdict;
    }
    TextEquality theirs = b.equality();
    return switch (theirs.kind()) {
      case EXACT -> verdict;
      case PADDED ->
          a.equality().kind() == Kind.EXACT && a.blanks() != Text.Blanks.CUT
              ? new Verdict.Refused(
                  "texts that differ only in spaces at the end are two keys here and one there ("
                      + theirs.name()
                      + ")")
              : verdict;
      case FOLDED ->
          a.equality().equals(theirs) && senders < 2
              ? verdict
              : new Verdict.Refused(
                  "texts that differ only in case, accents or the like are "
                      + (a.equality().equals(theirs) ? "one key at both" : "one key there")
                      + " ("
                      + theirs.name()
                      + ") and two for the hub");
    };
  }
}
