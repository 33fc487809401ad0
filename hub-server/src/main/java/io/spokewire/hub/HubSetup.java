package io.spokewire.hub;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.YamlDocument;
import io.spokewire.hub.settings.AdminProfile;
import io.spokewire.hub.settings.DataDirectory;
import io.spokewire.hub.settings.HostPort;
import io.spokewire.hub.settings.HubSettings;
import io.spokewire.hub.settings.HubYaml;
import io.spokewire.hub.tls.HubIdentity;
import io.spokewire.hub.topology.SqliteCertificates;
import io.spokewire.hub.topology.TopologyDatabase;
import io.spokewire.hub.topology.certificate.CertificateAuthority;
import io.spokewire.hub.topology.certificate.CertifiedName;
import io.spokewire.hub.topology.certificate.IssuedCertificate;
import io.spokewire.hub.topology.certificate.Pem;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;

/** What {@code init} was asked for, and how it is made. */
record HubSetup(String name, HostPort grpc, HostPort http, List<String> san) {
  private static final String FIRST_ADMIN = "admin";

  /** Administrators have no session over which a certificate could renew itself. */
  private static final Duration ADMIN_LIFETIME = Duration.ofDays(3650);

  HubSetup {
    san = List.copyOf(san);
  }

  /** Makes everything in an empty directory, or nothing. */
  void makeIn(Path root, TimeSource time, SecureRandom random) {
    String yaml = HubYaml.text(name, grpc, http, san);
    HubSettings settings = HubSettings.of(YamlDocument.parse("hub.yaml", yaml));
    DataDirectory.create(root, directory -> fill(directory, settings, yaml, time, random));
  }

  private static void fill(
      DataDirectory directory,
      HubSettings settings,
      String yaml,
      TimeSource time,
      SecureRandom random) {
    CertificateAuthority authority = CertificateAuthority.create(settings.name(), time, random);
    directory.write(
        directory.authority(), Pem.of(authority.own().key()) + Pem.of(authority.certificate()));
    new HubIdentity(authority, directory, settings, time, random); // makes the hub's own
    KeyPair adminKey = CertificateAuthority.newKey(random);
    IssuedCertificate admin =
        authority.issue(
            new CertifiedName.OfAdmin(FIRST_ADMIN), adminKey.getPublic(), ADMIN_LIFETIME);
    try (TopologyDatabase database = TopologyDatabase.open(directory.topology())) {
      new SqliteCertificates(database, time).add(admin);
    }
    HostPort address = settings.grpc().reachedAt(settings.grpc().listen().port());
    directory.write(
        directory.adminProfile(),
        new AdminProfile(
                address,
                Pem.of(authority.certificate()),
                Pem.of(admin.certificate()),
                Pem.of(adminKey.getPrivate()))
            .text());
    directory.write(directory.settings(), yaml);
  }
}
