package io.spokewire.common.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what somebody probably meant. Pure. */
public final class NearestName {
  private NearestName() {}

  /**
   * The known name with the least edit distance (a swap of two neighbours counts one), if it is
   * near enough to be a slip of the pen: within a third of the longer name's length, at least two.
   */
  public static Optional<String> of(String name, Collection<String> known) {
    return known.stream()
        .filter(k -> distance(name, k) <= Math.max(2, Math.max(name.length(), k.length()) / 3))
        .min(Comparator.<String>comparingInt(k -> distance(name, k)).thenComparing(k -> k));
  }

  /** As a hint: the nearest name, else the list of known ones. */
  public static String hint(String name, Collection<String> known) {
    return of(name, known)
        .map(nearest -> "did you mean '" + nearest + "'?")
        .orElseGet(
            () ->
                known.isEmpty()
                    ? "nothing is known here"
                    : "known here: " + String.join(", ", known.stream().sorted().toList()));
  }

  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      d[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      d[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
