package io.spokewire.hub.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.spokewire.common.clock.VectorClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The small JSON that stands in the audit's text columns: keys, clocks, siblings. Pure. */
final class JsonText {
  private static final Pattern LITERAL =
      Pattern.compile("true|false|-?(0|[1-9][0-9]*)(\\.[0-9]+)?");

  /** Numbers stay as they are spelt: 1.50 is not 1.5 in a key. */
  static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private JsonText() {}

  static String quote(String text) {
    return JsonNodeFactory.instance.textNode(text).toString();
  }

  /** Whether the text is a JSON number or truth value as it stands. */
  static boolean isLiteral(String text) {
    return LITERAL.matcher(text).matches();
  }

  /** {@code {"lisbon": 173, "porto": 9}}. */
  static String of(VectorClock clock) {
    StringJoiner entries = new StringJoiner(", ", "{", "}");
    clock.forEach((spoke, last) -> entries.add(quote(spoke.name()) + ": " + last));
    return entries.toString();
  }

  /** The values of a JSON object joined by commas. */
  static String values(String json) {
    try {
      return MAPPER.readTree(json).properties().stream()
          .map(e -> e.getValue())
          .map(v -> v.isNull() ? "" : v.isTextual() ? v.asText() : v.toString())
          .collect(Collectors.joining(","));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("'" + json + "' is not JSON", e);
    }
  }

  /**
   * A further sibling, as people read it in the table.
   *
   * @param deleted the row it deleted, if it did
   */
  record Other(
      String spoke, long sequence, String time, @Nullable String value, @Nullable String deleted) {}

  static String of(List<Other> others) {
    ArrayNode array = MAPPER.createArrayNode();
    for (Other other : others) {
      array
          .addObject()
          .put("spoke", other.spoke())
          .put("sequence", other.sequence())
          .put("time", other.time())
          .put("value", other.value())
          .put("deleted", other.deleted());
    }
    return array.toString();
  }

  /** What {@link #of(List)} wrote. */
  static List<Other> others(String json) {
    try {
      List<Other> others = new ArrayList<>();
      for (JsonNode node : MAPPER.readTree(json)) {
        others.add(
            new Other(
                node.get("spoke").asText(),
                node.get("sequence").asLong(),
                node.get("time").asText(),
                textOf(node.get("value")),
                textOf(node.get("deleted"))));
      }
      return others;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("others '" + json + "' in the audit are not JSON", e);
    }
  }

  private static @Nullable String textOf(JsonNode node) {
    return node.isNull() ? null : node.asText();
  }

  /** A JSON object in the spacing of this class, so that two spellings compare equal. */
  static Optional<String> normalised(String json) {
    try {
      JsonNode object = MAPPER.readTree(json);
      if (!object.isObject()) {
        return Optional.empty();
      }
      return Optional.of(
          object.properties().stream()
              .map(e -> quote(e.getKey()) + ": " + e.getValue())
              .collect(Collectors.joining(", ", "{", "}")));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
