package io.spokewire.hub.topology.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.FakeTime;
import io.spokewire.hub.TestKeys;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;

final class CertificateAuthorityTest {
  private static final CertifiedName PORTO = new CertifiedName.OfSpoke(new SpokeId("porto"));

  private final FakeTime time = new FakeTime();
  private final CertificateAuthority authority =
      CertificateAuthority.create("hub", time, new SecureRandom());

  @Test
  void aLeafIsSignedAndNamedByTheHub() throws Exception {
    KeyPair pair = TestKeys.key();
    byte[] request = TestKeys.request(pair, "CN=lisbon, O=administrators");

    X509Certificate leaf =
        authority.issue(PORTO, CertificateAsk.keyOf(request), Duration.ofDays(30)).certificate();

    leaf.verify(authority.certificate().getPublicKey());
    assertThat(leaf.getPublicKey()).isEqualTo(pair.getPublic());
    assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("CN=porto");
    assertThat(leaf.getSubjectAlternativeNames())
        .containsExactly(List.of(6, "spokewire://hub/spoke/porto"));
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    assertThat(CertifiedName.of(leaf, "hub")).contains(PORTO);
    assertThat(CertifiedName.of(leaf, "another")).isEmpty();
    assertThat(leaf.getSerialNumber())
        .isNotEqualTo(
            authority
                .issue(PORTO, pair.getPublic(), Duration.ofDays(30))
                .certificate()
                .getSerialNumber());
  }

  @Test
  void aRequestWithAWrongSignatureOrAWeakKeyIsRefused() throws Exception {
    KeyPair pair = TestKeys.key();
    byte[] forged =
        new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=x"), pair.getPublic())
            .build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(TestKeys.key().getPrivate()))
            .getEncoded();
    KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
    rsa.initialize(1024);
    KeyPair weak = rsa.generateKeyPair();
    byte[] weakRequest =
        new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=x"), weak.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withRSA").build(weak.getPrivate()))
            .getEncoded();

    assertThatThrownBy(() -> CertificateAsk.keyOf(forged))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("signature is wrong");
    assertThatThrownBy(() -> CertificateAsk.keyOf(weakRequest))
        .hasMessageContaining("not an elliptic curve key");
    assertThatThrownBy(() -> CertificateAsk.keyOf(new byte[] {1, 2, 3}))
        .hasMessageContaining("can't be read");
  }

  @Test
  void aLeafOfSecondsIsDueForRenewalAfterTwoThirds() {
    IssuedCertificate leaf =
        authority.issue(PORTO, TestKeys.key().getPublic(), Duration.ofSeconds(30));

    assertThat(leaf.renewAfter())
        .isBetween(time.instant().plusSeconds(15), time.instant().plusSeconds(21));
    assertThat(leaf.notAfter()).isBefore(time.instant().plusSeconds(31));
  }

  @Test
  void keysAndCertificatesSurviveTheirTextForm() throws Exception {
    String text = Pem.of(authority.own().key()) + Pem.of(authority.certificate());

    assertThat(Pem.key(text, "x")).isEqualTo(authority.own().key());
    assertThat(Pem.certificate(text, "x")).isEqualTo(authority.certificate());
    assertThat(authority.pin().toByteArray())
        .isEqualTo(
            MessageDigest.getInstance("SHA-256")
                .digest(Pem.certificate(text, "x").getPublicKey().getEncoded()));
    assertThatThrownBy(() -> Pem.key(Pem.of(authority.certificate()), "ca.pem"))
        .hasMessageContaining("ca.pem: there is no PRIVATE KEY in it");
  }

  @Test
  void theHubsOwnLeafNamesEveryHost() throws Exception {
    X509Certificate leaf =
        authority
            .issueForHub(
                TestKeys.key().getPublic(),
                Duration.ofDays(30),
                List.of("hub.example.org", "10.0.0.1", "::1"))
            .certificate();

    assertThat(leaf.getSubjectAlternativeNames())
        .contains(List.of(2, "hub.example.org"), List.of(7, "10.0.0.1"));
    assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
  }
}
