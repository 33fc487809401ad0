package io.spokewire.admin.command;

/** How a command that repeats itself waits between two rounds. */
public interface Pace {
  /** Waits; false to stop. */
  boolean next() throws InterruptedException;
}
