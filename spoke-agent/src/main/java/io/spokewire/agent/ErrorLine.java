package io.spokewire.agent;

import io.spokewire.common.fault.Fault;

/** A fault as people read it on standard error: one line first, lists below it. */
final class ErrorLine {
  private ErrorLine() {}

  static String of(Fault fault) {
    String[] lines = fault.reason().split("\n");
    StringBuilder text = new StringBuilder("error: ").append(fault.operation());
    if (!fault.place().isEmpty()) {
      text.append(" at ").append(fault.place());
    }
    text.append(": ").append(lines[0]);
    if (!fault.hint().isEmpty()) {
      text.append(" (").append(fault.hint()).append(')');
    }
    for (int i = 1; i < lines.length; i++) {
      text.append("\n  ").append(lines[i]);
    }
    return text.toString();
  }
}
