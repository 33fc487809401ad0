package io.spokewire.agent.schema.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.schema.Session;
import io.spokewire.common.fault.Fault;
import io.spokewire.testing.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A database that stops answering, and settings of a role that are not meant for us. */
class PgDatabaseTest {
  private static EmbeddedPostgres server;

  @BeforeAll
  static void startServer() throws Exception {
    server = EmbeddedPostgres.start(18);
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @Test
  @Timeout(60)
  void aSessionWhoseServerFallsSilentIsGivenUpAndTheNextOneWorks() throws Exception {
    try (SilentLine line = new SilentLine(port());
        Session session =
            new Session(database(line.port()).answeringWithin(Duration.ofSeconds(2)))) {
      assertThat(ask(session)).isEqualTo(1);
      line.silent = true;
      assertThatThrownBy(() -> ask(session))
          .isInstanceOf(Fault.class)
          .matches(f -> ((Fault) f).healsByItself(), "heals by itself");
      assertThatThrownBy(() -> ask(session)) // nobody answers a new connection either
          .isInstanceOf(Fault.class)
          .matches(f -> ((Fault) f).healsByItself(), "heals by itself");
      line.silent = false;
      assertThat(ask(session)).isEqualTo(1);
    }
  }

  @Test
  void limitsOfTheRoleAreNotOurs() throws Exception {
    try (var connection = database(port()).connect();
        Statement statement = connection.createStatement()) {
      statement.execute("drop role if exists hurried");
      statement.execute("create role hurried login superuser");
      statement.execute("alter role hurried set statement_timeout = '1ms'");
      statement.execute("alter role hurried set idle_in_transaction_session_timeout = '1ms'");
    }
    PgDatabase hurried = database(port(), "hurried");
    for (PgDatabase database : List.of(hurried, hurried.answeringWithin(Duration.ofSeconds(60)))) {
      try (var connection = database.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("select pg_sleep(0.05)");
        try (ResultSet row = statement.executeQuery("show statement_timeout")) {
          row.next();
          assertThat(row.getString(1)).isEqualTo(database == hurried ? "0" : "54s");
        }
      }
    }
  }

  @Test
  void aSocketAsksAfterHalfAMinuteWhetherTheOtherEndIsThere() throws Exception {
    try (Socket socket = new KeptAliveSockets().createSocket()) {
      assertThat(socket.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
      if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
        assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(30);
        assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(10);
        assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT)).isEqualTo(3);
      }
    }
  }

  private static int ask(Session session) {
    return session.call(
        "ask",
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet row = statement.executeQuery("select 1")) {
            row.next();
            return row.getInt(1);
          }
        });
  }

  private static int port() {
    return URI.create(server.jdbcUrl("postgres").substring("jdbc:".length())).getPort();
  }

  private static PgDatabase database(int port) {
    return database(port, "postgres");
  }

  private static PgDatabase database(int port, String user) {
    Properties properties = new Properties();
    properties.put("user", user);
    return new PgDatabase(
        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", properties, () -> "");
  }

  /** A line to a server that can fall silent, as a firewall's that forgot its connections. */
  private static final class SilentLine implements AutoCloseable {
    volatile boolean silent;
    private final ServerSocket entrance;
    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    SilentLine(int port) throws IOException {
      this.port = port;
      this.entrance = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
      Thread.startVirtualThread(this::accept);
    }

    int port() {
      return entrance.getLocalPort();
    }

    private void accept() {
      try {
        while (true) {
          Socket in = entrance.accept();
          Socket out = new Socket("127.0.0.1", port);
          sockets.addAll(List.of(in, out));
          Thread.startVirtualThread(() -> carry(in, out));
          Thread.startVirtualThread(() -> carry(out, in));
        }
      } catch (IOException e) {
        // closed
      }
    }

    private void carry(Socket from, Socket to) {
      try (InputStream in = from.getInputStream();
          OutputStream out = to.getOutputStream()) {
        byte[] buffer = new byte[4096];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (!silent) {
            out.write(buffer, 0, n);
            out.flush();
          }
        }
      } catch (IOException e) {
        // an end was closed
      }
    }

    @Override
    public void close() throws IOException {
      entrance.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
