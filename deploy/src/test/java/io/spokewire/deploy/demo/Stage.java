package io.spokewire.deploy.demo;

import io.spokewire.deploy.cluster.CommandResult;
import java.io.PrintStream;

/** Where the demo speaks: numbered scenes, commands as one would type them, what they print. */
final class Stage {
  private final PrintStream out;
  private final boolean colours;
  private int scene;

  Stage(PrintStream out, boolean colours) {
    this.out = out;
    this.colours = colours;
  }

  void scene(String title) {
    out.println();
    out.println(bold(++scene + "  " + title));
  }

  void say(String line) {
    out.println("   " + line);
  }

  /** A command as the reader would type it. */
  void command(String line) {
    out.println();
    out.println("   " + dim("$ ") + bold(line));
  }

  void print(CommandResult result) {
    (result.out() + result.err()).lines().forEach(line -> out.println("   " + line));
  }

  void heading(String line) {
    out.println(bold(line));
  }

  String good(String text) {
    return colours ? "\u001b[32m" + text + "\u001b[0m" : text;
  }

  private String bold(String text) {
    return colours ? "\u001b[1m" + text + "\u001b[0m" : text;
  }

  private String dim(String text) {
    return colours ? "\u001b[2m" + text + "\u001b[0m" : text;
  }
}
