package io.spokewire.common.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Which keys may stand where, for a part of a file that is accepted without being acted on.
 * Immutable.
 *
 * @param keys what may stand below each key; {@code *} stands for any key the user chooses; no keys
 *     at all: anything may stand here
 */
public record YamlShape(Map<String, YamlShape> keys) {
  /** Whatever the user likes. */
  public static final YamlShape ANYTHING = new YamlShape(Map.of());

  private static final String ANY_KEY = "*";

  public YamlShape {
    keys = Map.copyOf(keys);
  }

  /**
   * Reads a shape from YAML text: a map lists keys, an empty value allows anything. A list where
   * the shape has a map means a map for each item.
   */
  static YamlShape of(String text) {
    return of(YamlDocument.parse("shape", text).root());
  }

  private static YamlShape of(YamlMap map) {
    Map<String, YamlShape> keys = new LinkedHashMap<>();
    for (String key : map.keys()) {
      keys.put(key, map.has(key) ? of(map.map(key)) : ANYTHING);
    }
    return new YamlShape(keys);
  }

  /** The shape below a key of this one. */
  YamlShape below(String key) {
    @Nullable YamlShape named = keys.get(key);
    return named == null ? ANYTHING : named;
  }

  /** Notes every key below {@code node} that has no place here. */
  void check(YamlDocument document, String path, Node node) {
    if (keys.isEmpty()) {
      return;
    }
    switch (node) {
      case MappingNode mapping -> {
        for (NodeTuple tuple : mapping.getValue()) {
          checkEntry(document, path, tuple);
        }
      }
      case SequenceNode sequence -> {
        int index = 0;
        for (Node item : sequence.getValue()) {
          check(document, path + "[" + index++ + "]", item);
        }
      }
      default -> {
        // A single value where the shape has keys, such as the short form of a list item.
      }
    }
  }

  private void checkEntry(YamlDocument document, String path, NodeTuple tuple) {
    int line = YamlDocument.lineOf(tuple.getKeyNode());
    if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
      document.fault(line, path, "a key is not plain text", "write `key: value`");
      return;
    }
    String below = path + "." + key.getValue();
    YamlShape shape = keys.get(key.getValue());
    if (shape == null) {
      shape = keys.get(ANY_KEY);
    }
    if (shape == null) {
      Set<String> known = new TreeSet<>(keys.keySet());
      YamlFault fault = YamlMap.unknown(document, line, below, key.getValue(), known);
      document.fault(fault.line(), fault.path(), fault.problem(), fault.hint());
    } else {
      shape.check(document, below, tuple.getValueNode());
    }
  }
}
