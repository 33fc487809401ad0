package io.spokewire.common.config;

/** Names in which {@code *} stands for any run of characters. Pure. */
final class Glob {
  private Glob() {}

  /** Whether some name fits both; either may be a plain name. */
  static boolean intersect(String a, String b) {
    // fits[j]: the first i characters of a and the first j of b can stand for one text.
    boolean[] fits = new boolean[b.length() + 1];
    fits[0] = true;
    for (int j = 1; j <= b.length(); j++) {
      fits[j] = fits[j - 1] && b.charAt(j - 1) == '*';
    }
    for (int i = 1; i <= a.length(); i++) {
      boolean diagonal = fits[0];
      fits[0] = fits[0] && a.charAt(i - 1) == '*';
      for (int j = 1; j <= b.length(); j++) {
        boolean above = fits[j];
        boolean star = a.charAt(i - 1) == '*' || b.charAt(j - 1) == '*';
        fits[j] = star ? above || fits[j - 1] : diagonal && a.charAt(i - 1) == b.charAt(j - 1);
        diagonal = above;
      }
    }
    return fits[b.length()];
  }
}
