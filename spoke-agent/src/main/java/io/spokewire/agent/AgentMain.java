package io.spokewire.agent;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code spoke-agent}: parses the command line, runs one command, exits with its code. */
@Command(
    name = "spoke-agent",
    description = "The agent beside one database: captures, sends, applies.",
    mixinStandardHelpOptions = true,
    versionProvider = AgentVersion.class,
    subcommands = {
      JoinCommand.class,
      PreflightCommand.class,
      RunCommand.class,
      UninstallCommand.class
    })
public final class AgentMain implements Runnable {
  @CommandLine.Spec private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs a command and returns its exit code. */
  static int run(String... arguments) {
    CommandLine line = new CommandLine(new AgentMain());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (e, at, result) -> {
          PrintWriter err = at.getErr();
          if (e instanceof Fault fault) {
            err.println(ErrorLine.of(fault));
            return fault.kind().exitCode();
          }
          err.println("internal fault: " + e);
          e.printStackTrace(err);
          return 5;
        });
    line.setParameterExceptionHandler(
        (e, given) -> {
          String name = e.getCommandLine().getCommandSpec().qualifiedName();
          PrintWriter err = e.getCommandLine().getErr();
          err.println("error: " + e.getMessage() + " (see " + name + " --help)");
          return FaultKind.USAGE.exitCode();
        });
    return line.execute(arguments);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        java.util.Objects.requireNonNull(spec).commandLine(), "a command is missing");
  }
}
