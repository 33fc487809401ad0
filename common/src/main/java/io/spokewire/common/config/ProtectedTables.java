package io.spokewire.common.config;

import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tables in which a site's own pending writes are protected: the part of a plan that both hub
 * and agents act on. Immutable.
 *
 * @param said by table or pattern, in the order of the plan; a table's own name comes before
 *     patterns
 * @param otherwise what holds for every other table
 */
public record ProtectedTables(Map<TablePattern, Boolean> said, boolean otherwise) {
  /** Protects nothing. */
  public static final ProtectedTables NONE = new ProtectedTables(Map.of(), false);

  public ProtectedTables {
    said = Collections.unmodifiableMap(new LinkedHashMap<>(said));
  }

  public boolean contains(TableName table) {
    Boolean named = said.get(new TablePattern(table.name()));
    if (named != null) {
      return named;
    }
    return said.entrySet().stream()
        .filter(entry -> entry.getKey().matches(table))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(otherwise);
  }

  /** As texts for wire and file: {@code +pattern}, {@code -pattern}, and a bare sign at the end. */
  public List<String> toTexts() {
    List<String> texts = new ArrayList<>();
    said.forEach((pattern, isProtected) -> texts.add(sign(isProtected) + pattern.text()));
    texts.add(sign(otherwise));
    return texts;
  }

  /**
   * What {@link #toTexts} gave.
   *
   * @throws IllegalArgumentException if a text has no sign
   */
  public static ProtectedTables ofTexts(List<String> texts) {
    Map<TablePattern, Boolean> said = new LinkedHashMap<>();
    boolean otherwise = false;
    for (String text : texts) {
      if (!text.startsWith("+") && !text.startsWith("-")) {
        throw new IllegalArgumentException("neither protected nor not: '" + text + "'");
      }
      boolean isProtected = text.startsWith("+");
      if (text.length() == 1) {
        otherwise = isProtected;
      } else {
        said.put(new TablePattern(text.substring(1)), isProtected);
      }
    }
    return new ProtectedTables(said, otherwise);
  }

  private static String sign(boolean isProtected) {
    return isProtected ? "+" : "-";
  }
}
