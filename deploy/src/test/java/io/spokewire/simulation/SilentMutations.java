package io.spokewire.simulation;

import io.spokewire.common.clock.Context;
import java.util.List;

/** Markers keep quiet about what a database has set aside or kept off. */
final class SilentMutations extends Mutations {
  @Override
  List<Context.Unseen> unseen(List<Context.Unseen> honest) {
    return List.of();
  }
}
