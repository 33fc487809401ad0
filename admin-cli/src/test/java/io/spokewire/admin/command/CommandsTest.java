package io.spokewire.admin.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Status;
import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.output.Json;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.proto.AddSpokeRequest;
import io.spokewire.proto.ApplyPlanRequest;
import io.spokewire.proto.Conflict;
import io.spokewire.proto.ConflictCount;
import io.spokewire.proto.ConflictCounts;
import io.spokewire.proto.ConflictDecision;
import io.spokewire.proto.ConflictDifference;
import io.spokewire.proto.ConflictFilter;
import io.spokewire.proto.ConflictSide;
import io.spokewire.proto.ConflictValue;
import io.spokewire.proto.ConvergenceProgress;
import io.spokewire.proto.DecideConflictRequest;
import io.spokewire.proto.LastDay;
import io.spokewire.proto.ListConflictsRequest;
import io.spokewire.proto.NotTried;
import io.spokewire.proto.Notice;
import io.spokewire.proto.PlanTrial;
import io.spokewire.proto.PlanVerdict;
import io.spokewire.proto.RevertConflictsRequest;
import io.spokewire.proto.RulingSide;
import io.spokewire.proto.ShownPlan;
import io.spokewire.proto.SpokeDetail;
import io.spokewire.proto.SpokeTable;
import io.spokewire.proto.StatusReport;
import io.spokewire.proto.TableStatus;
import io.spokewire.proto.Throughput;
import io.spokewire.proto.TrialSummary;
import io.spokewire.proto.WaitConvergedRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each command, from its words to what it prints and its exit code, against a hub on loopback. */
final class CommandsTest {
  private static final TimeSource TIME =
      new TimeSource() {
        @Override
        public long epochMicros() {
          return 1_705_314_600_000_000L;
        }

        @Override
        public long nanos() {
          return 0;
        }
      };

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private FakeHub hub;
  private boolean useProfiles;
  private Map<String, String> environment = Map.of();
  private Iterator<Boolean> rounds = List.<Boolean>of().iterator();

