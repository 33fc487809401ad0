package io.spokewire.common.config;

/**
 * One thing wrong in a YAML file.
 *
 * @param line from 1
 * @param path the keys down to the place, joined by dots; empty at the top
 * @param hint what to do; may be empty
 */
public record YamlFault(String file, int line, String path, String problem, String hint) {
  /** {@code file:line: problem (hint)}. */
  @Override
  public String toString() {
    return file + ":" + line + ": " + problem + (hint.isEmpty() ? "" : " (" + hint + ")");
  }
}
