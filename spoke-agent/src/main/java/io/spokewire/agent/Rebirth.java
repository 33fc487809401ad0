package io.spokewire.agent;

import io.spokewire.agent.pipeline.NewLife;
import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.AgentState;
import io.spokewire.agent.settings.DataDirectory;
import io.spokewire.agent.settings.DurableFile;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.queue.DurableQueue;
import io.spokewire.common.queue.chronicle.ChronicleDurableQueue;
import io.spokewire.common.wire.UpstreamCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Between two lives of a spoke: puts the outbox of the one aside, with what of it the hub never got
 * in a file for people, and notes the other. May be broken off anywhere and begun again.
 */
final class Rebirth {
  private static final Logger LOG = LoggerFactory.getLogger(Rebirth.class);

  private final DataDirectory directory;
  private final AgentSettings settings;

  Rebirth(DataDirectory directory, AgentSettings settings) {
    this.directory = directory;
    this.settings = settings;
  }

  void begin(NewLife life) {
    int epoch = life.before().epoch().number();
    Path kept = directory.makeDirectory(directory.aside()).resolve("outbox-epoch-" + epoch);
    if (!Files.exists(kept) && Files.exists(directory.outbox())) {
      putAside(life, kept);
    }
    StateFile.open(directory.state())
        .update(s -> s.reborn(new AgentState.Membership(life.epoch(), life.start())));
    LOG.info("goes on as epoch {} from position {}", life.epoch(), life.start().number());
  }

  private void putAside(NewLife life, Path kept) {
    Path file =
        directory.aside().resolve("changes-epoch-" + life.before().epoch().number() + ".jsonl");
    ChannelId channel = life.start().channel();
    try (DurableQueue queue = ChronicleDurableQueue.open(directory.outbox())) {
      UnsentChanges unsent =
          UnsentChanges.of(
              queue,
              new UpstreamCodec(settings.spoke(), life.start().incarnation(), channel),
              life.before().epoch(),
              life.known());
      DurableFile.write(file, unsent.lines().getBytes(StandardCharsets.UTF_8));
      LOG.warn(
          "{} transactions of epoch {} never came to the hub: see {}",
          unsent.transactions(),
          life.before().epoch(),
          file);
    }
    try {
      Files.move(directory.outbox(), kept);
      DurableFile.syncDirectory(directory.path());
    } catch (IOException e) {
      throw Fault.of(FaultKind.INTERNAL, "put the outbox aside", String.valueOf(e))
          .at(kept)
          .hint("make room there, then start the agent again")
          .causedBy(e);
    }
  }
}
