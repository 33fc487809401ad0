package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.client.Spoke;
import io.spokewire.admin.output.OutputFormat;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syncadm topology rejoin}. */
@Command(
    name = "rejoin",
    description = {
      "Lets a site whose database went back in time (needs_resync) take part again.",
      "With --catch-up it is sent everything that its database lost, its own writes too; what was",
      "written there since the restore goes to the others, as concurrent with that."
    })
public final class RejoinCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Parameters(paramLabel = "NAME", description = "The site.")
  private String name = "";

  @Option(names = "--catch-up", description = "The hub has the last word on what the site lost.")
  private boolean catchUp;

  @Option(names = "--authoritative", hidden = true)
  private boolean authoritative;

  public RejoinCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (authoritative || !catchUp) {
      throw Fault.of(
              FaultKind.USAGE,
              "rejoin " + name,
              authoritative
                  ? "--authoritative is not there yet: no site can undo what the others hold"
                  : "say how")
          .hint("syncadm topology rejoin " + name + " --catch-up")
          .build();
    }
    try (HubClient hub = door.open(options)) {
      Spoke.Details now = hub.rejoinSpoke(name);
      terminal.print(
          options.output() == OutputFormat.TABLE
              ? name
                  + " goes on as epoch "
                  + now.epoch()
                  + ". It is sent everything after position "
                  + now.startsAfter()
                  + ".\n"
              : new SpokeReport(now).in(options.output()));
      return 0;
    }
  }
}
