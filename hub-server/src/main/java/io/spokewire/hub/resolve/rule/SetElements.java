package io.spokewire.hub.resolve.rule;

import io.spokewire.common.bytes.Bytes;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** MySQL's {@code SET}: its members, which never hold a comma, with commas between. */
final class SetElements implements Union.Elements {
  @Override
  public Optional<Bytes> unite(Bytes earlier, Bytes later) {
    Set<String> members = new LinkedHashSet<>();
    add(earlier, members);
    add(later, members);
    return Optional.of(Bytes.utf8(String.join(",", members)));
  }

  private static void add(Bytes value, Set<String> members) {
    if (!value.isEmpty()) {
      members.addAll(Arrays.asList(value.toUtf8().split(",", -1)));
    }
  }
}
