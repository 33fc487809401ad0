package io.spokewire.agent.capture.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.capture.EventReader;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.mysql.MyTestSite;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A primary dies, and its replica takes its place: the agent finds its place there by GTID. */
abstract class MyFailoverContract {
  private static final MarkerSeal SEAL = new MarkerSeal(new byte[MarkerSeal.SECRET_LENGTH]);

  private final Flavour flavour;
  private final SchemaBook schemas = new SchemaBook();
  private EmbeddedMySql primary;
  private EmbeddedMySql replica;
  private MyTestSite site;
  private MyTestSite successor;
  private SourcePosition beginning;

  @TempDir Path directory;

  MyFailoverContract(Flavour flavour) {
    this.flavour = flavour;
  }

  @BeforeEach
  void startServers() throws Exception {
    primary = EmbeddedMySql.start(flavour);
    replica = EmbeddedMySql.start(flavour, Map.of("server-id", "2"));
    MyTestSite root = new MyTestSite(replica);
    root.close();
    root.onServer("drop user agent@'127.0.0.1'");
    root.forgetBinlog();
    root.onServer(follow());
    site = new MyTestSite(primary);
    root.onServer(flavour == Flavour.MARIADB ? "start slave" : "start replica");
    successor = site.at(replica);
    site.run("create table orders (id int primary key, note text)");
    try (Connection connection = site.asAgent.connect()) {
      beginning = BinlogPositions.end(connection);
    }
  }

  private String follow() {
    return flavour == Flavour.MARIADB
        ? "change master to master_host = '127.0.0.1', master_port = %d, master_user = 'root',"
                .formatted(primary.port())
            + " master_use_gtid = slave_pos, master_ssl = 0"
        : "change replication source to source_host = '127.0.0.1', source_port = %d,"
                .formatted(primary.port())
            + " source_user = 'root', source_auto_position = 1, get_source_public_key = 1";
  }

  @AfterEach
  void stopServers() throws Exception {
    primary.close();
    replica.close();
  }

  @Test
  void goesOnAtTheReplicaThatTookOver() throws Exception {
    site.run("insert into orders values (1, 'read at the primary')");
    SourcePosition read;
    try (EventReader reader = open(site, SourcePosition.NONE)) {
      assertThat(reader.nextRows())
          .containsExactly("insert orders [id=1] (1, read at the primary)");
      read = reader.read().getLast().position();
    }
    site.run("insert into orders values (2, 'read nowhere')");
    awaitAtReplica(2);
    promote();
    successor.run("insert into orders values (3, 'written at its successor')");

    try (EventReader reader = open(successor, read)) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=2] (2, read nowhere)");
      assertThat(reader.nextRows())
          .containsExactly("insert orders [id=3] (3, written at its successor)");
    }
  }

  @Test
  void saysSoWhenTheReplicaHasNotSeenWhatWasRead() throws Exception {
    site.run("insert into orders values (1, 'at both')");
    awaitAtReplica(1);
    successor.onServer(flavour == Flavour.MARIADB ? "stop slave" : "stop replica");
    site.run("insert into orders values (2, 'at the primary alone')");
    SourcePosition read;
    try (EventReader reader = open(site, SourcePosition.NONE)) {
      reader.nextRows();
      assertThat(reader.nextRows())
          .containsExactly("insert orders [id=2] (2, at the primary alone)");
      read = reader.read().getLast().position();
    }
    promote();
    // As many transactions as the primary had, and more: numbers alone would not tell.
    successor.run("insert into orders values (2, 'another')", "insert into orders values (3, 'c')");

    assertThatThrownBy(() -> open(successor, read).next())
        .isInstanceOfSatisfying(
            Fault.class,
            fault -> {
              assertThat(fault.kind()).isEqualTo(FaultKind.NEGATIVE);
              assertThat(fault.healsByItself()).isFalse();
            });
  }

  private EventReader open(MyTestSite at, SourcePosition after) {
    MyCapture capture =
        new MyCapture(
            at.asAgent,
            beginning,
            at.scope("orders"),
            AgreedTypes.NONE,
            SEAL,
            marker -> true,
            new SpoolDirectory(directory),
            new ReadPlace(),
            TimeSource.SYSTEM);
    return new EventReader(capture.open(after), schemas);
  }

  private void awaitAtReplica(int id) {
    Awaitility.await("the replica to have row " + id)
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> successor.query("select count(*) from orders where id = " + id).equals("1"));
  }

  private void promote() throws Exception {
    primary.kill9();
    if (flavour == Flavour.MARIADB) {
      successor.onServer("stop slave", "reset slave all");
    } else {
      successor.onServer("stop replica", "reset replica all");
    }
  }
}
