package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.client.HubStatus;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.OutputFormat;
import io.spokewire.common.fault.Fault;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code syncadm status}. */
@Command(
    name = "status",
    description = {
      "How all is: sites, tables, throughput, and the last 24 hours.",
      "healthy; degraded: a site is not live or a table is behind; critical: somebody must decide."
    })
public final class StatusCommand implements Callable<Integer> {
  private static final String CLEAR_SCREEN = "\033[H\033[2J";

  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;
  private final Pace pace;

  @Option(
      names = "--watch",
      description = "Show it again every two seconds until Ctrl-C; as JSON, one object a line.")
  private boolean watch;

  /**
   * @param pace between two rounds of {@code --watch}
   */
  public StatusCommand(GlobalOptions options, HubDoor door, Terminal terminal, Pace pace) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
    this.pace = pace;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (HubClient hub = door.open(options)) {
      show(hub.status());
      while (watch && pace.next()) {
        try {
          show(hub.status());
        } catch (Fault fault) {
          if (!fault.healsByItself()) {
            throw fault;
          }
          terminal.note(fault.getMessage() + "; trying again");
        }
      }
      return 0;
    }
  }

  private void show(HubStatus status) {
    StatusReport report = new StatusReport(status);
    if (watch && options.output() == OutputFormat.JSON) {
      terminal.print(Json.compact(report.json()) + "\n");
    } else {
      boolean clear = watch && terminal.interactive() && options.output() == OutputFormat.TABLE;
      terminal.print((clear ? CLEAR_SCREEN : "") + report.in(options.output()));
    }
  }
}
