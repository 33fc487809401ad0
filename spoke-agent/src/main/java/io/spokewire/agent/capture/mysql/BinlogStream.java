package io.spokewire.agent.capture.mysql;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import com.github.shyiko.mysql.binlog.network.SSLMode;
import com.github.shyiko.mysql.binlog.network.ServerException;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The events of a server's binlog, as bytes, from a set of GTIDs onwards. {@link #poll} by one
 * thread; a thread of its own reads the network.
 */
final class BinlogStream implements AutoCloseable {
  private static final int HEARTBEAT_MILLIS = 2_000;
  private static final long SILENCE_NANOS = 30_000_000_000L;
  private static final int CONNECT_MILLIS = 15_000;
  private static final int CHECKSUM = 4;

  /** What the server says when the log does not go back far enough, among other things. */
  private static final int FATAL_READ = 1236;

  /** Kept, so that its level stays. */
  private static final Logger CLIENT_LOG = Logger.getLogger("com.github.shyiko.mysql.binlog");

  private final MyDatabase database;
  private final BinaryLogClient client;
  private final ReadPlace place;
  private final EventQueue queue = new EventQueue();
  private volatile @Nullable Exception failure;
  private volatile boolean over;
  private volatile long heardAt = System.nanoTime();

  private BinlogStream(MyDatabase database, BinaryLogClient client, ReadPlace place) {
    this.database = database;
    this.client = client;
    this.place = place;
  }

  /**
   * Opens the stream.
   *
   * @param after the transactions not to be sent, as the server writes sets
   * @param place learns how far it has come
   */
  static BinlogStream open(MyDatabase database, String after, ReadPlace place) {
    CLIENT_LOG.setLevel(Level.SEVERE);
    BinaryLogClient client =
        new BinaryLogClient(database.host(), database.port(), database.user(), database.password());
    // Replicas of one server must differ; the upper half of the numbers is free of people's.
    client.setServerId(ThreadLocalRandom.current().nextLong(1L << 31, (1L << 32) - 1));
    client.setSSLMode(sslMode(database));
    client.setGtidSet(after);
    client.setKeepAlive(false);
    client.setHeartbeatInterval(HEARTBEAT_MILLIS);
    client.setThreadFactory(
        task -> {
          Thread thread = new Thread(task);
          thread.setDaemon(true);
          return thread;
        });
    BinlogStream stream = new BinlogStream(database, client, place);
    client.setEventDeserializer(stream.new RawEvents());
    client.registerLifecycleListener(stream.new Lifecycle());
    try {
      client.connect(CONNECT_MILLIS);
    } catch (IOException | TimeoutException e) {
      stream.close();
      throw stream.fault(e);
    }
    return stream;
  }

  private static SSLMode sslMode(MyDatabase database) {
    String mode = database.setting("sslMode").orElse("PREFERRED").toUpperCase(Locale.ROOT);
    return switch (mode) {
      case "DISABLED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY" -> SSLMode.valueOf(mode);
      default -> SSLMode.PREFERRED;
    };
  }

  /**
   * The next event, or null if none came in time. Heartbeats are events too.
   *
   * @throws Fault once the connection is lost and everything before was given
   */
  @Nullable BinlogEvent poll(long nanos) throws InterruptedException {
    BinlogEvent event = queue.take(nanos);
    if (event != null) {
      return event;
    }
    if (over) {
      event = queue.take(0);
      if (event != null) {
        return event;
      }
      throw fault(failure);
    }
    if (System.nanoTime() - heardAt > SILENCE_NANOS) {
      throw fault(
          new IOException(
              "no sign of life for " + Duration.ofNanos(SILENCE_NANOS).toSeconds() + " s"));
    }
    return null;
  }

  private Fault fault(@Nullable Exception e) {
    Throwable cause = e;
    while (cause != null && !(cause instanceof ServerException) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof ServerException server) {
      String reason = server.getMessage() + " [" + server.getErrorCode() + "]";
      if (server.getErrorCode() == FATAL_READ) {
        return Resync.unreadable(database, reason, server);
      }
      boolean refused =
          server.getErrorCode() == 1045
              || server.getErrorCode() == 1227
              || server.getErrorCode() == 1044;
      Fault.Builder builder =
          Fault.of(refused ? FaultKind.REFUSED : FaultKind.UNREACHABLE, "read the binlog", reason)
              .at(database);
      return refused
          ? builder
              .hint("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO the agent's user")
              .causedBy(server)
          : builder.healsByItself().causedBy(server);
    }
    String reason = e == null ? "the connection was closed" : String.valueOf(e.getMessage());
    return Fault.of(FaultKind.UNREACHABLE, "read the binlog", reason)
        .at(database)
        .hint("is the database server running, and can this machine reach it?")
        .healsByItself()
        .causedBy(e);
  }

  @Override
  public void close() {
    queue.close();
    try {
      client.disconnect();
    } catch (IOException e) {
      // The server notices by itself.
    }
  }

  private final class Lifecycle extends BinaryLogClient.AbstractLifecycleListener {
    @Override
    public void onCommunicationFailure(BinaryLogClient from, Exception e) {
      failure = e;
    }

    @Override
    public void onEventDeserializationFailure(BinaryLogClient from, Exception e) {
      failure = e;
    }

    @Override
    public void onDisconnect(BinaryLogClient from) {
      over = true;
      queue.close();
    }
  }

  /** Takes events off the wire as they are; the client is told nothing of what is in them. */
  private final class RawEvents extends EventDeserializer {
    private int checksum;

    @Override
    public Event nextEvent(ByteArrayInputStream in) throws IOException {
      if (in.peek() == -1) {
        return END;
      }
      BinlogEvent.Reader header =
          new BinlogEvent.Reader(in.read(BinlogEvent.HEADER), 0, BinlogEvent.HEADER);
      long seconds = header.u32();
      int type = header.u8();
      long server = header.u32();
      int length = (int) header.u32() - BinlogEvent.HEADER;
      long next = header.u32();
      byte[] body = in.read(length);
      heardAt = System.nanoTime();
      if (type == BinlogEvent.ROTATE) {
        BinlogEvent.Reader to = new BinlogEvent.Reader(body, 0, length);
        long offset = to.number(8);
        place.file(new String(to.bytes(to.remaining()), StandardCharsets.ISO_8859_1), offset);
      } else {
        place.read(next, seconds); // of a heartbeat too: it tells what the server skipped
      }
      if (type == BinlogEvent.FORMAT_DESCRIPTION) {
        // It always has a checksum itself, and before that says whether others have.
        checksum = body[length - CHECKSUM - 1] == 1 ? CHECKSUM : 0;
        queue.put(new BinlogEvent(type, seconds, server, body, 0, length - CHECKSUM));
      } else {
        queue.put(new BinlogEvent(type, seconds, server, body, 0, Math.max(0, length - checksum)));
      }
      return NOTHING;
    }
  }

  private static final EventData NO_DATA = new EventData() {};

  private static final Event NOTHING = new Event(header(), NO_DATA);

  /** How the client is told that there is no more. */
  @SuppressWarnings("NullAway") // its contract is null
  private static final Event END = null;

  private static EventHeaderV4 header() {
    EventHeaderV4 header = new EventHeaderV4();
    header.setEventType(EventType.UNKNOWN);
    return header;
  }
}
