package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.client.PlanAnswer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code syncadm plan validate}. */
@Command(
    name = "validate",
    description = {
      "Checks a plan and changes nothing.",
      "The hub checks it against the real tables of every connected site; --offline checks only"
          + " the file.",
      "All faults are listed, each with its line. Parts that are accepted but not acted on yet are"
          + " named."
    })
public final class PlanValidateCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Option(names = "-f", paramLabel = "FILE", required = true, description = "The plan, YAML.")
  private Path file = Path.of("");

  @Option(names = "--offline", description = "Ask no hub: check the file by itself.")
  private boolean offline;

  public PlanValidateCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PlanFile plan = PlanFile.read(file);
    PlanAnswer.Valid answer = new PlanAnswer.Valid(List.of(), plan.plan().notActive());
    if (!offline) {
      try (HubClient hub = door.open(options)) {
        answer = hub.validatePlan(plan.text());
      }
    }
    terminal.print(new PlanReport(answer).in(options.output()));
    return 0;
  }
}
