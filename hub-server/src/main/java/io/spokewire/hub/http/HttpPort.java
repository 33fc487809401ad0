package io.spokewire.hub.http;

import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.util.JavalinBindException;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.hub.settings.HostPort;
import java.util.Optional;

/**
 * Metrics, health and the console over plain HTTP; it only shows. Started by the constructor.
 *
 * <p>{@code /metrics}: Prometheus. {@code /healthz}: 200 while the process answers. {@code
 * /readyz}: 200 when the hub does its work, else 503 with the reason. {@code /}: the console.
 */
public final class HttpPort implements AutoCloseable {
  private final Javalin server;
  private final HostPort address;

  /**
   * @throws Fault USAGE if the address can't be listened on
   */
  public HttpPort(HostPort listen, HubMetrics metrics, Readiness readiness, StatusView status) {
    this.server =
        Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.startup.showOldJavalinVersionWarning = false;
              config.startup.startupWatcherEnabled = false;
              config.routes.get("/metrics", c -> text(c, PROMETHEUS, metrics.scrape()));
              config.routes.get("/healthz", c -> text(c, PLAIN, "ok\n"));
              config.routes.get("/readyz", c -> readyz(c, readiness));
              config.routes.get("/", c -> console(c, status));
            });
    try {
      server.start(listen.host().equals("*") ? "0.0.0.0" : listen.host(), listen.port());
    } catch (JavalinBindException e) {
      throw Fault.of(FaultKind.USAGE, "listen for HTTP", String.valueOf(e.getMessage()))
          .at(listen)
          .hint("set http.listen in hub.yaml to a free address of this machine")
          .causedBy(e);
    }
    this.address = listen.withPort(server.port());
  }

  private static final String PLAIN = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  /** The address with the port that is really open. */
  public HostPort address() {
    return address;
  }

  @Override
  public void close() {
    server.stop();
  }

  private static void readyz(Context context, Readiness readiness) {
    Optional<String> lacking = readiness.lacking();
    context.status(lacking.isEmpty() ? 200 : 503);
    text(context, PLAIN, lacking.orElse("ready") + "\n");
  }

  private static void console(Context context, StatusView status) {
    context.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    context.header("X-Content-Type-Options", "nosniff");
    context.header("X-Frame-Options", "DENY");
    text(context, "text/html; charset=utf-8", ConsolePage.of(status.read()));
  }

  private static void text(Context context, String type, String body) {
    context.header("Cache-Control", "no-store");
    context.contentType(type).result(body);
  }
}
