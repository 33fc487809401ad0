package io.spokewire.common.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One map of a {@link YamlDocument}. Asking for a key makes it known; keys that nobody asked for
 * are faults. A getter notes a fault and returns its default when the value is of the wrong type; a
 * key without a value ({@code key:}) counts as not given. Not thread-safe.
 */
public final class YamlMap {
  private static final Pattern AMOUNT = Pattern.compile("(\\d+)[ _]?([A-Za-z]+)");

  private final YamlDocument document;
  private final String path;
  private final int line;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();
  private final Map<String, YamlMap> below = new HashMap<>();

  private record Entry(int line, Node value) {}

  YamlMap(YamlDocument document, String path, MappingNode node) {
    this.document = document;
    this.path = path;
    this.line = YamlDocument.lineOf(node);
    document.visit(this);
    for (NodeTuple tuple : node.getValue()) {
      int keyLine = YamlDocument.lineOf(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        document.fault(keyLine, path, "a key is not plain text", "write `key: value`");
        continue;
      }
      Entry before = entries.putIfAbsent(key.getValue(), new Entry(keyLine, tuple.getValueNode()));
      if (before != null) {
        document.fault(
            keyLine,
            pathOf(key.getValue()),
            "key '" + pathOf(key.getValue()) + "' stands twice",
            "the first is in line " + before.line());
      }
    }
  }

  /** The keys down to this map, joined by dots; empty at the top. */
  public String path() {
    return path;
  }

  /** The keys down to a key of this map. */
  public String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Where this map begins, from 1. */
  public int line() {
    return line;
  }

  /** Where a key stands; where the map begins if it is not there. */
  public int lineOf(String key) {
    Entry entry = entries.get(key);
    return entry == null ? line : entry.line();
  }

  /** Every key, in the order of the file. All of them count as known from now on. */
  public List<String> keys() {
    known.addAll(entries.keySet());
    return List.copyOf(entries.keySet());
  }

  /** Every key, in the order of the file, without making any of them known. */
  public List<String> present() {
    return List.copyOf(entries.keySet());
  }

  /** Makes keys known without reading them. */
  public YamlMap allow(String... keys) {
    known.addAll(List.of(keys));
    return this;
  }

  /** Whether the key is given and has a value. */
  public boolean has(String key) {
    return valueOf(key) != null;
  }

  public boolean isMap(String key) {
    return valueOf(key) instanceof MappingNode;
  }

  public boolean isList(String key) {
    return valueOf(key) instanceof SequenceNode;
  }

  /** Notes a fault at a key of this map. */
  public void fault(String key, String problem, String hint) {
    document.fault(lineOf(key), pathOf(key), problem, hint);
  }

  public Optional<String> text(String key) {
    Node node = valueOf(key);
    return node == null ? Optional.empty() : Optional.ofNullable(textOf(key, node));
  }

  public String text(String key, String otherwise) {
    return text(key).orElse(otherwise);
  }

  /** A text that must be there; empty after the fault if it is not. */
  public String requiredText(String key) {
    if (missing(key)) {
      return "";
    }
    return text(key, "");
  }

  /** A text turned into something else; its IllegalArgumentException becomes the fault. */
  public <T> T parsed(String key, T otherwise, Function<String, T> parser) {
    return this.<T>parsed(key, parser).orElse(otherwise);
  }

