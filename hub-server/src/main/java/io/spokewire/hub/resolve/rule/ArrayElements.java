package io.spokewire.hub.resolve.rule;

import io.spokewire.common.bytes.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's arrays of one dimension, in its text form ({@code {a,"b c",NULL}}), without given
 * bounds. See the manual, "Array Input and Output Syntax".
 */
final class ArrayElements implements Union.Elements {
  @Override
  public Optional<Bytes> unite(Bytes earlier, Bytes later) {
    List<@Nullable String> first = parse(earlier.toUtf8());
    List<@Nullable String> second = parse(later.toUtf8());
    if (first == null || second == null) {
      return Optional.empty();
    }
    Set<@Nullable String> elements = new LinkedHashSet<>(first);
    // What an array holds twice on purpose stays: only what the other side has anew is added.
    List<@Nullable String> united = new ArrayList<>(first);
    for (String element : second) {
      if (elements.add(element)) {
        united.add(element);
      }
    }
    return Optional.of(Bytes.utf8(format(united)));
  }

  /** The elements, null standing for NULL; null if it is no plain array of one dimension. */
  private static @Nullable List<@Nullable String> parse(String text) {
    if (text.length() < 2 || text.charAt(0) != '{' || !text.endsWith("}")) {
      return null;
    }
    List<@Nullable String> elements = new ArrayList<>();
    int end = text.length() - 1;
    int at = 1;
    while (at < end) {
      StringBuilder element = new StringBuilder();
      boolean quoted = text.charAt(at) == '"';
      if (quoted) {
        at++;
        while (at < end && text.charAt(at) != '"') {
          at = copyOne(text, at, element);
        }
        at++; // the closing quote
      } else {
        while (at < end && text.charAt(at) != ',') {
          if (text.charAt(at) == '{') {
            return null;
          }
          at = copyOne(text, at, element);
        }
      }
      String value = element.toString();
      elements.add(!quoted && value.equalsIgnoreCase("NULL") ? null : value);
      if (at < end && text.charAt(at) != ',') {
        return null;
      }
      at++;
    }
    return elements;
  }

  private static int copyOne(String text, int at, StringBuilder element) {
    int from = text.charAt(at) == '\\' ? at + 1 : at;
    element.append(text.charAt(from));
    return from + 1;
  }

  private static String format(List<@Nullable String> elements) {
    StringBuilder text = new StringBuilder("{");
    String comma = "";
    for (String element : elements) {
      text.append(comma);
      comma = ",";
      if (element == null) {
        text.append("NULL");
      } else if (needsQuotes(element)) {
        text.append('"').append(element.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
      } else {
        text.append(element);
      }
    }
    return text.append('}').toString();
  }

  private static boolean needsQuotes(String element) {
    return element.isEmpty()
        || element.equalsIgnoreCase("NULL")
        || element.chars().anyMatch(c -> "{},\"\\".indexOf(c) >= 0 || Character.isWhitespace(c));
  }
}
