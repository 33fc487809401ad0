package io.spokewire.hub;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.hub.settings.HostPort;
import io.spokewire.hub.settings.HubSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hub-server}: the command line of the hub. */
@Command(
    name = "hub-server",
    description = "The hub of a Spokewire topology.",
    mixinStandardHelpOptions = true,
    versionProvider = HubVersion.class,
    subcommands = {HubMain.Init.class, HubMain.Run.class})
public final class HubMain implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  public static void main(String[] args) {
    // gRPC logs through the JDK: one line per event there too, so without stack traces.
    System.setProperty(
        "java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL%1$tz %4$-7s %3$s - %5$s%n");
    System.exit(commandLine().execute(args));
  }

  /** The commands, with faults turned into lines and exit codes; tests call them in-process. */
  static CommandLine commandLine() {
    return new CommandLine(new HubMain())
        .setParameterExceptionHandler(
            (e, given) -> {
              String name = e.getCommandLine().getCommandSpec().qualifiedName();
              PrintWriter err = e.getCommandLine().getErr();
              err.println("hub-server: " + e.getMessage() + " (see " + name + " --help)");
              return FaultKind.USAGE.exitCode();
            })
        .setExecutionExceptionHandler(
            (exception, command, parsed) -> {
              if (exception instanceof Fault fault) {
                print(command.getErr(), fault);
                return fault.kind().exitCode();
              }
              LoggerFactory.getLogger(HubMain.class).error("unexpected failure", exception);
              command.getErr().println("hub-server: internal fault: " + exception);
              return FaultKind.INTERNAL.exitCode();
            });
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return FaultKind.USAGE.exitCode();
  }

  /** One line first; further lines of the reason, one for each fault of a file, below it. */
  private static void print(PrintWriter err, Fault fault) {
    List<String> lines = fault.reason().lines().toList();
    String place = fault.place().isEmpty() ? "" : " " + fault.place();
    String hint = fault.hint().isEmpty() ? "" : " (" + fault.hint() + ")";
    String first = lines.isEmpty() ? "" : lines.getFirst();
    err.println("hub-server: " + fault.operation() + place + ": " + first + hint);
    lines.stream().skip(1).forEach(line -> err.println("  " + line));
    err.flush();
  }

  /** Sets up a hub. */
  @Command(
      name = "init",
      description = "Makes the authority, the hub's certificate, its settings and a profile.",
      mixinStandardHelpOptions = true)
  static final class Init implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
        names = "--data-dir",
        required = true,
        paramLabel = "DIR",
        description = "Where the hub keeps everything; made if it is not there, else empty.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path dataDir;

    @Option(
        names = "--name",
        paramLabel = "NAME",
        defaultValue = HubSettings.DEFAULT_NAME,
        description = "The hub's name, part of every certificate. Default: ${DEFAULT-VALUE}.")
    private String name = HubSettings.DEFAULT_NAME;

    @Option(
        names = "--listen",
        paramLabel = "HOST:PORT",
        description = "For agents and syncadm, mutual TLS. Default: 127.0.0.1:7400.")
    private String listen = HubSettings.DEFAULT_GRPC.toString();

    @Option(
        names = "--http",
        paramLabel = "HOST:PORT",
        description = "For metrics, health and the console. Default: 127.0.0.1:7480.")
    private String http = HubSettings.DEFAULT_HTTP.toString();

    @Option(
        names = "--san",
        paramLabel = "NAME",
        description = "Another name or address of the hub, for its certificate. May be repeated.")
    private List<String> san = List.of();

    @Override
    public Integer call() {
      HubSetup setup;
      try {
        setup =
            new HubSetup(
                HubSettings.validName(name), HostPort.parse(listen), HostPort.parse(http), san);
      } catch (IllegalArgumentException e) {
        throw Fault.of(FaultKind.USAGE, "init", String.valueOf(e.getMessage()))
            .hint("see `hub-server init --help`")
            .causedBy(e);
      }
      Path root = dataDir.toAbsolutePath().normalize();
      setup.makeIn(root, TimeSource.SYSTEM, new SecureRandom());
      PrintWriter out = spec.commandLine().getOut();
      out.println("hub '" + name + "' is set up in " + root);
      out.println("start it:      hub-server run --data-dir " + root);
      out.println("administer it: syncadm --profile " + root.resolve("admin.yaml") + " status");
      out.flush();
      return 0;
    }
  }

  /** Runs a hub until it is told to stop. */
  @Command(
      name = "run",
      description = "Runs the hub until SIGTERM or SIGINT.",
      mixinStandardHelpOptions = true)
  static final class Run implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(HubMain.class);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
        names = "--data-dir",
        required = true,
        paramLabel = "DIR",
        description = "What `hub-server init` made.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path dataDir;

    @Override
    public Integer call() throws InterruptedException {
      HubProcess hub =
          HubProcess.start(
              dataDir.toAbsolutePath().normalize(), TimeSource.SYSTEM, new SecureRandom());
      Thread stop = Thread.ofPlatform().name("stop").unstarted(() -> close(hub));
      Runtime.getRuntime().addShutdownHook(stop);
      LOG.info("ready: grpc={} http={}", hub.grpc(), hub.http());
      PrintWriter out = spec.commandLine().getOut();
      out.println("hub ready grpc=" + hub.grpc() + " http=" + hub.http());
      out.flush();
      Fault fault = hub.awaitFault();
      close(hub);
      throw fault;
    }

    private static void close(HubProcess hub) {
      LOG.info("stopping");
      hub.close();
      LOG.info("stopped");
    }
  }
}