  @BeforeEach
  void start() throws IOException {
    hub = new FakeHub();
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  @Test
  void addSpokePrintsTheTokenAndTheWholeJoinCommand() {
    assertThat(run("topology", "add-spoke", "lisbon", "--direction", "push", "--ttl", "30m"))
        .isZero();
    assertThat(hub.asked)
        .containsExactly(
            AddSpokeRequest.newBuilder()
                .setName("lisbon")
                .setDirection("push")
                .setTtlSeconds(1_800)
                .build());
    assertThat(out.toString())
        .contains("swt-123", "spoke-agent join", "--database", "2024-01-15 10:30:00 UTC");

    JsonNode json = json("-o", "json", "topology", "add-spoke", "lisbon");
    assertThat(json.get("spoke").asText()).isEqualTo("lisbon");
    assertThat(json.get("token").asText()).isEqualTo("swt-123");
    assertThat(json.get("expires_at").asText()).isEqualTo("2024-01-15T10:30:00Z");
    assertThat(json.get("join_command").asText()).startsWith("spoke-agent join --hub h:7400");
  }

  @Test
  void aSiteThatWentBackRejoinsByCatchingUpOnly() {
    assertThat(run("topology", "rejoin", "lisbon", "--catch-up")).isZero();
    assertThat(out.toString()).contains("epoch 2", "after position 17");
    assertThat(
            json("-o", "json", "topology", "rejoin", "lisbon", "--catch-up").get("epoch").asInt())
        .isEqualTo(2);
    assertThat(run("topology", "rejoin", "lisbon")).isEqualTo(2);
    assertThat(run("topology", "rejoin", "lisbon", "--authoritative")).isEqualTo(2);
    assertThat(err.toString()).contains("--authoritative is not there yet");
  }

  @Test
  void topologyListIsATableForPeople() {
    hub.spokes.add(FakeHub.spoke("lisbon", "live"));
    hub.spokes.add(
        FakeHub.spoke("porto", "offline").toBuilder()
            .setConnected(false)
            .setReason("its agent is not connected")
            .build());
    assertThat(run("topology", "list")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            ┌────────┬────────────┬───────────┬───────────┬─────┬─────────┬────────┐
            │ Site   │ Database   │ Direction │ Status    │ Lag │ Applied │ Outbox │
            ├────────┼────────────┼───────────┼───────────┼─────┼─────────┼────────┤
            │ lisbon │ PostgreSQL │ ⇄ both    │ ✓ Live    │ 2s  │ 12      │ 3      │
            │ porto  │ PostgreSQL │ ⇄ both    │ ⚠ Offline │ 2s  │ 12      │ 3      │
            └────────┴────────────┴───────────┴───────────┴─────┴─────────┴────────┘
              porto is offline: its agent is not connected
            """);
  }

  @Test
  void topologyListIsAnArrayForScriptsAlsoWhenEmpty() {
    assertThat(json("topology", "list", "-o", "json")).isEmpty();
    assertThat(out.toString().strip()).isEqualTo("[]");
    hub.spokes.add(FakeHub.spoke("lisbon", "live"));
    JsonNode spoke = json("topology", "-o", "json", "list").get(0);
    assertThat(spoke.get("name").asText()).isEqualTo("lisbon");
    assertThat(spoke.get("engine").asText()).isEqualTo("postgresql");
    assertThat(spoke.get("direction").asText()).isEqualTo("both");
    assertThat(spoke.get("state").asText()).isEqualTo("live");
    assertThat(spoke.get("lag_seconds").decimalValue()).isEqualByComparingTo("2.5");
    assertThat(Json.compact(spoke.get("applied_position"))).isEqualTo("{\"main\":12}");
    assertThat(spoke.get("outbox_pending").asLong()).isEqualTo(3);
    assertThat(spoke.get("connected").asBoolean()).isTrue();
  }

  @Test
  void topologyListAsCsvHasOneLineEach() {
    hub.spokes.add(FakeHub.spoke("lisbon", "live"));
    assertThat(run("topology", "list", "-o", "csv")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            name,engine,direction,state,lag_seconds,applied_position,outbox_pending,connected,parked,reason,fault
            lisbon,postgresql,both,live,2.5,12,3,true,0,,
            """);
  }

  @Test
  void topologyShowTellsEverything() {
    hub.detail =
        SpokeDetail.newBuilder()
            .setSummary(FakeHub.spoke("lisbon", "joining").toBuilder().setReason("orders has rows"))
            .setChannel("main")
            .setEpoch(1)
            .setEngineVersion("18.6")
            .setCapture("trigger")
            .setRetainedLogBytes(16 << 20)
            .addTables(SpokeTable.newBuilder().setName("orders").setColumns(4).addKey("id"))
            .addTableProblems("notes: no key")
            .build();
    assertThat(run("topology", "show", "lisbon")).isZero();
    assertThat(out.toString())
        .contains("STATUS: ⚠ Joining, orders has rows")
        .contains("PostgreSQL 18.6")
        .contains("Captured by: trigger")
        .contains("16 MB")
        .contains("│ orders │ 4       │ id  │ no            │")
        .contains("  notes: no key");
    JsonNode json = json("topology", "show", "lisbon", "-o", "json");
    assertThat(json.get("tables").get(0).get("key").get(0).asText()).isEqualTo("id");
    assertThat(json.get("table_problems").get(0).asText()).isEqualTo("notes: no key");
    assertThat(json.get("state").asText()).isEqualTo("joining");
  }

  @Test
  void pauseResumeAndRemoveSayWhatTheyDid() {
    assertThat(run("topology", "pause", "lisbon")).isZero();
    assertThat(out.toString()).isEqualTo("lisbon is paused.\n");
    assertThat(json("topology", "pause", "lisbon", "-o", "json").get("state").asText())
        .isEqualTo("paused");
    assertThat(json("topology", "resume", "lisbon", "-o", "json").get("state").asText())
        .isEqualTo("live");
    assertThat(json("topology", "remove-spoke", "lisbon", "-o", "json").get("removed").asText())
        .isEqualTo("lisbon");
  }

  @Test
  void planValidateChecksTheFileThenAsksTheHub() throws IOException {
    hub.verdict = PlanVerdict.newBuilder().addWarnings("porto: nothing matches 'x_*'").build();
    Path file = write("plan.yaml", "tables: [orders]\n");
    assertThat(run("plan", "validate", "-f", file.toString())).isZero();
    assertThat(out.toString())
        .isEqualTo("✓ The plan is valid.\nWarning: porto: nothing matches 'x_*'\n");
    JsonNode json = json("plan", "validate", "-f", file.toString(), "-o", "json");
    assertThat(json.get("valid").asBoolean()).isTrue();
    assertThat(json.get("warnings").get(0).asText()).contains("porto");
    assertThat(json.get("not_active")).isEmpty();
  }

  @Test
  void planValidateOfflineAsksNobody() throws IOException {
    hub.close();
    Path file = write("plan.yaml", "tables: [orders]\n");
    assertThat(run("plan", "validate", "--offline", "-f", file.toString())).isZero();
  }

  @Test
  void everyFaultOfAPlanIsListedWithItsLineAndNothingIsSent() throws IOException {
    Path file = write("plan.yaml", "tables: [orders]\ntabels: [x]\nconflict_resolutoin: {}\n");
    assertThat(run("plan", "apply", "-f", file.toString())).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    List<String> lines = err.toString().lines().toList();
    assertThat(lines.getFirst()).contains(file.toString(), "2 faults");
    assertThat(lines.get(1)).contains("plan.yaml:2:", "tabels", "tables");
    assertThat(lines.get(2)).contains("plan.yaml:3:", "conflict_resolution");
    assertThat(hub.asked).isEmpty();
  }

  @Test
  void planApplySendsTheTextAsItIsWritten() throws IOException {
    Path file = write("plan.yaml", "# ours\ntables: [orders]\n");
    JsonNode json =
        json("plan", "apply", "--assume-identical", "-f", file.toString(), "-o", "json");
    assertThat(json.get("version").asInt()).isEqualTo(3);
    assertThat(json.get("position").asInt()).isEqualTo(12);
    assertThat(hub.asked)
        .containsExactly(
            ApplyPlanRequest.newBuilder()
                .setText("# ours\ntables: [orders]\n")
                .setAssumeIdentical(true)
                .build());
  }

  @Test
  void planShowPrintsThePlanAsItWasWritten() {
    assertThat(run("plan", "show")).isZero();
    assertThat(out.toString()).startsWith("No plan yet.");
    hub.plan =
        ShownPlan.newBuilder()
            .setVersion(2)
            .setText("tables: [orders]")
            .setPosition(7)
            .setAppliedMicros(1_705_314_600_000_000L)
            .build();
    out.getBuffer().setLength(0);
    assertThat(run("plan", "show")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            "# version 2, in force from position 7 since 2024-01-15 10:30:00 UTC\n"
                + "tables: [orders]\n");
    assertThat(json("plan", "show", "-o", "json").get("applied_at").asText())
        .isEqualTo("2024-01-15T10:30:00Z");
  }

  @Test
  void theDashboardShowsWhatIsToBeKnownOfTheHub() throws Exception {
    hub.status =
        dashboard().toBuilder()
            .addNotices(
                Notice.newBuilder()
                    .setGravity("blocking")
                    .setText("transactions are not taken in")
                    .setHint("start porto"))
            .build();
    assertThat(run("status")).isZero();
    assertThat(out.toString())
        .contains("NOTICES:\n  ✗ transactions are not taken in (start porto)\n");
    assertThat(json("status", "-o", "json").get("notices").get(0).get("gravity").asText())
        .isEqualTo("blocking");
  }

  @Test
  void theDashboardOfOneSourceAndOneTargetReadsLikeThis() {
    hub.status = dashboard();
    assertThat(run("status")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            DATABASE SYNC STATUS
            ═══════════════════════════════════════
            OVERALL STATUS: ⚠ Degraded

            SOURCE: PostgreSQL (production)
            TARGET: MySQL (analytics)
            MODE: Incremental CDC
            PLAN: version 2

            SITES:
            ┌────────────┬────────────┬───────────┬────────┬─────┬─────────┬────────┐
            │ Site       │ Database   │ Direction │ Status │ Lag │ Applied │ Outbox │
            ├────────────┼────────────┼───────────┼────────┼─────┼─────────┼────────┤
            │ production │ PostgreSQL │ → push    │ ✓ Live │ 2s  │ 12      │ 3      │
            │ analytics  │ MySQL      │ ← pull    │ ✓ Live │ 2s  │ 12      │ 3      │
            └────────────┴────────────┴───────────┴────────┴─────┴─────────┴────────┘

            TABLES:
            ┌────────┬──────────┬────────┬─────────┐
            │ Table  │ Status   │ Lag    │ Records │
            ├────────┼──────────┼────────┼─────────┤
            │ users  │ ✓ Synced │ 2s     │ 1.2M    │
            │ events │ ⚠ Behind │ 2m 30s │ 45M     │
            └────────┴──────────┴────────┴─────────┘

            THROUGHPUT:
              Current: 5,230 records/sec
              Average: 4,850 records/sec
              Peak: 12,400 records/sec

            LAST 24 HOURS:
              Records Synced: 45.2M
              Errors: 23
              Conflicts: 156
            """);
  }

  @Test
  void statusAsJsonHasTheDocumentedShape() {
    hub.status = dashboard();
    JsonNode json = json("status", "-o", "json");
    assertThat(json.get("status").asText()).isEqualTo("degraded");
    assertThat(json.get("spokes")).hasSize(2);
    assertThat(json.get("tables").get(1).get("table").asText()).isEqualTo("events");
    assertThat(json.get("tables").get(1).get("status").asText()).isEqualTo("behind");
    assertThat(json.get("tables").get(1).get("lag_seconds").asInt()).isEqualTo(150);
    assertThat(json.get("tables").get(1).get("records").asLong()).isEqualTo(45_000_000);
    assertThat(json.get("throughput").get("peak").asInt()).isEqualTo(12_400);
    assertThat(json.get("last_24_hours").get("records_synced").asLong()).isEqualTo(45_200_000);
    assertThat(json.get("last_24_hours").get("conflicts").asInt()).isEqualTo(156);
    assertThat(json.get("last_24_hours").get("errors").asInt()).isEqualTo(23);
  }

  @Test
  void watchingPrintsOneObjectALine() {
    hub.status = dashboard();
    rounds = List.of(true, true, false).iterator();
    assertThat(run("status", "--watch", "-o", "json")).isZero();
    assertThat(out.toString().lines()).hasSize(3).allMatch(line -> Json.parse(line).isPresent());
  }

  @Test
  void waitingEndsWithZeroWhenConverged() {
    hub.progress.add(ConvergenceProgress.newBuilder().addLacking("porto at 5 of 7").build());
    hub.progress.add(ConvergenceProgress.newBuilder().setFinished(true).setConverged(true).build());
    JsonNode json = json("wait", "--converged", "--timeout", "5m", "-o", "json");
    assertThat(json.get("converged").asBoolean()).isTrue();
    assertThat(json.get("lacking")).isEmpty();
    assertThat(hub.asked)
        .containsExactly(WaitConvergedRequest.newBuilder().setTimeoutMillis(300_000).build());
  }

  @Test
  void waitingEndsWithOneAndSaysWhoIsMissing() {
    hub.progress.add(
        ConvergenceProgress.newBuilder().setFinished(true).addLacking("porto is paused").build());
    assertThat(run("wait", "--converged", "--timeout", "1s")).isEqualTo(1);
    assertThat(out.toString()).isEqualTo("✗ Not converged after 1 s:\n  porto is paused\n");
  }

  @Test
  void conflictsAreListedForPeopleAndForScripts() {
    hub.conflicts.add(conflict(17));
    assertThat(run("conflicts", "list")).isZero();
    assertThat(out.toString())
        .contains("│ 17 │ 2024-01-15 10:30:00 │ orders id=7 │ status │ new    │ lisbon: paid │")
        .contains("│ porto: cancelled │ paid   │ last_write_wins │");

    JsonNode found = json("conflicts", "list", "-o", "json").get(0);
    assertThat(found.get("id").asLong()).isEqualTo(17);
    assertThat(found.get("timestamp").asText()).isEqualTo("2024-01-15T10:30:00Z");
    assertThat(found.get("table").asText()).isEqualTo("orders");
    assertThat(found.get("key").get("id").asInt()).isEqualTo(7);
    assertThat(found.get("field").asText()).isEqualTo("status");
    assertThat(found.get("kind").asText()).isEqualTo("update_concurrent");
    assertThat(found.get("base_value").asText()).isEqualTo("new");
    assertThat(found.get("source_spoke").asText()).isEqualTo("lisbon");
    assertThat(found.get("source_value").asText()).isEqualTo("paid");
    assertThat(found.get("target_spoke").asText()).isEqualTo("porto");
    assertThat(found.get("target_value").asText()).isEqualTo("cancelled");
    assertThat(found.get("resolution").asText()).isEqualTo("last_write_wins");
    assertThat(found.get("result").asText()).isEqualTo("paid");
    assertThat(found.get("position").asLong()).isEqualTo(12);
    assertThat(Json.compact(found.get("source_clock"))).isEqualTo("{\"lisbon\":173}");
    assertThat(Json.compact(found.get("target_clock"))).isEqualTo("{\"porto\":9}");
    assertThat(found.get("rule_version").asInt()).isEqualTo(2);

    out.getBuffer().setLength(0);
    assertThat(run("conflicts", "list", "-o", "csv")).isZero();
    assertThat(out.toString().lines().toList().get(1))
        .isEqualTo(
            "17,2024-01-15T10:30:00Z,orders,\"{\"\"id\"\":"
                + " 7}\",status,update_concurrent,new,lisbon,"
                + "paid,porto,cancelled,last_write_wins,paid,12,\"{\"\"lisbon\"\":173}\","
                + "\"{\"\"porto\"\":9}\",2,settled,2024-01-15T10:29:59Z,2024-01-15T10:29:58Z,,,,,"
                + "\"[{\"\"spoke\"\":\"\"porto\"\",\"\"sequence\"\":9,\"\"position\"\":11,\"\"time\"\":"
                + "\"\"2024-01-15T10:29:58Z\"\",\"\"value\"\":\"\"cancelled\"\",\"\"clock\"\":{\"\"porto\"\":9}}"
                + ",{\"\"spoke\"\":\"\"lisbon\"\",\"\"sequence\"\":173,\"\"position\"\":12,\"\"time\"\":"
                + "\"\"2024-01-15T10:29:59Z\"\",\"\"value\"\":\"\"paid\"\",\"\"clock\"\":"
                + "{\"\"lisbon\"\":173}}]\"");
  }

  @Test
  void anEmptyListOfConflictsIsAnEmptyArray() {
    assertThat(json("conflicts", "list", "-o", "json")).isEmpty();
    assertThat(out.toString()).isEqualTo("[]\n");
  }

  @Test
  void numbersKeepTheirDigitsAndNullIsNull() {
    hub.conflicts.add(
        conflict(1).toBuilder()
            .setType("decimal")
            .setBase(ConflictValue.newBuilder().setNull(true))
            .setResult(ConflictValue.newBuilder().setText("12.50"))
            .build());
    assertThat(run("conflicts", "list", "-o", "json")).isZero();
    assertThat(out.toString()).contains("\"result\": 12.50").contains("\"base_value\": null");
  }

  @Test
  void filtersReachTheHub() {
    run(
        "conflicts",
        "list",
        "--table",
        "orders",
        "--key",
        "7",
        "--field",
        "status",
        "--since",
        "1h",
        "--until",
        "2024-01-15",
        "--strategy",
        "merge",
        "--kind",
        "update_deleted",
        "--spoke",
        "porto",
        "--state",
        "open",
        "--limit",
        "5",
        "--before",
        "99",
        "-o",
        "json");
    assertThat(hub.asked)
        .containsExactly(
            ListConflictsRequest.newBuilder()
                .setFilter(
                    ConflictFilter.newBuilder()
                        .setTable("orders")
                        .setKey("7")
                        .setField("status")
                        .setSinceMicros(1_705_311_000_000_000L)
                        .setUntilMicros(1_705_276_800_000_000L)
                        .setStrategy("merge")
                        .setKind("update_deleted")
                        .setSpoke("porto")
                        .setState("open"))
                .setLimit(5)
                .setBefore(99)
                .build());
  }

  @Test
  void aTableOfConflictsSaysWhenThereAreMore() {
    for (int id = 150; id > 0; id--) {
      hub.conflicts.add(conflict(id));
    }
    assertThat(run("conflicts", "list")).isZero();
    assertThat(out.toString().lines()).hasSize(104);
    assertThat(err.toString()).contains("older ones follow: --before 51");
    assertThat(json("conflicts", "list", "-o", "json")).hasSize(150);
  }

  @Test
  void oneConflictIsToldAsAStory() {
    hub.conflicts.add(conflict(17));
    assertThat(run("conflicts", "show", "17")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            CONFLICT 17
            ═══════════════════════════════════════
            ROW:   orders {"id": 7}
            FIELD: status (text)
            KIND:  update concurrent
            STATE: settled
            FOUND: 2024-01-15 10:30:00 UTC
            PLACE: main:12

            ┌──────────┬────────┬──────────────────────┬───────────┬────────────┐
            │ Write    │ Site   │ Committed            │ Value     │ Had seen   │
            ├──────────┼────────┼──────────────────────┼───────────┼────────────┤
            │ Before   │        │                      │ new       │            │
            │ Arriving │ lisbon │ 2024-01-15 10:29:59Z │ paid      │ lisbon:173 │
            │ Met      │ porto  │ 2024-01-15 10:29:58Z │ cancelled │ porto:9    │
            │ Result   │        │                      │ paid      │            │
            └──────────┴────────┴──────────────────────┴───────────┴────────────┘

            Neither write had seen the other: last_write_wins (plan version 2) took lisbon's.
            """);
  }

  @Test
  void aThirdSiblingAndAPersonsWordAreShown() {
    hub.conflicts.add(
        conflict(17).toBuilder()
            .setState("decided")
            .addOthers(
                ConflictSide.newBuilder().setSpoke("faro").setPosition(9).setValue(text("lost")))
            .setDecision(
                ConflictDecision.newBuilder()
                    .setBy("maria")
                    .setAtMicros(1_705_314_600_000_000L)
                    .setValue(text("shipped"))
                    .setReason("the customer called"))
            .build());
    assertThat(run("conflicts", "show", "17")).isZero();
    assertThat(out.toString())
        .contains("│ Met too  │ faro   │")
        .contains(
            "Decided by maria at 2024-01-15 10:30:00 UTC, now shipped: the customer called.\n");
    JsonNode shown = json("conflicts", "show", "17", "-o", "json");
    assertThat(shown.get("state").asText()).isEqualTo("decided");
    assertThat(shown.get("decided_value").asText()).isEqualTo("shipped");
    assertThat(shown.get("siblings")).hasSize(3);
    assertThat(shown.get("siblings").get(0).get("spoke").asText()).isEqualTo("faro");
    out.getBuffer().setLength(0);
    run("conflicts", "list");
    assertThat(out.toString()).contains("│ State   │").contains("│ decided │");
  }

  @Test
  void whatAPersonDecidesIsToldToTheHubAndShown() {
    assertThat(run("conflicts", "decide", "12", "--value", "paid", "--reason", "asked")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            "Conflict 12 is decided. orders {\"id\": 7}: status becomes paid at every site.\n");
    DecideConflictRequest asked = (DecideConflictRequest) hub.asked.getLast();
    assertThat(asked.getValue()).isEqualTo("paid");
    assertThat(asked.getReason()).isEqualTo("asked");

    out.getBuffer().setLength(0);
    assertThat(run("conflicts", "decide", "12", "--keep")).isZero();
    assertThat(out.toString()).contains("status stays paid");
    assertThat(run("conflicts", "decide", "12", "--target")).isZero();
    assertThat(((DecideConflictRequest) hub.asked.getLast()).getSide())
        .isEqualTo(RulingSide.RULING_SIDE_TARGET);
  }

  @Test
  void whatIsRevertedMayBeSeveral() {
    assertThat(run("conflicts", "revert", "12", "13", "--source")).isZero();
    RevertConflictsRequest asked = (RevertConflictsRequest) hub.asked.getLast();
    assertThat(asked.getIdsList()).containsExactly(12L, 13L);
    assertThat(asked.getSide()).isEqualTo(RulingSide.RULING_SIDE_SOURCE);
    assertThat(json("conflicts", "revert", "12", "-o", "json").get(0).get("state").asText())
        .isEqualTo("reverted");
  }

  @Test
  void aDecisionNeedsOneWord() {
    assertThat(run("conflicts", "decide", "12")).isEqualTo(2);
    assertThat(run("conflicts", "decide", "12", "--keep", "--null")).isEqualTo(2);
    assertThat(run("conflicts", "decide", "0", "--keep")).isEqualTo(2);
    assertThat(run("conflicts", "revert")).isEqualTo(2);
  }

  @Test
  void aRowThatWasDeletedIsShownWhole() {
    String row = "{\"id\": 7, \"note\": \"" + "long ".repeat(20) + "\"}";
    hub.conflicts.add(
        conflict(17).toBuilder()
            .setField("#")
            .setKind("update_deleted")
            .setType("existence")
            .setBase(text(row))
            .setSource(ConflictSide.newBuilder().setSpoke("lisbon").setValue(text(row)))
            .setTarget(
                ConflictSide.newBuilder()
                    .setSpoke("porto")
                    .setValue(ConflictValue.newBuilder().setAbsent(true))
                    .setDeleted(row))
            .setResult(ConflictValue.newBuilder().setAbsent(true))
            .build());
    assertThat(run("conflicts", "show", "17")).isZero();
    assertThat(out.toString())
        .contains("the row itself")
        .contains("no row")
        .contains("porto deleted: " + row);
    JsonNode shown = json("conflicts", "show", "17", "-o", "json");
    assertThat(shown.get("source_value").get("id").asInt()).isEqualTo(7);
    assertThat(shown.get("target_value").isNull()).isTrue();
    assertThat(shown.get("siblings").get(0).get("deleted").get("id").asInt()).isEqualTo(7);
  }

  @Test
  void conflictsAreCounted() {
    hub.counts =
        ConflictCounts.newBuilder()
            .addRows(
                ConflictCount.newBuilder()
                    .addValues("orders")
                    .addValues("status")
                    .setConflicts(12)
                    .setOpen(1))
            .build();
    assertThat(run("conflicts", "stats", "--by", "table,field")).isZero();
    assertThat(out.toString())
        .contains("│ Table  │ Field  │ Conflicts │ Open │")
        .contains("│ orders │ status │ 12        │ 1    │")
        .endsWith("In all: 12\n");
    JsonNode rows = json("conflicts", "stats", "--by", "table,field", "-o", "json");
    assertThat(rows.get(0).get("field").asText()).isEqualTo("status");
    assertThat(rows.get(0).get("conflicts").asInt()).isEqualTo(12);
    out.getBuffer().setLength(0);
    run("conflicts", "stats", "--by", "table,field", "-o", "csv");
    assertThat(out.toString()).isEqualTo("table,field,conflicts,open\norders,status,12,1\n");
  }

  @Test
  void anExportIsALineAConflict() throws Exception {
    hub.conflicts.add(conflict(2));
    hub.conflicts.add(conflict(1));
    assertThat(run("conflicts", "export")).isZero();
    assertThat(out.toString().lines()).hasSize(3);
    assertThat(out.toString()).startsWith("id,timestamp,");
    out.getBuffer().setLength(0);
    assertThat(run("conflicts", "export", "-o", "json")).isZero();
    assertThat(out.toString().lines()).hasSize(2).allMatch(line -> line.startsWith("{\"id\":"));
  }

  @Test
  void anotherPlanIsTriedWithoutBeingPutInForce(@TempDir Path directory) throws Exception {
    Path plan = Files.writeString(directory.resolve("plan.yaml"), "tables: [orders]\n");
    hub.trial.add(
        PlanTrial.newBuilder()
            .setDifference(
                ConflictDifference.newBuilder()
                    .setConflict(conflict(17))
                    .setResult(text("cancelled"))
                    .setResolution("source_priority"))
            .build());
    hub.trial.add(
        PlanTrial.newBuilder()
            .setSummary(
                TrialSummary.newBuilder()
                    .setTried(5)
                    .setSame(4)
                    .setDifferent(1)
                    .addNotTried(NotTried.newBuilder().setReason("a sum").setConflicts(2)))
            .build());
    assertThat(run("conflicts", "test", "--plan", plan.toString(), "--since", "7d")).isZero();
    assertThat(out.toString())
        .contains("│ 17 │ orders id=7 │ status │ paid   │ last_write_wins │ cancelled │")
        .contains("1 of 5 conflicts would have ended otherwise.\n")
        .contains("Not tried: 2: a sum\n");
    JsonNode trial = json("conflicts", "test", "--plan", plan.toString(), "-o", "json");
    assertThat(trial.get("differences").get(0).get("result_then").asText()).isEqualTo("cancelled");
    assertThat(trial.get("different").asInt()).isEqualTo(1);
    assertThat(trial.get("not_tried").get(0).get("conflicts").asInt()).isEqualTo(2);
    Path broken = Files.writeString(directory.resolve("broken.yaml"), "table: [orders]\n");
    assertThat(run("conflicts", "test", "--plan", broken.toString())).isEqualTo(2);
  }

  @Test
  void wrongUsageEndsWithTwoAndAHint() {
    usage("syncadm", "frobnicate");
    usage("did you mean 'list'", "topology", "lits");
    usage("Missing required subcommand", "topology");
    usage("such as 60s", "wait", "--converged", "--timeout", "60");
    usage("--converged", "wait");
    usage("table, json or csv", "status", "-o", "xml");
    usage("both, push or pull", "topology", "add-spoke", "x", "--direction", "up");
    usage("7d", "conflicts", "list", "--since", "yesterday");
    usage("1 or more", "conflicts", "list", "--limit", "0");
    usage("--limit", "conflicts", "list", "--limit", "many");
    usage("NAME", "topology", "pause");
    usage("no such file", "plan", "apply", "-f", directory.resolve("missing.yaml").toString());
    usage("can't be read", "plan", "validate", "--offline", "-f", directory.toString());
    assertThat(hub.asked).isEmpty();
  }

  @Test
  void helpIsThereForEveryCommandAndGoesToStandardOutput() {
    for (String command :
        List.of(
            "",
            "topology",
            "topology add-spoke",
            "topology list",
            "topology show",
            "topology remove-spoke",
            "topology pause",
            "topology resume",
            "plan",
            "plan validate",
            "plan apply",
            "plan show",
            "status",
            "wait",
            "conflicts",
            "conflicts list",
            "conflicts show")) {
      out.getBuffer().setLength(0);
      String[] words = (command + " --help").strip().split(" ");
      assertThat(run(words)).as(command).isZero();
      assertThat(out.toString())
          .startsWith("Usage: syncadm " + command)
          .contains("--profile", "--output", "--help");
      assertThat(err.toString()).isEmpty();
    }
  }

  @Test
  void theHubsOwnFaultsKeepTheirLineAndExitCode() {
    for (FaultKind kind : FaultKind.values()) {
      err.getBuffer().setLength(0);
      hub.fault =
          Fault.of(kind, "pause spoke", "no luck\nfirst detail").at("porto").hint("try x").build();
      assertThat(run("topology", "pause", "porto", "-o", "json")).isEqualTo(kind.exitCode());
      assertThat(err.toString().lines())
          .containsExactly("syncadm: pause spoke at porto: no luck (try x)", "  first detail");
      assertThat(out.toString()).isEmpty();
    }
  }

  @Test
  void connectionsThatFailEndWithThreeOrFour() {
    hub.rawStatus = Status.PERMISSION_DENIED.withDescription("not an administrator");
    assertThat(run("status")).isEqualTo(4);
    assertThat(err.toString()).contains("not an administrator").contains("admin.yaml");
    hub.close();
    err.getBuffer().setLength(0);
    assertThat(run("status")).isEqualTo(3);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("127.0.0.1:" + hub.port()).contains("hub-server runs");
  }

  @Test
  void aProfileThatIsMissingOrWrongEndsWithTwo() throws IOException {
    useProfiles = true;
    usage("hub-server init", "status");
    assertThat(err.toString()).contains(".config/syncadm/profile.yaml");
    usage("nowhere.yaml", "status", "--profile", directory.resolve("nowhere.yaml").toString());
    environment = Map.of("SYNCADM_PROFILE", directory.resolve("env.yaml").toString());
    usage("env.yaml", "status");
    Path bad = write("bad.yaml", "hub: nowhere\nca: x\ncertifcate: y\n");
    usage("faults", "--profile", bad.toString(), "status");
    assertThat(err.toString())
        .contains("bad.yaml:1:", "HOST:PORT", "certifcate", "'key'")
        .contains("PEM");
    Path noKey =
        write(
            "nokey.yaml",
            "hub: 127.0.0.1:1\nca: \"-----BEGIN X\"\ncertificate: \"-----BEGIN X\"\n"
                + "key: \"-----BEGIN X\"\n");
    usage("can't be used", "status", "--profile", noKey.toString());
    usage("read", "status", "--profile", directory.toString());
  }

  private void usage(String expected, String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    assertThat(run(arguments)).as(String.join(" ", arguments)).isEqualTo(2);
    assertThat(err.toString()).contains(expected);
    assertThat(err.toString().lines().filter(l -> !l.startsWith("warning:")).findFirst().orElse(""))
        .startsWith("syncadm: ");
    assertThat(out.toString()).isEmpty();
  }

  private JsonNode json(String... arguments) {
    out.getBuffer().setLength(0);
    assertThat(run(arguments)).as(err.toString()).isZero();
    return Json.parse(out.toString()).orElseThrow();
  }

  private int run(String... arguments) {
    Terminal terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), false);
    HubDoor plain =
        options ->
            new HubClient(
                Grpc.newChannelBuilderForAddress(
                        "127.0.0.1", hub.port(), InsecureChannelCredentials.create())
                    .build(),
                "127.0.0.1:" + hub.port());
    HubDoor door = useProfiles ? new ProfileDoor(environment, directory, terminal) : plain;
    return new SyncadmCommandLine(terminal, door, TIME, () -> rounds.hasNext() && rounds.next())
        .run(arguments);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static StatusReport dashboard() {
    return StatusReport.newBuilder()
        .setStatus("degraded")
        .setHub("hub")
        .putHeadPosition("main", 12)
        .setPlanVersion(2)
        .addSpokes(FakeHub.spoke("production", "live").toBuilder().setDirection("push"))
        .addSpokes(
            FakeHub.spoke("analytics", "live").toBuilder().setDirection("pull").setEngine("mysql"))
        .addTables(
            TableStatus.newBuilder()
                .setTable("users")
                .setStatus("synced")
                .setLagMicros(2_000_000)
                .setRecords(1_200_000))
        .addTables(
            TableStatus.newBuilder()
                .setTable("events")
                .setStatus("behind")
                .setLagMicros(150_000_000)
                .setRecords(45_000_000))
        .setThroughput(Throughput.newBuilder().setCurrent(5_230).setAverage(4_850).setPeak(12_400))
        .setLast24Hours(
            LastDay.newBuilder().setRecordsSynced(45_200_000).setErrors(23).setConflicts(156))
        .build();
  }

  private static Conflict conflict(long id) {
    return Conflict.newBuilder()
        .setId(id)
        .setLoggedMicros(1_705_314_600_000_000L)
        .setTable("orders")
        .setKey("{\"id\": 7}")
        .setField("status")
        .setKind("update_concurrent")
        .setType("text")
        .setBase(text("new"))
        .setState("settled")
        .setSource(
            ConflictSide.newBuilder()
                .setSpoke("lisbon")
                .setSequence(173)
                .setPosition(12)
                .setTimeMicros(1_705_314_599_000_000L)
                .setValue(text("paid"))
                .putClock("lisbon", 173))
        .setTarget(
            ConflictSide.newBuilder()
                .setSpoke("porto")
                .setSequence(9)
                .setPosition(11)
                .setTimeMicros(1_705_314_598_000_000L)
                .setValue(text("cancelled"))
                .putClock("porto", 9))
        .setResolution("last_write_wins")
        .setResult(text("paid"))
        .setChannel("main")
        .setPosition(12)
        .setRuleVersion(2)
        .build();
  }

  private static ConflictValue text(String text) {
    return ConflictValue.newBuilder().setText(text).build();
  }
}
