package io.spokewire.agent.stream;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.ProtectedTables;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.common.wire.ClockCodec;
import io.spokewire.common.wire.IdCodec;
import io.spokewire.common.wire.RowCodec;
import io.spokewire.common.wire.TableCodec;
import io.spokewire.common.wire.WireBytes;
import io.spokewire.common.wire.WireChecks;
import io.spokewire.proto.DownstreamBatch;
import io.spokewire.proto.DownstreamEntry;
import io.spokewire.proto.Flow;
import io.spokewire.proto.Hello;
import io.spokewire.proto.Refusal;
import io.spokewire.proto.SpokeState;
import io.spokewire.proto.TableProblem;
import io.spokewire.proto.Welcome;
import java.util.ArrayList;
import java.util.List;

/** The session's messages to nouns and back. Stateless. */
final class Messages {
  static final int PROTOCOL = 1;

  private Messages() {}

  static Hello toMessage(Greeting greeting, String agentVersion, TimeSource time) {
    Hello.Builder hello =
        Hello.newBuilder()
            .setProtocolMin(PROTOCOL)
            .setProtocolMax(PROTOCOL)
            .setAgentVersion(agentVersion)
            .setEngine(greeting.engine())
            .setEngineVersion(greeting.engineVersion())
            .setCapture(greeting.capture())
            .setSession(greeting.session())
            .setEpoch(greeting.epoch().number())
            .setOutboxSequence(greeting.outbox().number())
            .setHasHistory(greeting.hasHistory())
            .setClockMicros(time.epochMicros());
    greeting
        .checkpoint()
        .ifPresent(
            at ->
                hello
                    .setCheckpointLog(IdCodec.toMessage(at.incarnation(), at.channel()))
                    .setCheckpoint(at.number()));
    return hello.build();
  }

  static Reception ofMessage(Welcome welcome) {
    WireChecks.noUnknownFields(welcome);
    WireChecks.present(welcome.hasLog(), "Welcome.log");
    Position beginning = IdCodec.beginningOf(welcome.getLog());
    ClockCodec clock = new ClockCodec(beginning.incarnation(), beginning.channel());
    Direction direction;
    try {
      direction = Direction.ofLabel(welcome.getDirection());
    } catch (IllegalArgumentException e) {
      throw WireChecks.malformed("Welcome.direction", e);
    }
    WireChecks.present(welcome.getFrameBytes() > 0, "Welcome.frame_bytes");
    WireChecks.present(welcome.getSession() > 0, "Welcome.session");
    return new Reception(
        welcome.getSession(),
        IdCodec.spoke(welcome.getSpoke(), "Welcome.spoke"),
        direction,
        IdCodec.epoch(welcome.getEpoch(), "Welcome.epoch"),
        IdCodec.sequence(welcome.getLastSequence(), "Welcome.last_sequence"),
        IdCodec.chainHash(welcome.getLastHash(), "Welcome.last_hash"),
        IdCodec.sourcePosition(welcome.getLastSourcePosition(), "Welcome.last_source_position"),
        welcome.hasLastContext()
            ? clock.ofMessage(welcome.getLastContext())
            : Context.through(beginning),
        welcome.hasLastTime() ? ClockCodec.ofMessage(welcome.getLastTime()) : HybridTime.ZERO,
        beginning.at(IdCodec.number(welcome.getHead(), "Welcome.head")),
        beginning.at(IdCodec.number(welcome.getStart(), "Welcome.start")),
        standing(welcome.getState()),
        welcome.getStateReason(),
        welcome.getPaused(),
        welcome.hasPlan() ? ofMessage(welcome.getPlan()) : PlanScope.NONE,
        welcome.getFrameBytes(),
        IdCodec.sequence(welcome.getEarlierSequence(), "Welcome.earlier_sequence"));
  }

