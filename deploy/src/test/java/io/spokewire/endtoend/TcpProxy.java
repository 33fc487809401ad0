package io.spokewire.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * A loopback port that passes everything on to another one, and fails as networks do. Safe from any
 * thread.
 */
final class TcpProxy implements AutoCloseable {
  /** One way of a connection. */
  enum Way {
    TO_SERVER,
    TO_CLIENT
  }

  /** Looks at what passes over one connection. */
  interface Tap {
    Tap NONE = (way, bytes, length) -> true;

    /** Returns false to cut the connection here, with these bytes not passed on. */
    boolean passes(Way way, byte[] bytes, int length);
  }

  private final int target;
  private final Supplier<Tap> taps;
  private final ServerSocket door;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();

  /**
   * @param target a port on 127.0.0.1
   * @param taps asked for one tap for each connection
   */
  TcpProxy(int target, Supplier<Tap> taps) {
    this.target = target;
    this.taps = taps;
    try {
      this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("proxy for " + target).start(this::accept);
  }

  int port() {
    return door.getLocalPort();
  }

  /** How many connections are open. */
  int connections() {
    return links.size();
  }

  /** Closes what is open now; whoever connects anew gets through. */
  void cut() {
    links.forEach(Link::cut);
  }

  /**
   * From now on nothing that is sent this way over the connections that are open now arrives, not
   * even that the sender closes; nobody is told. Whoever connects anew gets through.
   */
  void swallow(Way way) {
    links.forEach(link -> link.swallowed.add(way));
  }

  @Override
  public void close() {
    try {
      door.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        try {
          new Link(client, new Socket(InetAddress.getLoopbackAddress(), target)).start();
        } catch (IOException e) {
          client.close(); // nobody listens there now
        }
      } catch (IOException e) {
        // The door is closed, or a client left before it was let in.
      }
    }
  }

  private final class Link {
    private final Socket client;
    private final Socket server;
    private final Tap tap = taps.get();
    private final Set<Way> swallowed = ConcurrentHashMap.newKeySet();

    Link(Socket client, Socket server) throws IOException {
      this.client = client;
      this.server = server;
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    }

    void start() {
      links.add(this);
      Thread.ofVirtual().start(() -> pump(Way.TO_SERVER, client, server));
      Thread.ofVirtual().start(() -> pump(Way.TO_CLIENT, server, client));
    }

    private void pump(Way way, Socket from, Socket to) {
      byte[] bytes = new byte[64 * 1024];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        int length = in.read(bytes);
        while (length >= 0) {
          if (!swallowed.contains(way)) {
            if (!tap.passes(way, bytes, length)) {
              break;
            }
            out.write(bytes, 0, length);
          }
          length = in.read(bytes);
        }
      } catch (IOException e) {
        // One of the two is gone.
      }
      if (!swallowed.contains(way)) {
        cut();
      }
    }

    void cut() {
      links.remove(this);
      for (Socket socket : new Socket[] {client, server}) {
        try {
          socket.close();
        } catch (IOException e) {
          // It was of no use any more.
        }
      }
    }
  }
}
