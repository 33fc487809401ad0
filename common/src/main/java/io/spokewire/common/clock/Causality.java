package io.spokewire.common.clock;

/** How two vector clocks stand to each other. */
public enum Causality {
  EQUAL,
  BEFORE,
  AFTER,
  CONCURRENT
}
