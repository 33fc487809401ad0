package io.spokewire.common.type;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A column's type as its own database calls it, taken apart. The text is what agents report.
 *
 * <p>PostgreSQL: what {@code format_type} says, and behind it, where it applies, {@code collate
 * "name" nondeterministic}, {@code enum('a','b')} for a user's enum, or {@code over base} for a
 * domain. MySQL and MariaDB: {@code COLUMN_TYPE}, and behind it, for texts, {@code character set
 * utf8mb4 collate utf8mb4_0900_bin}.
 *
 * @param text the whole of it, as reported
 * @param name without arguments, in lower case: {@code timestamp with time zone}, {@code int}; of a
 *     user's type its name as it is
 * @param arguments the numbers in brackets
 * @param labels of an enum or a set, else empty
 * @param unsigned whether MySQL allows no negative numbers in it
 * @param array whether it is an array
 * @param characterSet empty where none is said
 * @param collation empty where none is said
 * @param base what a domain stands on; null for other types
 */
public record NativeType(
    DatabaseEngine engine,
    String text,
    String name,
    List<Integer> arguments,
    List<String> labels,
    boolean unsigned,
    boolean array,
    String characterSet,
    String collation,
    @Nullable NativeType base) {
  public NativeType {
    arguments = List.copyOf(arguments);
    labels = List.copyOf(labels);
  }

  /** Takes a reported text apart; never fails, for what is not understood has just a name. */
  public static NativeType parse(DatabaseEngine engine, String text) {
    return new Parser(engine, text).parse();
  }

  /** The {@code index}-th argument, or what holds without it. */
  int argument(int index, int otherwise) {
    return index < arguments.size() ? arguments.get(index) : otherwise;
  }

  @Override
  public String toString() {
    return text;
  }

  private static final class Parser {
    private final DatabaseEngine engine;
    private final String text;
    private final List<Integer> arguments = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();
    private final StringBuilder name = new StringBuilder();
    private String characterSet = "";
    private String collation = "";
    private @Nullable NativeType base;
    private boolean unsigned;
    private boolean array;
    private int at;

    Parser(DatabaseEngine engine, String text) {
      this.engine = engine;
      this.text = text.strip();
    }

    NativeType parse() {
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == ' ') {
          at++;
        } else if (c == '(') {
          at++;
          arguments();
        } else if (text.startsWith("[]", at)) {
          array = true;
          at += 2;
        } else if (text.startsWith("/*", at)) {
          int end = text.indexOf("*/", at); // MariaDB says there how it compresses
          at = end < 0 ? text.length() : end + 2;
        } else {
          word(nextWord());
        }
      }
      return new NativeType(
          engine,
          text,
          name.toString(),
          arguments,
          labels,
          unsigned,
          array,
          characterSet,
          collation,
          base);
    }

    private void word(String word) {
      boolean first = name.isEmpty();
      String lower = word.toLowerCase(Locale.ROOT);
      switch (first ? "" : lower) {
        case "unsigned" -> unsigned = true;
        case "zerofill" -> unsigned = true;
        case "character" -> {
          if (text.startsWith(" set ", at)) {
            at += 5;
            characterSet = nextWord().toLowerCase(Locale.ROOT);
          } else {
            name.append(' ').append(lower);
          }
        }
        case "collate" -> collation = nextWord();
        case "nondeterministic" -> {}
        case "over" -> {
          base = NativeType.parse(engine, text.substring(at));
          at = text.length();
        }
        case "enum" -> {} // its labels follow; the name is the user's
        default -> {
          if (!first) {
            name.append(' ');
          }
          name.append(engine == DatabaseEngine.POSTGRESQL && first ? word : lower);
        }
      }
    }

    /** A run without spaces and brackets; quotes keep what is in them together. */
    private String nextWord() {
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
      int start = at;
      boolean quoted = false;
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == '"') {
          quoted = !quoted;
        } else if (!quoted && (c == ' ' || c == '(' || c == '[')) {
          break;
        }
        at++;
      }
      return text.substring(start, at);
    }

    private void arguments() {
      while (at < text.length() && text.charAt(at) != ')') {
        char c = text.charAt(at);
        if (c == '\'') {
          labels.add(label());
        } else if (c == '-' || Character.isDigit(c)) {
          arguments.add(number());
        } else {
          at++;
        }
      }
      at++;
    }

    private String label() {
      StringBuilder label = new StringBuilder();
      at++;
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c != '\'') {
          label.append(c);
        } else if (at < text.length() && text.charAt(at) == '\'') {
          label.append('\'');
          at++;
        } else {
          break;
        }
      }
      return label.toString();
    }

    private int number() {
      int start = at++;
      while (at < text.length() && Character.isDigit(text.charAt(at))) {
        at++;
      }
      try {
        return Integer.parseInt(text.substring(start, at));
      } catch (NumberFormatException e) {
        return Integer.MAX_VALUE;
      }
    }
  }
}
