package io.spokewire.hub.tls;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.hub.settings.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The hub's one gRPC port: TLS 1.2 or later, always. Agents and administrators share it. Started by
 * the constructor; closing it ends every call.
 */
public final class GrpcPort implements AutoCloseable {
  /** What a message holds besides the payload of the largest frame. */
  private static final int MESSAGE_OVERHEAD = 64 * 1024;

  private static final int LARGEST_HEADERS = 16 * 1024;
  private static final long AGENT_PING_SECONDS = 10;

  private final Server server;

  /** Calls may block for as long as they last: a wait for convergence does. */
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();

  private final HostPort address;

  /**
   * @param frameBytes the largest frame payload; no message may be much larger
   * @throws Fault USAGE if the address can't be listened on
   */
  public GrpcPort(
      HostPort listen,
      HubIdentity identity,
      PeerInterceptor interceptor,
      List<BindableService> services,
      int frameBytes) {
    ServerCredentials credentials =
        TlsServerCredentials.newBuilder()
            .keyManager(identity.keyManager())
            .trustManager(new ShownCertificates())
            .clientAuth(TlsServerCredentials.ClientAuth.OPTIONAL)
            .build();
    InetSocketAddress socket = listen.socketAddress();
    if (socket.isUnresolved()) {
      throw cannotListen(listen, "the host is not known", null);
    }
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(socket, credentials)
            .executor(calls)
            .intercept(interceptor)
            .maxInboundMessageSize(frameBytes + MESSAGE_OVERHEAD)
            .maxInboundMetadataSize(LARGEST_HEADERS)
            // Agents ping every ten seconds, also while no call is open.
            .permitKeepAliveTime(AGENT_PING_SECONDS / 2, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .keepAliveTime(AGENT_PING_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(AGENT_PING_SECONDS, TimeUnit.SECONDS)
            .handshakeTimeout(AGENT_PING_SECONDS, TimeUnit.SECONDS);
    services.forEach(builder::addService);
    this.server = builder.build();
    try {
      server.start();
    } catch (IOException e) {
      calls.shutdown();
      throw cannotListen(listen, String.valueOf(rootCause(e).getMessage()), e);
    }
    this.address = listen.withPort(server.getPort());
  }

  /** The address with the port that is really open. */
  public HostPort address() {
    return address;
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    calls.shutdownNow();
  }

  private static Throwable rootCause(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static Fault cannotListen(HostPort listen, String reason, @Nullable Throwable cause) {
    return Fault.of(FaultKind.USAGE, "listen for agents", reason)
        .at(listen)
        .hint("set grpc.listen in hub.yaml to a free address of this machine")
        .causedBy(cause);
  }
}
