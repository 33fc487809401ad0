package io.spokewire.agent;

import io.spokewire.agent.pipeline.NewLife;
import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.DataDirectory;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.common.fault.Fault;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code spoke-agent run}: until SIGTERM, or until the hub refuses it for good. */
@Command(
    name = "run",
    description = "Runs the agent; prints `agent ready spoke=NAME` once connected.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);
  private static final long DATABASE_PAUSE_MILLIS = 2_000;

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "as given to join")
  private Path dataDirectory = Path.of(".");

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    Thread main = Thread.currentThread();
    AtomicBoolean stopping = new AtomicBoolean();
    Thread hook =
        new Thread(
            () -> {
              stopping.set(true);
              main.interrupt();
              try {
                stopped.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return run();
    } catch (InterruptedException e) {
      if (!stopping.get()) {
        throw e;
      }
      return 0;
    } finally {
      stopped.countDown();
    }
  }

  private int run() throws InterruptedException {
    try (DataDirectory directory = DataDirectory.open(dataDirectory)) {
      AgentSettings settings = directory.readSettings();
      String engineVersion =
          awaitDatabase(
              settings, StateFile.open(directory.state()), Files.exists(directory.copy()));
      AtomicBoolean told = new AtomicBoolean();
      Runnable ready =
          () -> {
            if (told.compareAndSet(false, true)) {
              print("agent ready spoke=" + settings.spoke());
            }
          };
      while (true) {
        NewLife next = runOneLife(directory, settings, engineVersion, ready);
        new Rebirth(directory, settings).begin(next);
      }
    }
  }

  /** Runs an agent until it can't go on; gives the spoke's next life, if that is why. */
  private static NewLife runOneLife(
      DataDirectory directory, AgentSettings settings, String engineVersion, Runnable ready)
      throws InterruptedException {
    try (Agent agent = new Agent(directory, settings, engineVersion, AgentVersion.text(), ready)) {
      Fault fault = agent.failed().get();
      return agent.newLife().orElseThrow(() -> fault);
    } catch (ExecutionException e) {
      throw new IllegalStateException("never completed exceptionally", e);
    }
  }

  /**
   * The database may come up after the agent: it is waited for, and said once. One that belongs to
   * another agent is refused before anything is read from it. One whose changes are to be captured
   * by another method than before is made ready for it.
   */
  private static String awaitDatabase(AgentSettings settings, StateFile state, boolean copies)
      throws InterruptedException {
    Engine engine = Engine.of(settings.database(), settings.capture());
    String said = "";
    while (true) {
      try {
        String version = engine.version();
        engine.setup().demandFree(settings.spoke(), Optional.of(state.get().instance()), false);
        Preflights.demandDurable(
                engine, settings.database(), settings.spoke(), settings.direction())
            .forEach(finding -> LOG.warn("{}", finding));
        new MethodChange(settings, state, copies).settle();
        return version;
      } catch (Fault fault) {
        if (!fault.healsByItself()) {
          throw fault;
        }
        if (!fault.reason().equals(said)) {
          said = fault.reason();
          LOG.warn("{}; waiting for the database", fault.getMessage());
        }
        Thread.sleep(DATABASE_PAUSE_MILLIS);
      }
    }
  }

  private void print(String line) {
    if (spec != null) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(line);
      out.flush();
    }
  }
}
