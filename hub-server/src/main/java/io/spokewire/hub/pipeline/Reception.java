package io.spokewire.hub.pipeline;

import io.spokewire.hub.stream.Intake;
import io.spokewire.hub.stream.Request;
import io.spokewire.hub.stream.Session;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Where sessions leave their requests and operators their commands. Never blocks; bounded because
 * each session stops reading when too much of it waits. Applied positions go to the fan-out
 * directly, too: they must move its windows while the store can't write.
 */
public final class Reception implements Intake {
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
  private final FanOutLoop fanOut;
  private final Bell sequencer;

  /**
   * @param sequencer wakes the sequencer
   */
  public Reception(FanOutLoop fanOut, Bell sequencer) {
    this.fanOut = fanOut;
    this.sequencer = sequencer;
  }

  @Override
  public void take(Request request) {
    if (request instanceof Request.Applied applied) {
      fanOut.applied(applied.session(), applied.position());
    }
    requests.add(request);
    sequencer.ring();
  }

  @Override
  public void ready(Session session) {
    fanOut.ready();
  }

  void take(Command command) {
    commands.add(command);
    sequencer.ring();
  }

  @Nullable Request nextRequest() {
    return requests.poll();
  }

  @Nullable Command nextCommand() {
    return commands.poll();
  }
}
