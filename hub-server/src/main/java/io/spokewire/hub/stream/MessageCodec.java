package io.spokewire.hub.stream;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.common.wire.ClockCodec;
import io.spokewire.common.wire.IdCodec;
import io.spokewire.common.wire.RowCodec;
import io.spokewire.common.wire.TableCodec;
import io.spokewire.common.wire.WireChecks;
import io.spokewire.hub.entry.DeliveryBatch;
import io.spokewire.hub.entry.SpokeDelivery;
import io.spokewire.hub.entry.WriterState;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.proto.Acknowledge;
import io.spokewire.proto.BarrierRequest;
import io.spokewire.proto.DownstreamBatch;
import io.spokewire.proto.DownstreamEntry;
import io.spokewire.proto.Flow;
import io.spokewire.proto.HubMessage;
import io.spokewire.proto.PlanCheck;
import io.spokewire.proto.SpokeState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The session's nouns and their messages. Immutable; safe from any thread. */
final class MessageCodec {
  private final Position log;
  private final ClockCodec clock;
  private final int frameBytes;

  /**
   * @param log any position of the log this hub serves
   */
  MessageCodec(Position log, int frameBytes) {
    this.log = log;
    this.clock = new ClockCodec(log.incarnation(), log.channel());
    this.frameBytes = frameBytes;
  }

  static Hello hello(io.spokewire.proto.Hello m) {
    WireChecks.noUnknownFields(m);
    Position checkpoint =
        m.hasCheckpointLog()
            ? IdCodec.beginningOf(m.getCheckpointLog())
                .at(IdCodec.number(m.getCheckpoint(), "Hello.checkpoint"))
            : null;
    return new Hello(
        m.getProtocolMin(),
        m.getProtocolMax(),
        m.getAgentVersion(),
        m.getEngine(),
        m.getEngineVersion(),
        m.getCapture(),
        IdCodec.number(m.getSession(), "Hello.session"),
        m.getEpoch(),
        checkpoint,
        IdCodec.number(m.getOutboxSequence(), "Hello.outbox_sequence"),
        m.getHasHistory(),
        m.getClockMicros());
  }

  static TableReport tables(io.spokewire.proto.TableReport m) {
    WireChecks.noUnknownFields(m);
    List<TableDescription> tables = new ArrayList<>(m.getTablesCount());
    m.getTablesList().forEach(t -> tables.add(TableCodec.ofMessage(t)));
    List<TableReport.TableProblem> problems = new ArrayList<>(m.getProblemsCount());
    for (io.spokewire.proto.TableProblem p : m.getProblemsList()) {
      WireChecks.noUnknownFields(p);
      problems.add(
          new TableReport.TableProblem(
              IdCodec.table(p.getTable(), "TableProblem.table"),
              p.getProblem(),
              p.getHint(),
              p.getFatal()));
    }
    return new TableReport(
        m.getPlanVersion(), tables, problems, agreedTypes(m.getAgreedTypesList()));
  }

  private static AgreedTypes agreedTypes(List<String> texts) {
    try {
      return AgreedTypes.ofTexts(texts);
    } catch (IllegalArgumentException e) {
      throw WireChecks.malformed("TableReport.agreed_types", e);
    }
  }

  HubMessage welcome(Welcome welcome, long clockMicros) {
    WriterState writer = welcome.writer();
    return HubMessage.newBuilder()
        .setWelcome(
            io.spokewire.proto.Welcome.newBuilder()
                .setProtocol(welcome.protocol())
                .setSession(welcome.session())
                .setSpoke(writer.writer().spoke().name())
                .setDirection(welcome.direction().label())
                .setLog(IdCodec.toMessage(log.incarnation(), log.channel()))
                .setEpoch(writer.writer().epoch().number())
                .setLastSequence(writer.last().number())
                .setLastHash(IdCodec.toMessage(writer.hash()))
                .setLastSourcePosition(IdCodec.toMessage(writer.sourcePosition()))
                .setLastContext(clock.toMessage(writer.context()))
                .setLastTime(ClockCodec.toMessage(writer.time()))
                .setHead(welcome.head().number())
                .setState(state(welcome.flow().standing()))
                .setStateReason(welcome.flow().reason())
                .setPaused(welcome.flow().paused())
                .setPlan(plan(welcome.plan()))
                .setClockMicros(clockMicros)
                .setFrameBytes(frameBytes)
                .setStart(welcome.start())
                .setEarlierSequence(welcome.earlierLast().number()))
        .build();
  }

