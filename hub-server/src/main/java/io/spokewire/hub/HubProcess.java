package io.spokewire.hub;

import io.grpc.BindableService;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.lifecycle.Lifecycle;
import io.spokewire.common.lifecycle.LoopRunner;
import io.spokewire.hub.http.HttpPort;
import io.spokewire.hub.http.HubMetrics;
import io.spokewire.hub.observe.FlowMeter;
import io.spokewire.hub.settings.AdminProfile;
import io.spokewire.hub.settings.DataDirectory;
import io.spokewire.hub.settings.HostPort;
import io.spokewire.hub.settings.HubSettings;
import io.spokewire.hub.tls.GrpcPort;
import io.spokewire.hub.tls.HubIdentity;
import io.spokewire.hub.tls.PeerCheck;
import io.spokewire.hub.tls.PeerInterceptor;
import io.spokewire.hub.tls.PeerInterceptor.Audience;
import io.spokewire.hub.topology.JoinTokens;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.SqliteCertificates;
import io.spokewire.hub.topology.SqliteTopology;
import io.spokewire.hub.topology.TopologyDatabase;
import io.spokewire.hub.topology.certificate.CertificateAuthority;
import io.spokewire.hub.topology.certificate.KeyWithCertificate;
import io.spokewire.hub.topology.certificate.Pem;
import io.spokewire.hub.topology.enrolment.EnrolmentService;
import io.spokewire.hub.topology.enrolment.FailureLimit;
import io.spokewire.proto.EnrolmentGrpc;
import io.spokewire.proto.SpokeLinkGrpc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A running hub: the list of its parts, in the order they start. Closing it stops them in reverse;
 * closing it again does nothing.
 */
final class HubProcess implements AutoCloseable {
  private static final int FAILED_JOINS_PER_MINUTE = 10;

  private static final Map<String, Audience> AUDIENCES =
      Map.of(
          EnrolmentGrpc.SERVICE_NAME,
          Audience.ANYBODY,
          SpokeLinkGrpc.SERVICE_NAME,
          Audience.SPOKES,
          "spokewire.Admin",
          Audience.ADMINS);

  private final Lifecycle parts;
  private final HostPort grpc;
  private final HostPort http;
  private final CompletableFuture<Fault> fault;

  private HubProcess(
      Lifecycle parts, HostPort grpc, HostPort http, CompletableFuture<Fault> fault) {
    this.parts = parts;
    this.grpc = grpc;
    this.http = http;
    this.fault = fault;
  }

  /** Starts everything, or throws with everything stopped again. */
  static HubProcess start(Path dataDir, TimeSource time, SecureRandom random) {
    Lifecycle parts = new Lifecycle();
    boolean started = false;
    try {
      HubProcess hub = start(parts, dataDir, time, random);
      started = true;
      return hub;
    } finally {
      if (!started) {
        parts.close();
      }
    }
  }

  private static HubProcess start(
      Lifecycle parts, Path dataDir, TimeSource time, SecureRandom random) {
    CompletableFuture<Fault> fault = new CompletableFuture<>();
    DataDirectory directory = parts.add(DataDirectory.open(dataDir));
    HubSettings settings = HubSettings.read(directory.settings());

    // Who belongs to the topology, and how they prove it.
    CertificateAuthority authority = authority(directory, settings, time, random);
    TopologyDatabase database = parts.add(TopologyDatabase.open(directory.topology()));
    SqliteTopology topology = new SqliteTopology(database);
    SqliteCertificates certificates = new SqliteCertificates(database, time);
    JoinTokens tokens = new JoinTokens(database, topology, authority.pin(), time, random);
    HubIdentity identity = new HubIdentity(authority, directory, settings, time, random);
    parts.start(
        new LoopRunner(
            identity, renewalPace(settings.certificates().leafLifetime()), fault::complete));

    // What is known of the spokes while they are connected.
    SpokeBoard board = new SpokeBoard();
    FlowMeter flow = new FlowMeter();
    HubMetrics metrics =
        new HubMetrics(
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), flow, board, topology);

    // Doors, last: what they lead to is ready.
    EnrolmentService enrolment =
        new EnrolmentService(
            tokens,
            authority,
            settings.certificates().leafLifetime(),
            new FailureLimit(FAILED_JOINS_PER_MINUTE, time));
    List<BindableService> services = List.of(enrolment);
    PeerCheck check = new PeerCheck(authority, certificates, topology, time);
    GrpcPort grpc =
        parts.add(
            new GrpcPort(
                settings.grpc().listen(),
                identity,
                new PeerInterceptor(check, AUDIENCES),
                services,
                settings.window().frameBytes()));
    HttpPort http =
        parts.add(
            new HttpPort(
                settings.http(),
                metrics,
                () -> Optional.ofNullable(fault.getNow(null)).map(Fault::getMessage),
                new TopologyStatus(settings.name(), topology, board)));
    keepProfileInStep(directory, settings.grpc().reachedAt(grpc.address().port()));
    return new HubProcess(parts, grpc.address(), http.address(), fault);
  }

  HostPort grpc() {
    return grpc;
  }

  HostPort http() {
    return http;
  }

  /** Waits for a loop to stop by a fault; never returns while all is well. */
  Fault awaitFault() throws InterruptedException {
    try {
      return fault.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("nobody completes it so", e);
    }
  }

  @Override
  public void close() {
    synchronized (parts) {
      parts.close();
    }
  }

  private static CertificateAuthority authority(
      DataDirectory directory, HubSettings settings, TimeSource time, SecureRandom random) {
    String text = directory.read(directory.authority());
    X509Certificate certificate = Pem.certificate(text, directory.authority());
    CertificateAuthority authority =
        CertificateAuthority.of(
            settings.name(),
            new KeyWithCertificate(Pem.key(text, directory.authority()), certificate),
            time,
            random);
    if (!authority.isNamedFor(settings.name())) {
      throw Fault.of(
              FaultKind.USAGE,
              "start hub",
              "the hub's authority was made for another name than '" + settings.name() + "'")
          .at(directory.settings())
          .hint("put the name back: it is part of every certificate")
          .build();
    }
    return authority;
  }

  /** A tenth of what is left when a renewal falls due, an hour at most. */
  private static Duration renewalPace(Duration life) {
    Duration pace = life.dividedBy(30);
    Duration longest = Duration.ofHours(1);
    return pace.compareTo(longest) < 0 ? pace : longest;
  }

  /** The port may have been picked just now, and the address edited since init. */
  private static void keepProfileInStep(DataDirectory directory, HostPort address) {
    if (!Files.exists(directory.adminProfile())) {
      return; // moved to where it is needed
    }
    String before = directory.read(directory.adminProfile());
    String after = AdminProfile.withAddress(before, address);
    if (!after.equals(before)) {
      directory.write(directory.adminProfile(), after);
    }
  }
}
