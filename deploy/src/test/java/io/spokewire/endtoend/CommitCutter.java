package io.spokewire.endtoend;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Cuts an agent's connection to PostgreSQL at the COMMIT of a transaction that moves its
 * checkpoint, so that the agent can't know the outcome. Reads its messages in the clear. Safe from
 * any thread.
 */
final class CommitCutter {
  /** What became of the transaction. */
  enum Moment {
    /** The server never got the COMMIT and rolls back. */
    ON_THE_WAY_THERE,
    /** The server has committed, and its answer does not arrive. */
    ON_THE_WAY_BACK
  }

  private record Cut(Moment moment, CompletableFuture<Void> done) {}

  private final AtomicReference<Cut> next = new AtomicReference<>();

  /** Cuts at the next such COMMIT of any connection; completed when that has happened. */
  CompletableFuture<Void> cutNext(Moment moment) {
    Cut cut = new Cut(moment, new CompletableFuture<>());
    next.set(cut);
    return cut.done;
  }

  /** The tap of one connection. */
  TcpProxy.Tap tap() {
    return new Connection();
  }

  private final class Connection implements TcpProxy.Tap {
    private static final int STARTUP_HEADER = 4;
    private static final int HEADER = 5;
    private static final byte[] COMMITTED = "COMMIT\0".getBytes(StandardCharsets.US_ASCII);

    private final ByteArrayOutputStream unread = new ByteArrayOutputStream();
    private final Map<String, String> prepared = new HashMap<>(); // statements by name
    private boolean started;
    private boolean applies; // this transaction has written a checkpoint
    private volatile Cut awaiting;

    @Override
    public boolean passes(TcpProxy.Way way, byte[] bytes, int length) {
      return way == TcpProxy.Way.TO_SERVER ? toServer(bytes, length) : toClient(bytes, length);
    }

    private boolean toServer(byte[] bytes, int length) {
      unread.write(bytes, 0, length);
      if (!readCommit()) {
        return true;
      }
      Cut cut = next.getAndSet(null);
      if (cut == null) {
        return true;
      }
      if (cut.moment == Moment.ON_THE_WAY_THERE) {
        cut.done.complete(null);
        return false;
      }
      awaiting = cut;
      return true;
    }

    private boolean toClient(byte[] bytes, int length) {
      Cut cut = awaiting;
      if (cut == null || !contains(bytes, length, COMMITTED)) {
        return true;
      }
      cut.done.complete(null);
      return false;
    }

    /** Takes in whole messages; whether one of them commits. */
    private boolean readCommit() {
      ByteBuffer data = ByteBuffer.wrap(unread.toByteArray());
      boolean commit = false;
      while (true) {
        int header = started ? HEADER : STARTUP_HEADER;
        if (data.remaining() < header) {
          break;
        }
        int length = data.getInt(data.position() + header - 4) + header - 4;
        if (data.remaining() < length) {
          break;
        }
        ByteBuffer message = data.slice(data.position(), length);
        data.position(data.position() + length);
        if (started) {
          commit |= isCommit(message);
        }
        started = true;
      }
      unread.reset();
      unread.write(data.array(), data.position(), data.remaining());
      return commit;
    }

    private boolean isCommit(ByteBuffer message) {
      char type = (char) message.get();
      message.getInt();
      switch (type) {
        case 'P' -> {
          prepared.put(text(message), text(message));
          return false;
        }
        case 'B' -> {
          text(message); // the portal
          return begins(prepared.getOrDefault(text(message), ""));
        }
        case 'Q' -> {
          return begins(text(message));
        }
        default -> {
          return false;
        }
      }
    }

    /** Whether this statement makes a checkpoint durable. */
    private boolean begins(String statement) {
      if (statement.equals("COMMIT") || statement.equals("ROLLBACK")) {
        boolean cut = applies && statement.equals("COMMIT");
        applies = false;
        return cut;
      }
      applies |= statement.startsWith("INSERT INTO spokewire.checkpoint");
      return false;
    }

    private static String text(ByteBuffer message) {
      int begin = message.position();
      while (message.get() != 0) {
        // to the end of the string
      }
      return StandardCharsets.UTF_8
          .decode(message.slice(begin, message.position() - begin - 1))
          .toString();
    }

    private static boolean contains(byte[] bytes, int length, byte[] what) {
      for (int i = 0; i + what.length <= length; i++) {
        int j = 0;
        while (j < what.length && bytes[i + j] == what[j]) {
          j++;
        }
        if (j == what.length) {
          return true;
        }
      }
      return false;
    }
  }
}
