package io.spokewire.admin.client;

import java.util.List;

/**
 * How a wait goes.
 *
 * @param lacking who is still missing, one line each; empty when converged
 */
public record Convergence(boolean finished, boolean converged, List<String> lacking) {
  public Convergence {
    lacking = List.copyOf(lacking);
  }
}
