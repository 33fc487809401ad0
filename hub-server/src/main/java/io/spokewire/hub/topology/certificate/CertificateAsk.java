package io.spokewire.hub.topology.certificate;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;

/** Reads PKCS#10 requests. Only the key counts; whoever asks does not get to choose a name. */
public final class CertificateAsk {
  private static final int CURVE_BITS = 256;
  private static final int LONGEST = 16 * 1024;

  private CertificateAsk() {}

  /**
   * The key of a request whose sender proved to hold its private half.
   *
   * @param der PKCS#10
   * @throws Fault REFUSED if it is no request, its signature is wrong, or the key is not an
   *     elliptic curve key of 256 bits or more
   */
  public static PublicKey keyOf(byte[] der) {
    try {
      if (der.length > LONGEST) {
        throw refused("it is too long", null);
      }
      JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der);
      PublicKey key = request.getPublicKey();
      if (!(key instanceof ECPublicKey ec)
          || ec.getParams().getCurve().getField().getFieldSize() < CURVE_BITS) {
        throw refused("its key is not an elliptic curve key of 256 bits or more", null);
      }
      if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw refused("its signature is wrong", null);
      }
      return key;
    } catch (IOException
        | GeneralSecurityException
        | OperatorCreationException
        | PKCSException
        | IllegalArgumentException e) {
      throw refused("it can't be read", e);
    }
  }

  private static Fault refused(String reason, @Nullable Exception cause) {
    return Fault.of(FaultKind.REFUSED, "certificate request", reason)
        .hint("the agent makes it: use an agent of this hub's version")
        .causedBy(cause);
  }
}
