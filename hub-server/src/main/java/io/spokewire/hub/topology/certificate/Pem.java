package io.spokewire.hub.topology.certificate;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys and certificates as text (RFC 7468). Pure. */
public final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

  private Pem() {}

  public static String of(X509Certificate certificate) {
    try {
      return block("CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a parsed certificate has an encoding", e);
    }
  }

  /** PKCS#8, unencrypted. */
  public static String of(PrivateKey key) {
    return block("PRIVATE KEY", key.getEncoded());
  }

  /** The first certificate in a text. */
  public static X509Certificate certificate(String text, Object place) {
    return certificate(find(text, "CERTIFICATE", place), place);
  }

  /** A certificate from DER. */
  public static X509Certificate certificate(byte[] der, Object place) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (GeneralSecurityException e) {
      throw unreadable("certificate", place, e);
    }
  }

  /** The first elliptic curve key in a text. */
  public static PrivateKey key(String text, Object place) {
    try {
      return KeyFactory.getInstance("EC")
          .generatePrivate(new PKCS8EncodedKeySpec(find(text, "PRIVATE KEY", place)));
    } catch (GeneralSecurityException e) {
      throw unreadable("private key", place, e);
    }
  }

  private static String block(String type, byte[] der) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }

  private static byte[] find(String text, String type, Object place) {
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      if (matcher.group(1).equals(type)) {
        return Base64.getMimeDecoder().decode(matcher.group(2));
      }
    }
    throw Fault.of(FaultKind.USAGE, "read PEM", "there is no " + type + " in it").at(place).build();
  }

  private static Fault unreadable(String what, Object place, Exception cause) {
    return Fault.of(FaultKind.USAGE, "read PEM", "the " + what + " can't be read")
        .at(place)
        .hint("restore the file from a backup")
        .causedBy(cause);
  }
}
