package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code syncadm plan show}. */
@Command(
    name = "show",
    description = "The plan in force, as it was written, with its version and place in the order.")
public final class PlanShowCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  public PlanShowCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (HubClient hub = door.open(options)) {
      terminal.print(new PlanReport(hub.plan()).in(options.output()));
      return 0;
    }
  }
}
