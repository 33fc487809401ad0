package io.spokewire.admin.command;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The tree of commands, and how faults become lines and exit codes. The first line of a fault says
 * it all; where it lists several, they follow, one a line.
 */
public final class SyncadmCommandLine {
  private final CommandLine commandLine;
  private final Terminal terminal;

  /**
   * @param door to the hub
   * @param time what "ago" is counted from
   * @param pace of commands that repeat themselves
   */
  public SyncadmCommandLine(Terminal terminal, HubDoor door, TimeSource time, Pace pace) {
    GlobalOptions options = new GlobalOptions();
    this.terminal = terminal;
    CommandLine topology =
        new CommandLine(new TopologyCommand())
            .addSubcommand(new AddSpokeCommand(options, door, terminal))
            .addSubcommand(new ListSpokesCommand(options, door, terminal))
            .addSubcommand(new ShowSpokeCommand(options, door, terminal))
            .addSubcommand(new RemoveSpokeCommand(options, door, terminal))
            .addSubcommand(new PauseCommand(options, door, terminal))
            .addSubcommand(new ResumeCommand(options, door, terminal))
            .addSubcommand(new RejoinCommand(options, door, terminal));
    CommandLine plan =
        new CommandLine(new PlanCommand())
            .addSubcommand(new PlanValidateCommand(options, door, terminal))
            .addSubcommand(new PlanApplyCommand(options, door, terminal))
            .addSubcommand(new PlanShowCommand(options, door, terminal));
    CommandLine conflicts =
        new CommandLine(new ConflictsCommand())
            .addSubcommand(new ConflictsListCommand(options, door, terminal))
            .addSubcommand(new ConflictsShowCommand(options, door, terminal))
            .addSubcommand(new ConflictsStatsCommand(options, door, terminal))
            .addSubcommand(new ConflictsExportCommand(options, door, terminal))
            .addSubcommand(new ConflictsDecideCommand(options, door, terminal))
            .addSubcommand(new ConflictsRevertCommand(options, door, terminal))
            .addSubcommand(new ConflictsTestCommand(options, door, terminal));
    this.commandLine =
        new CommandLine(new SyncadmCommand(options))
            .addSubcommand(topology)
            .addSubcommand(plan)
            .addSubcommand(new StatusCommand(options, door, terminal, pace))
            .addSubcommand(new WaitCommand(options, door, terminal))
            .addSubcommand(conflicts);
    Converters.register(commandLine, time);
    commandLine
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler(this::wrongUsage)
        .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure));
  }

  /** Runs one command line and returns its exit code. */
  public int run(String... arguments) {
    int code = commandLine.execute(arguments);
    terminal.out().flush();
    terminal.err().flush();
    return code;
  }

  private int wrongUsage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    StringBuilder line =
        new StringBuilder("syncadm: ").append(firstLine(String.valueOf(e.getMessage())));
    List<String> close =
        e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
    if (!close.isEmpty()) {
      line.append("; did you mean '").append(close.getFirst()).append("'?");
    }
    line.append(" (see '").append(command.getCommandSpec().qualifiedName()).append(" --help')");
    terminal.note(line.toString());
    return FaultKind.USAGE.exitCode();
  }

  private int failed(Exception failure) {
    if (failure instanceof Fault fault) {
      say(fault);
      return fault.kind().exitCode();
    }
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      return 0; // Ctrl-C ends a watch
    }
    say(
        Fault.of(FaultKind.INTERNAL, "syncadm", String.valueOf(failure))
            .hint("please report this")
            .causedBy(failure));
    return FaultKind.INTERNAL.exitCode();
  }

  private void say(Fault fault) {
    List<String> reason = fault.reason().lines().toList();
    StringBuilder line = new StringBuilder("syncadm: ").append(fault.operation());
    if (!fault.place().isEmpty()) {
      line.append(" at ").append(fault.place());
    }
    line.append(": ").append(reason.isEmpty() ? "" : reason.getFirst());
    if (!fault.hint().isEmpty()) {
      line.append(" (").append(fault.hint()).append(')');
    }
    terminal.note(line.toString().replace('\n', ' '));
    reason.stream().skip(1).forEach(more -> terminal.note("  " + more));
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("wrong usage");
  }
}
