package io.spokewire.agent.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ClientCallStreamObserver;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.proto.AgentMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HubSessionTest {
  private static final long SECOND = 1_000_000;

  private long micros = 1_000 * SECOND;
  private final List<AgentMessage> sent = new ArrayList<>();

  @Test
  void theEchoOfTheHubsClockIsNotOlderForHavingWaitedHere() {
    HubSession session = session();
    session.heartbeat(new Vitals(0, 0, 0));
    session.hubClock(500 * SECOND);
    micros += 4 * SECOND;
    session.heartbeat(new Vitals(0, 0, 0));
    assertThat(sent)
        .extracting(message -> message.getHeartbeat().getEchoMicros())
        .containsExactly(0L, 504 * SECOND);
  }

  private HubSession session() {
    Position beginning = new Position(new LogIncarnation(new UUID(1, 2)), new ChannelId("main"), 0);
    Reception reception =
        new Reception(
            1,
            new SpokeId("lisbon"),
            Direction.BOTH,
            new Epoch(1),
            Sequence.NONE,
            ChainHash.START,
            SourcePosition.NONE,
            Context.through(beginning),
            HybridTime.ZERO,
            beginning,
            beginning,
            Standing.LIVE,
            "",
            false,
            PlanScope.NONE,
            1 << 20,
            Sequence.NONE);
    return new HubSession(new Recorder(), reception, beginning, new TurnedClock());
  }

  private final class TurnedClock implements TimeSource {
    @Override
    public long epochMicros() {
      return micros;
    }

    @Override
    public long nanos() {
      return micros * 1_000;
    }
  }

  /** A connection that takes everything. */
  private final class Recorder extends ClientCallStreamObserver<AgentMessage> {
    @Override
    public void onNext(AgentMessage message) {
      sent.add(message);
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}
  }
}
