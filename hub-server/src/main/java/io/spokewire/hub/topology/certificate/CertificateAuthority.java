package io.spokewire.hub.topology.certificate;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The hub's certificate authority: EC P-256, good for ten years, signs leaves only. Every name in a
 * leaf is the hub's choice. Immutable; safe from any thread. Holds the private key in memory.
 */
public final class CertificateAuthority {
  private static final Duration LIFE = Duration.ofDays(3650);

  /** Leaves begin this long in the past, for clocks that go behind; less for very short leaves. */
  private static final Duration BACKDATED = Duration.ofMinutes(5);

  private static final int SERIAL_BITS = 127;
  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

  private final String hubName;
  private final KeyWithCertificate own;
  private final TimeSource time;
  private final SecureRandom random;

  private CertificateAuthority(
      String hubName, KeyWithCertificate own, TimeSource time, SecureRandom random) {
    this.hubName = hubName;
    this.own = own;
    this.time = time;
    this.random = random;
  }

  /** Makes a new authority. */
  public static CertificateAuthority create(String hubName, TimeSource time, SecureRandom random) {
    KeyPair pair = newKey(random);
    X500Principal name = subject(hubName);
    Instant now = time.instant();
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              new BigInteger(SERIAL_BITS, random),
              Date.from(now.minus(BACKDATED)),
              Date.from(now.plus(LIFE)),
              name,
              pair.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          extensions.createSubjectKeyIdentifier(pair.getPublic()));
      X509Certificate certificate = sign(builder, pair.getPrivate());
      return new CertificateAuthority(
          hubName, new KeyWithCertificate(pair.getPrivate(), certificate), time, random);
    } catch (CertIOException | GeneralSecurityException e) {
      throw failed(e);
    }
  }

  /** An authority that was made before. */
  public static CertificateAuthority of(
      String hubName, KeyWithCertificate own, TimeSource time, SecureRandom random) {
    return new CertificateAuthority(hubName, own, time, random);
  }

  /** A new key for a leaf: EC P-256. */
  public static KeyPair newKey(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has EC P-256", e);
    }
  }

  /** Whether the authority was made for a hub of this name. */
  public boolean isNamedFor(String name) {
    return own.certificate().getSubjectX500Principal().equals(subject(name));
  }

  public String hubName() {
    return hubName;
  }

  public X509Certificate certificate() {
    return own.certificate();
  }

  /** The key with its certificate, to be kept on disk. */
  public KeyWithCertificate own() {
    return own;
  }

  public byte[] der() {
    return new IssuedCertificate(new CertifiedName.OfHub(hubName), own.certificate()).der();
  }

  /** SHA-256 of the SubjectPublicKeyInfo: what a join token carries. */
  public Bytes pin() {
    try {
      return Bytes.wrap(
          MessageDigest.getInstance("SHA-256")
              .digest(own.certificate().getPublicKey().getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  /** A leaf for an agent or an administrator: good as a client only. */
  public IssuedCertificate issue(CertifiedName name, PublicKey key, Duration life) {
    return issue(name, key, life, KeyPurposeId.id_kp_clientAuth, List.of());
  }

  /**
   * A leaf for the hub itself: good as a server only.
   *
   * @param hosts names and addresses under which it is reached
   */
  public IssuedCertificate issueForHub(PublicKey key, Duration life, Collection<String> hosts) {
    return issue(
        new CertifiedName.OfHub(hubName),
        key,
        life,
        KeyPurposeId.id_kp_serverAuth,
        hosts.stream().distinct().map(CertificateAuthority::hostName).toList());
  }

  private IssuedCertificate issue(
      CertifiedName name,
      PublicKey key,
      Duration life,
      KeyPurposeId purpose,
      List<GeneralName> hosts) {
    Instant now = time.instant();
    Instant until = now.plus(life);
    if (until.isAfter(own.certificate().getNotAfter().toInstant())) {
      until = own.certificate().getNotAfter().toInstant();
    }
    Duration tenth = life.dividedBy(10);
    Duration back = tenth.compareTo(BACKDATED) < 0 ? tenth : BACKDATED;
    List<GeneralName> names = new ArrayList<>();
    names.add(new GeneralName(GeneralName.uniformResourceIdentifier, name.uri(hubName)));
    names.addAll(hosts);
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              own.certificate(),
              new BigInteger(SERIAL_BITS, random),
              Date.from(now.minus(back)),
              Date.from(until),
              new X500Principal("CN=" + name.label()),
              key);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(names.toArray(GeneralName[]::new)));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          extensions.createAuthorityKeyIdentifier(own.certificate().getPublicKey()));
      return new IssuedCertificate(name, sign(builder, own.key()));
    } catch (CertIOException | GeneralSecurityException e) {
      throw failed(e);
    }
  }

  private static X500Principal subject(String hubName) {
    return new X500Principal("CN=Spokewire CA " + hubName);
  }

  private static GeneralName hostName(String host) {
    boolean address = ADDRESS.matcher(host).matches();
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host);
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static Fault failed(Exception cause) {
    return Fault.of(FaultKind.INTERNAL, "make certificate", String.valueOf(cause.getMessage()))
        .causedBy(cause);
  }
}