  static PlanScope ofMessage(io.spokewire.proto.PlanScope plan) {
    WireChecks.noUnknownFields(plan);
    try {
      return new PlanScope(
          new PlanVersion(plan.getVersion()),
          plan.getTablesList(),
          ProtectedTables.ofTexts(plan.getProtectPendingList()),
          AgreedTypes.ofTexts(plan.getAgreedTypesList()));
    } catch (IllegalArgumentException e) {
      throw WireChecks.malformed("PlanScope", e);
    }
  }

  static FlowChange ofMessage(Flow flow) {
    WireChecks.noUnknownFields(flow);
    return new FlowChange(
        flow.getPaused(),
        standing(flow.getState()),
        flow.getStateReason(),
        IdCodec.sequence(flow.getResumeAfterSequence(), "Flow.resume_after_sequence"),
        IdCodec.number(flow.getResumeAfterPosition(), "Flow.resume_after_position"));
  }

  static Delivery delivery(Bytes batch) {
    DownstreamBatch message = WireBytes.parse(DownstreamBatch.parser(), batch, "DownstreamBatch");
    WireChecks.noUnknownFields(message);
    List<TableSchema> schemas = new ArrayList<>(message.getSchemasCount());
    for (io.spokewire.proto.TableSchema schema : message.getSchemasList()) {
      schemas.add(TableCodec.ofMessage(schema));
    }
    List<Delivery.Entry> entries = new ArrayList<>(message.getEntriesCount());
    for (DownstreamEntry entry : message.getEntriesList()) {
      entries.add(ofMessage(entry));
    }
    return new Delivery(
        schemas,
        entries,
        IdCodec.number(message.getThrough(), "DownstreamBatch.through"),
        IdCodec.sequence(
            message.getAcknowledgedSequence(), "DownstreamBatch.acknowledged_sequence"),
        batch.length());
  }

  private static Delivery.Entry ofMessage(DownstreamEntry entry) {
    WireChecks.noUnknownFields(entry);
    return new Delivery.Entry(
        IdCodec.number(entry.getPosition(), "DownstreamEntry.position"),
        entry.getSpoke().isEmpty()
            ? null
            : IdCodec.spoke(entry.getSpoke(), "DownstreamEntry.spoke"),
        IdCodec.sequence(entry.getSequence(), "DownstreamEntry.sequence"),
        entry.hasTime() ? ClockCodec.ofMessage(entry.getTime()) : HybridTime.ZERO,
        entry.hasRows() ? RowCodec.ofMessage(entry.getRows()) : RowBlock.EMPTY,
        entry.getPart(),
        entry.getMore(),
        entry.getBarrier().isEmpty()
            ? null
            : IdCodec.barrier(entry.getBarrier(), "DownstreamEntry.barrier"));
  }

  static io.spokewire.proto.TableReport toMessage(TableReport report) {
    io.spokewire.proto.TableReport.Builder message =
        io.spokewire.proto.TableReport.newBuilder().setPlanVersion(report.plan().number());
    message.addAllAgreedTypes(report.agreedTypes().toTexts());
    report.tables().forEach(table -> message.addTables(TableCodec.toMessage(table)));
    for (TableReport.Problem problem : report.problems()) {
      message.addProblems(
          TableProblem.newBuilder()
              .setTable(problem.table().name())
              .setProblem(problem.problem())
              .setHint(problem.hint())
              .setFatal(problem.fatal()));
    }
    return message.build();
  }

  static Fault fault(Refusal refusal) {
    Fault.Builder fault =
        Fault.of(FaultKind.REFUSED, "attach to the hub", refusal.getReason())
            .hint(refusal.getHint());
    return refusal.getRetry() ? fault.healsByItself().build() : fault.build();
  }

  private static Standing standing(SpokeState state) {
    return switch (state) {
      case SPOKE_STATE_JOINING -> Standing.JOINING;
      case SPOKE_STATE_LIVE -> Standing.LIVE;
      case SPOKE_STATE_NEEDS_RESYNC -> Standing.NEEDS_RESYNC;
      case SPOKE_STATE_UNKNOWN, UNRECOGNIZED ->
          throw WireChecks.newerPeer("a spoke state that is absent or unknown");
    };
  }
}
