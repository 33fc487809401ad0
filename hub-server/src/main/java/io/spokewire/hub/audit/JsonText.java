package io.spokewire.hub.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The small JSON that stands in the audit's text columns: keys and clocks. Pure. */
final class JsonText {
  private static final Pattern LITERAL =
      Pattern.compile("true|false|-?(0|[1-9][0-9]*)(\\.[0-9]+)?");

  /** Numbers stay as they are spelt: 1.50 is not 1.5 in a key. */
  private static final ObjectMapper MAPPER =
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
    return clock.entries().entrySet().stream()
        .map(e -> quote(e.getKey().name()) + ": " + e.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }

  /** What {@link #of} wrote. */
  static VectorClock clock(String json) {
    try {
      TreeMap<SpokeId, Sequence> entries = new TreeMap<>();
      for (Map.Entry<String, JsonNode> e : MAPPER.readTree(json).properties()) {
        entries.put(new SpokeId(e.getKey()), new Sequence(e.getValue().asLong()));
      }
      return new VectorClock(entries);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("clock '" + json + "' in the audit is not JSON", e);
    }
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