  static HubMessage flow(FlowState flow) {
    return HubMessage.newBuilder()
        .setFlow(
            Flow.newBuilder()
                .setPaused(flow.paused())
                .setState(state(flow.standing()))
                .setStateReason(flow.reason())
                .setResumeAfterSequence(flow.resumeAfterSequence())
                .setResumeAfterPosition(flow.resumeAfterPosition()))
        .build();
  }

  static HubMessage acknowledge(Sequence sequence, SourcePosition sourcePosition) {
    return HubMessage.newBuilder()
        .setAcknowledge(
            Acknowledge.newBuilder()
                .setSequence(sequence.number())
                .setSourcePosition(IdCodec.toMessage(sourcePosition)))
        .build();
  }

  static HubMessage planMessage(PlanScope scope) {
    return HubMessage.newBuilder().setPlan(plan(scope)).build();
  }

  static HubMessage planCheck(long id, PlanScope scope) {
    return HubMessage.newBuilder()
        .setPlanCheck(PlanCheck.newBuilder().setId(id).setPlan(plan(scope)))
        .build();
  }

  static HubMessage barrier(BarrierId barrier) {
    return HubMessage.newBuilder()
        .setBarrier(BarrierRequest.newBuilder().setBarrier(barrier.toString()))
        .build();
  }

  static HubMessage refusal(Refusal refusal) {
    return HubMessage.newBuilder()
        .setRefusal(
            io.spokewire.proto.Refusal.newBuilder()
                .setCode(refusal.code())
                .setReason(refusal.reason())
                .setHint(refusal.hint())
                .setRetry(refusal.retry()))
        .build();
  }

  /** A batch's bytes, before compression. Rows are copied once. */
  static Bytes batch(DeliveryBatch batch) {
    DownstreamBatch.Builder message =
        DownstreamBatch.newBuilder()
            .setThrough(batch.through())
            .setAcknowledgedSequence(batch.acknowledgedSequence());
    for (TableSchema schema : batch.schemas()) {
      message.addSchemas(TableCodec.toMessage(schema));
    }
    for (SpokeDelivery delivery : batch.deliveries()) {
      message.addEntries(entry(delivery));
    }
    return Bytes.wrap(message.build().toByteArray());
  }

  private static DownstreamEntry entry(SpokeDelivery delivery) {
    DownstreamEntry.Builder entry =
        DownstreamEntry.newBuilder()
            .setPosition(delivery.position())
            .setPart(delivery.part())
            .setMore(delivery.more());
    Transaction origin = delivery.origin();
    if (origin != null) {
      entry
          .setSpoke(origin.writer().spoke().name())
          .setSequence(origin.sequence().number())
          .setTime(ClockCodec.toMessage(origin.time()))
          .setRows(RowCodec.toMessage(delivery.rows()));
    }
    @Nullable BarrierId barrier = delivery.barrier();
    if (barrier != null) {
      entry.setBarrier(barrier.toString());
    }
    return entry.build();
  }

  private static io.spokewire.proto.PlanScope plan(PlanScope scope) {
    return io.spokewire.proto.PlanScope.newBuilder()
        .setVersion(scope.version())
        .addAllTables(scope.tables())
        .setPosition(scope.position())
        .addAllProtectPending(scope.protectedTables().toTexts())
        .addAllAgreedTypes(scope.agreedTypes().toTexts())
        .build();
  }

  private static SpokeState state(Spoke.Standing standing) {
    return switch (standing) {
      case JOINING -> SpokeState.SPOKE_STATE_JOINING;
      case LIVE -> SpokeState.SPOKE_STATE_LIVE;
      // A fenced agent is refused; should it ever see a state, it must stop, too.
      case NEEDS_RESYNC, EXPIRED, FENCED -> SpokeState.SPOKE_STATE_NEEDS_RESYNC;
    };
  }
}
