package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code syncadm plan apply}. */
@Command(
    name = "apply",
    description = {
      "Checks a plan and puts it in force as the next version, whole or not at all.",
      "It takes its place in the order of changes: what was decided before stays decided."
    })
public final class PlanApplyCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Option(names = "-f", paramLabel = "FILE", required = true, description = "The plan, YAML.")
  private Path file = Path.of("");

  @Option(
      names = "--assume-identical",
      description =
          "You know that tables the plan adds hold the same rows everywhere; go live at once.")
  private boolean assumeIdentical;

  public PlanApplyCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PlanFile plan = PlanFile.read(file);
    try (HubClient hub = door.open(options)) {
      PlanReport report = new PlanReport(hub.applyPlan(plan.text(), assumeIdentical));
      terminal.print(report.in(options.output()));
      return 0;
    }
  }
}