  /** The same without a default. */
  public <T> Optional<T> parsed(String key, Function<String, T> parser) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parser.apply(text.get()));
    } catch (IllegalArgumentException e) {
      fault(key, "'" + pathOf(key) + "': " + e.getMessage(), "");
      return Optional.empty();
    }
  }

  public boolean flag(String key, boolean otherwise) {
    Node node = valueOf(key);
    if (node == null) {
      return otherwise;
    }
    if (node instanceof ScalarNode scalar && node.getTag().equals(Tag.BOOL)) {
      return Set.of("true", "yes", "on").contains(scalar.getValue().toLowerCase(Locale.ROOT));
    }
    wrongType(key, node, "true or false");
    return otherwise;
  }

  /** A whole number between {@code least} and {@code most}, both allowed. */
  public long integer(String key, long otherwise, long least, long most) {
    Node node = valueOf(key);
    if (node == null) {
      return otherwise;
    }
    if (!(node instanceof ScalarNode scalar) || !node.getTag().equals(Tag.INT)) {
      wrongType(key, node, "a whole number");
      return otherwise;
    }
    long value;
    try {
      value = Long.parseLong(scalar.getValue().replace("_", ""));
    } catch (NumberFormatException e) {
      wrongType(key, node, "a decimal whole number");
      return otherwise;
    }
    return inRange(key, value, least, most, String::valueOf) ? value : otherwise;
  }

  /**
   * A time span with a unit: {@code 200ms}, {@code 10s}, {@code 5m}, {@code 5_minutes}, {@code
   * 30d}.
   */
  public Duration duration(String key, Duration otherwise, Duration least, Duration most) {
    Optional<Duration> value = amount(key, YamlMap::duration, "a time span such as 10s or 30d");
    return value.filter(v -> inRange(key, v, least, most, YamlMap::durationText)).orElse(otherwise);
  }

  /** A size with a unit, powers of 1024: {@code 512KB}, {@code 64MB}, {@code 1GB}. In bytes. */
  public long bytes(String key, long otherwise, long least, long most) {
    Optional<Long> value = amount(key, YamlMap::size, "a size such as 64MB or 1GB");
    return value.filter(v -> inRange(key, v, least, most, v2 -> v2 + "B")).orElse(otherwise);
  }

  /** One of an enum's names, lower case in the file. */
  public <E extends Enum<E>> E choice(String key, E otherwise) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    List<String> names = new ArrayList<>();
    for (E constant : otherwise.getDeclaringClass().getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT);
      if (name.equals(text.get())) {
        return constant;
      }
      names.add(name);
    }
    fault(
        key,
        "'" + pathOf(key) + "' is '" + text.get() + "'",
        "use one of " + String.join(", ", names));
    return otherwise;
  }

  /** A map below; an empty one if the key is not given. Its keys are checked like this map's. */
  public YamlMap map(String key) {
    YamlMap before = below.get(key);
    if (before != null) {
      return before;
    }
    Node node = valueOf(key);
    if (node != null && !(node instanceof MappingNode)) {
      wrongType(key, node, "a map of settings");
    }
    MappingNode mapping =
        node instanceof MappingNode given ? given : YamlDocument.emptyMapping(lineOf(key));
    YamlMap map = new YamlMap(document, pathOf(key), mapping);
    below.put(key, map);
    return map;
  }

  /** A map that must be there. */
  public YamlMap requiredMap(String key) {
    missing(key);
    return map(key);
  }

  /** A list of maps; empty if the key is not given. */
  public List<YamlMap> maps(String key) {
    List<YamlMap> maps = new ArrayList<>();
    int index = 0;
    for (Node item : list(key)) {
      String itemPath = pathOf(key) + "[" + index++ + "]";
      if (item instanceof MappingNode mapping) {
        maps.add(new YamlMap(document, itemPath, mapping));
      } else {
        wrongType(itemPath, YamlDocument.lineOf(item), item, "a map of settings");
      }
    }
    return maps;
  }

  /** A list of texts with their lines; empty if the key is not given. */
  public List<YamlText> texts(String key) {
    List<YamlText> texts = new ArrayList<>();
    int index = 0;
    for (Node item : list(key)) {
      String itemPath = pathOf(key) + "[" + index++ + "]";
      int itemLine = YamlDocument.lineOf(item);
      String text = textOf(itemPath, itemLine, item);
      if (text != null) {
        texts.add(new YamlText(text, itemLine));
      }
    }
    return texts;
  }

  /** A list of lists of texts; empty if the key is not given. */
  public List<List<YamlText>> textLists(String key) {
    List<List<YamlText>> lists = new ArrayList<>();
    int index = 0;
    for (Node item : list(key)) {
      String itemPath = pathOf(key) + "[" + index++ + "]";
      if (!(item instanceof SequenceNode sequence)) {
        wrongType(itemPath, YamlDocument.lineOf(item), item, "a list");
        continue;
      }
      List<YamlText> texts = new ArrayList<>();
      for (Node element : sequence.getValue()) {
        int line = YamlDocument.lineOf(element);
        String text = textOf(itemPath, line, element);
        if (text != null) {
          texts.add(new YamlText(text, line));
        }
      }
      lists.add(texts);
    }
    return lists;
  }

  /**
   * Checks everything below a key against the keys that may stand there and reads nothing: for
   * parts that are accepted without being acted on.
   *
   * @param shape what may stand there, see {@link YamlShape}
   */
  public void accept(String key, YamlShape shape) {
    Node node = valueOf(key);
    if (node != null) {
      shape.check(document, pathOf(key), node);
    }
  }

  List<YamlFault> unknownKeys() {
    List<YamlFault> faults = new ArrayList<>();
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      String key = entry.getKey();
      if (!known.contains(key)) {
        faults.add(unknown(document, entry.getValue().line(), pathOf(key), key, known));
      }
    }
    return faults;
  }

  static YamlFault unknown(
      YamlDocument document, int line, String path, String key, Set<String> known) {
    String hint =
        key.equals("<<")
            ? "merge keys are not read: write the keys out"
            : NearestName.hint(key, known);
    return new YamlFault(document.file(), line, path, "unknown key '" + path + "'", hint);
  }

  private @Nullable Node valueOf(String key) {
    known.add(key);
    Entry entry = entries.get(key);
    return entry == null || entry.value().getTag().equals(Tag.NULL) ? null : entry.value();
  }

  private boolean missing(String key) {
    if (has(key)) {
      return false;
    }
    fault(key, "'" + pathOf(key) + "' is missing", "add `" + key + ":`");
    return true;
  }

  private List<Node> list(String key) {
    Node node = valueOf(key);
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    if (node != null) {
      wrongType(key, node, "a list");
    }
    return List.of();
  }

  private @Nullable String textOf(String key, Node node) {
    return textOf(pathOf(key), lineOf(key), node);
  }

  private @Nullable String textOf(String where, int atLine, Node node) {
    if (node instanceof ScalarNode scalar
        && !node.getTag().equals(Tag.BOOL)
        && !node.getTag().equals(Tag.NULL)) {
      return scalar.getValue();
    }
    wrongType(where, atLine, node, "text");
    return null;
  }

  private <T> Optional<T> amount(String key, Function<Matcher, Optional<T>> parser, String wanted) {
    Node node = valueOf(key);
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof ScalarNode scalar) {
      Matcher matcher = AMOUNT.matcher(scalar.getValue());
      if (matcher.matches()) {
        try {
          Optional<T> value = parser.apply(matcher);
          if (value.isPresent()) {
            return value;
          }
        } catch (ArithmeticException | NumberFormatException e) {
          fault(key, "'" + pathOf(key) + "' is too large: " + scalar.getValue(), "");
          return Optional.empty();
        }
      }
    }
    wrongType(key, node, wanted);
    return Optional.empty();
  }

  private static Optional<Duration> duration(Matcher m) {
    long n = Long.parseLong(m.group(1));
    return switch (m.group(2).toLowerCase(Locale.ROOT)) {
      case "ms", "millis", "milliseconds" -> Optional.of(Duration.ofMillis(n));
      case "s", "sec", "second", "seconds" -> Optional.of(Duration.ofSeconds(n));
      case "m", "min", "minute", "minutes" -> Optional.of(Duration.ofMinutes(n));
      case "h", "hour", "hours" -> Optional.of(Duration.ofHours(n));
      case "d", "day", "days" -> Optional.of(Duration.ofDays(n));
      default -> Optional.empty();
    };
  }

  private static Optional<Long> size(Matcher m) {
    long n = Long.parseLong(m.group(1));
    return switch (m.group(2).toUpperCase(Locale.ROOT)) {
      case "B" -> Optional.of(n);
      case "K", "KB", "KIB" -> Optional.of(Math.multiplyExact(n, 1L << 10));
      case "M", "MB", "MIB" -> Optional.of(Math.multiplyExact(n, 1L << 20));
      case "G", "GB", "GIB" -> Optional.of(Math.multiplyExact(n, 1L << 30));
      case "T", "TB", "TIB" -> Optional.of(Math.multiplyExact(n, 1L << 40));
      default -> Optional.empty();
    };
  }

  private static String durationText(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + "s"
        : duration.toMillis() + "ms";
  }

  private <T extends Comparable<T>> boolean inRange(
      String key, T value, T least, T most, Function<T, String> print) {
    if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
      return true;
    }
    fault(
        key,
        "'" + pathOf(key) + "' is " + print.apply(value),
        "use " + print.apply(least) + " to " + print.apply(most));
    return false;
  }

  private void wrongType(String key, Node node, String wanted) {
    wrongType(pathOf(key), lineOf(key), node, wanted);
  }

  private void wrongType(String where, int atLine, Node node, String wanted) {
    String found =
        switch (node) {
          case MappingNode map -> "a map";
          case SequenceNode list -> "a list";
          case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> "empty";
          case ScalarNode scalar -> "'" + scalar.getValue() + "'";
          default -> "something else";
        };
    String hint =
        wanted.equals("text") && node.getTag().equals(Tag.BOOL)
            ? "quote it if text is meant"
            : "write " + wanted;
    document.fault(atLine, where, "'" + where + "' is " + found + ", not " + wanted, hint);
  }
}
