package io.spokewire.hub;

import io.spokewire.hub.topology.certificate.CertificateAuthority;
import java.security.KeyPair;
import java.security.SecureRandom;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Keys and requests as agents make them. */
public final class TestKeys {
  private TestKeys() {}

  public static KeyPair key() {
    return CertificateAuthority.newKey(new SecureRandom());
  }

  public static byte[] request(KeyPair pair, String subject) {
    try {
      return new JcaPKCS10CertificationRequestBuilder(new X500Principal(subject), pair.getPublic())
          .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
          .getEncoded();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
