package io.spokewire.hub.resolve.rule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.common.bytes.Bytes;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * JSON: arrays are united as sets, objects key by key; of two other values under one key the later
 * one stands. Numbers keep every digit.
 */
final class JsonElements implements Union.Elements {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  @Override
  public Optional<Bytes> unite(Bytes earlier, Bytes later) {
    try {
      JsonNode first = JSON.readTree(earlier.toUtf8());
      JsonNode second = JSON.readTree(later.toUtf8());
      return canUnite(first, second)
          ? Optional.of(Bytes.utf8(JSON.writeValueAsString(unite(first, second))))
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty(); // a database took it, but it is nothing that we can take apart
    }
  }

  private static boolean canUnite(JsonNode a, JsonNode b) {
    return (a.isArray() && b.isArray()) || (a.isObject() && b.isObject());
  }

  private static JsonNode unite(JsonNode earlier, JsonNode later) {
    if (earlier instanceof ArrayNode first && later instanceof ArrayNode second) {
      Set<JsonNode> there = new HashSet<>();
      first.forEach(there::add);
      for (JsonNode element : second) {
        if (there.add(element)) {
          first.add(element);
        }
      }
      return first;
    }
    if (earlier instanceof ObjectNode first && later instanceof ObjectNode second) {
      for (Map.Entry<String, JsonNode> entry : second.properties()) {
        JsonNode mine = first.get(entry.getKey());
        first.set(entry.getKey(), mine == null ? entry.getValue() : unite(mine, entry.getValue()));
      }
      return first;
    }
    return later;
  }
}
