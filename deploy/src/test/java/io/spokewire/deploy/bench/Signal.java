package io.spokewire.deploy.bench;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Holds a process where it is, and lets it go on. */
enum Signal {
  STOP,
  CONT;

  void send(long pid) {
    try {
      int exit = new ProcessBuilder("kill", "-" + name(), Long.toString(pid)).start().waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill -%s %d ended with %d".formatted(name(), pid, exit));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
