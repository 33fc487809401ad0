package io.spokewire.agent.identity;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.SpokeId;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A new key of ours (EC P-256) and the PKCS#10 request for a certificate over it. The key never
 * leaves this machine.
 *
 * @param request DER
 */
public record CertificateAsk(PrivateKey key, PublicKey publicKey, Bytes request) {
  /** Makes a key and a request. The name in it is for people: the hub sets its own. */
  public static CertificateAsk make(SpokeId spoke, SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      return over(generator.generateKeyPair(), spoke);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has EC P-256", e);
    }
  }

  /** A request over a key that was made before. */
  static CertificateAsk over(KeyPair pair, SpokeId spoke) {
    try {
      byte[] request =
          new JcaPKCS10CertificationRequestBuilder(
                  new X500Principal("CN=" + spoke.name()), pair.getPublic())
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
              .getEncoded();
      return new CertificateAsk(pair.getPrivate(), pair.getPublic(), Bytes.wrap(request));
    } catch (OperatorCreationException | IOException e) {
      throw new IllegalStateException("every Java runtime has EC P-256 and SHA-256", e);
    }
  }

  /** Hides the key. */
  @Override
  public String toString() {
    return "certificate request";
  }
}
