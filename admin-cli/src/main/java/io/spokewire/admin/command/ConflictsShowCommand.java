package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code syncadm conflicts show}. */
@Command(
    name = "show",
    description = "One conflict whole: both writes, what each had seen, the rule, the result.")
public final class ConflictsShowCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Parameters(paramLabel = "ID", description = "As 'conflicts list' shows it.")
  private long id;

  public ConflictsShowCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (id < 1) {
      throw Usage.fault("show conflict", "there is no conflict " + id, "ids begin at 1");
    }
    try (HubClient hub = door.open(options)) {
      terminal.print(new ConflictReport(hub.conflict(id)).in(options.output()));
      return 0;
    }
  }
}
