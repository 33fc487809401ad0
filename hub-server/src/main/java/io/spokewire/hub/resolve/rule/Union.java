package io.spokewire.hub.resolve.rule;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import java.util.List;
import java.util.Optional;

/**
 * Everything that any sibling holds. Siblings are taken from the earliest to the latest, so that
 * the order of elements, and the later of two values that can't be united, are the same wherever
 * and in whatever order they arrive.
 *
 * <p>It knows no deletions: an element that one side took away and another kept is there.
 *
 * @param elements how the field's values are taken apart and put together
 */
public record Union(String strategy, Elements elements) implements FieldRule {
  @Override
  public Field settle(List<Sibling> siblings) {
    Field united = Field.NULL;
    for (Sibling sibling : siblings.stream().sorted(Sibling.BY_TIME).toList()) {
      Field value = sibling.value();
      if (united.isNull()) {
        united = value;
      } else if (!value.isNull()) {
        united = elements.unite(united.value(), value.value()).map(Field::ofValue).orElse(value);
      }
    }
    return united;
  }

  /** A type whose values consist of elements. */
  public interface Elements {
    /**
     * Both values' elements, the earlier one's first.
     *
     * @return empty if these two can't be united: then the later one stands
     */
    Optional<Bytes> unite(Bytes earlier, Bytes later);
  }
}
