package io.spokewire.admin.command;

import java.io.PrintWriter;

/**
 * Where answers and faults go. Owned by one thread.
 *
 * @param out answers, and nothing else
 * @param err faults and notes
 * @param interactive whether a person sees {@code out} as it comes
 */
public record Terminal(PrintWriter out, PrintWriter err, boolean interactive) {
  /** Prints an answer that ends in a line break already. */
  void print(String answer) {
    out.print(answer);
    out.flush();
  }

  /** A line beside the answer, for people. */
  void note(String line) {
    err.println(line);
    err.flush();
  }
}
