package io.spokewire.agent.pipeline.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.mysql.BinlogPositions;
import io.spokewire.agent.capture.mysql.MyCapture;
import io.spokewire.agent.capture.mysql.ReadPlace;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.mysql.MyTestSite;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much of a binlog is unread, and for how long it will be there. */
abstract class MyCaptureSiteContract {
  private static final int SEALED = 32;

  @TempDir Path directory;

  private final Flavour flavour;

  private MyTestSite database;

  MyCaptureSiteContract(Flavour flavour) {
    this.flavour = flavour;
  }

  @Test
  void whatIsUnreadIsMeasuredUntilItIsPurged() throws Exception {
    try (EmbeddedMySql server = EmbeddedMySql.start(flavour);
        MyTestSite opened = new MyTestSite(server)) {
      database = opened;
      database.run("create table orders (id int primary key, note longtext)");
      SourcePosition start = end();
      ReadPlace place = new ReadPlace();
      MyCapture capture = capture(start, place);
      try (MyCaptureSite site = site(start, place, capture)) {
        assertThat(site.retention().bytes()).as("nothing is known yet").isZero();
        database.run("insert into orders values (1, 'read')", "flush binary logs");
        database.run("insert into orders values (2, 'read')");
        try (ChangeSource source = capture.open(start)) {
          awaitAllRead(source, place, site);
        }
        assertThat(place.spot().file()).startsWith("binlog.000");
        Retention.Purge purge = site.retention().purge();
        assertThat(purge.in()).isEqualTo(purge.after());

        database.run("insert into orders values (3, repeat('x', 1000000))", "flush binary logs");
        database.run("insert into orders values (4, repeat('x', 1000000))");
        assertThat(site.retention().bytes()).isBetween(2_000_000L, 2_100_000L);
        assertThat(site.retention().purge().isNear()).isFalse();
        database.onServer("set global binlog_expire_logs_seconds = 3");
        Awaitility.await("its time is nearly over").until(() -> site.retention().purge().isNear());

        database.onServer("purge binary logs before now() + interval 1 day");
        assertThatThrownBy(() -> readAll(capture, start))
            .isInstanceOf(Fault.class)
            .hasMessageContaining("purged binlogs that were not read yet");
      }
    }
  }

  @Test
  void whatTheServerSkipsAfterARestartIsNotUnread() throws Exception {
    try (EmbeddedMySql server = EmbeddedMySql.start(flavour);
        MyTestSite opened = new MyTestSite(server)) {
      database = opened;
      database.run("create table orders (id int primary key, note longtext)");
      database.run("insert into orders values (1, repeat('x', 1000000))");
      database.onServer("set global binlog_expire_logs_seconds = 1");
      ReadPlace place = new ReadPlace();
      MyCapture capture = capture(end(), place);
      try (MyCaptureSite site = site(end(), place, capture);
          ChangeSource source = capture.open(end())) {
        Awaitility.await("something is read")
            .until(
                () -> {
                  source.next(Duration.ofMillis(10));
                  assertThat(site.retention().purge().isNear()).isFalse();
                  return place.spot() != null;
                });
        awaitAllRead(source, place, site);
      }
    }
  }

  private static void awaitAllRead(ChangeSource source, ReadPlace place, MyCaptureSite site) {
    Awaitility.await("all is read")
        .untilAsserted(
            () -> {
              source.next(Duration.ofMillis(10));
              assertThat(place.spot()).isNotNull();
              assertThat(site.retention().bytes()).isZero();
            });
  }

  private SourcePosition end() throws Exception {
    try (Connection connection = database.asAgent.connect()) {
      return BinlogPositions.end(connection);
    }
  }

  private MyCapture capture(SourcePosition start, ReadPlace place) {
    return new MyCapture(
        database.asAgent,
        start,
        database.scope("orders"),
        AgreedTypes.NONE,
        new MarkerSeal(new byte[SEALED]),
        marker -> true,
        new SpoolDirectory(directory),
        place,
        TimeSource.SYSTEM);
  }

  private MyCaptureSite site(SourcePosition start, ReadPlace place, MyCapture capture) {
    return new MyCaptureSite(database.asAgent, () -> start, place, () -> capture, () -> capture);
  }

  private static void readAll(MyCapture capture, SourcePosition start) throws Exception {
    try (ChangeSource source = capture.open(start)) {
      for (int i = 0; i < 100; i++) {
        source.next(Duration.ofMillis(100));
      }
    }
  }
}
