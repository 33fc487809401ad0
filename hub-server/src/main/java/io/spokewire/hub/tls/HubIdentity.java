package io.spokewire.hub.tls;

import io.grpc.util.AdvancedTlsX509KeyManager;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.lifecycle.WorkLoop;
import io.spokewire.hub.settings.DataDirectory;
import io.spokewire.hub.settings.HubSettings;
import io.spokewire.hub.topology.certificate.CertificateAuthority;
import io.spokewire.hub.topology.certificate.CertifiedName;
import io.spokewire.hub.topology.certificate.IssuedCertificate;
import io.spokewire.hub.topology.certificate.KeyWithCertificate;
import io.spokewire.hub.topology.certificate.Pem;
import java.nio.file.Files;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hub's own key and certificate, kept on disk and renewed, with a new key, while the hub runs:
 * as a loop that looks whether two thirds of its life are over. New connections see the new one;
 * open ones go on. The first certificate is ready when the constructor returns.
 */
public final class HubIdentity implements WorkLoop {
  private static final Logger LOG = LoggerFactory.getLogger("io.spokewire.security");

  private final CertificateAuthority authority;
  private final DataDirectory directory;
  private final HubSettings settings;
  private final TimeSource time;
  private final SecureRandom random;
  private final AdvancedTlsX509KeyManager keyManager = new AdvancedTlsX509KeyManager();
  private IssuedCertificate present;

  public HubIdentity(
      CertificateAuthority authority,
      DataDirectory directory,
      HubSettings settings,
      TimeSource time,
      SecureRandom random) {
    this.authority = authority;
    this.directory = directory;
    this.settings = settings;
    this.time = time;
    this.random = random;
    KeyWithCertificate kept = Files.exists(directory.hubCertificate()) ? read() : make();
    this.present = named(kept.certificate());
    use(kept);
    if (isDue() || outlivesSetting() || !coversHosts(kept.certificate())) {
      renew();
    }
  }

  /** Gives TLS the certificate of the moment. */
  public AdvancedTlsX509KeyManager keyManager() {
    return keyManager;
  }

  @Override
  public String name() {
    return "hub-certificate";
  }

  @Override
  public int doWork() {
    if (!isDue()) {
      return 0;
    }
    renew();
    return 1;
  }

  private boolean isDue() {
    return !time.instant().isBefore(present.renewAfter());
  }

  /** True after the setting was made shorter; a second of rounding aside. */
  private boolean outlivesSetting() {
    Instant longest = time.instant().plus(settings.certificates().leafLifetime()).plusSeconds(1);
    return present.notAfter().isAfter(longest);
  }

  private void renew() {
    KeyWithCertificate next = make();
    present = named(next.certificate());
    use(next);
    LOG.info("hub certificate renewed: serial={} until={}", present.serial(), present.notAfter());
  }

  private void use(KeyWithCertificate identity) {
    keyManager.updateIdentityCredentials(
        new X509Certificate[] {identity.certificate(), authority.certificate()}, identity.key());
  }

  /** On disk before it is used. */
  private KeyWithCertificate make() {
    KeyPair pair = CertificateAuthority.newKey(random);
    IssuedCertificate issued =
        authority.issueForHub(
            pair.getPublic(),
            settings.certificates().leafLifetime(),
            settings.grpc().certifiedHosts());
    directory.write(
        directory.hubCertificate(), Pem.of(pair.getPrivate()) + Pem.of(issued.certificate()));
    return new KeyWithCertificate(pair.getPrivate(), issued.certificate());
  }

  private KeyWithCertificate read() {
    String text = directory.read(directory.hubCertificate());
    return new KeyWithCertificate(
        Pem.key(text, directory.hubCertificate()),
        Pem.certificate(text, directory.hubCertificate()));
  }

  private IssuedCertificate named(X509Certificate certificate) {
    return new IssuedCertificate(new CertifiedName.OfHub(settings.name()), certificate);
  }

  /** False after a change of the names in hub.yaml. */
  private boolean coversHosts(X509Certificate certificate) {
    try {
      Set<String> names = new HashSet<>();
      if (certificate.getSubjectAlternativeNames() != null) {
        for (List<?> name : certificate.getSubjectAlternativeNames()) {
          names.add(String.valueOf(name.get(1)));
        }
      }
      names.add("::1"); // the certificate spells it out
      return names.containsAll(settings.grpc().certifiedHosts());
    } catch (CertificateParsingException e) {
      return false;
    }
  }
}
