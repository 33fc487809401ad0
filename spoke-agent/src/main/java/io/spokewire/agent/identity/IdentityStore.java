package io.spokewire.agent.identity;

import io.spokewire.agent.settings.DurableFile;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SpokeId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Comparator;

/**
 * The identity on disk: a directory with {@code key.pem}, {@code cert.pem} and {@code ca.pem}.
 *
 * <p>The three are replaced together: a complete new directory is made beside the old one, forced
 * to disk, named {@code identity.next}, and then swapped in; a crash in between is finished by the
 * next {@link #load()}. So the old identity works until the new one is durable. Safe from any
 * thread.
 */
public final class IdentityStore {
  private final Path directory;
  private final Path draft;
  private final Path next;
  private final Path old;
  private final Path asked;

  /** The identity in {@code directory}, which need not exist yet. */
  public IdentityStore(Path directory) {
    this.directory = directory;
    this.draft = directory.resolveSibling(directory.getFileName() + ".draft");
    this.next = directory.resolveSibling(directory.getFileName() + ".next");
    this.old = directory.resolveSibling(directory.getFileName() + ".old");
    this.asked = directory.resolveSibling(directory.getFileName() + ".asked");
  }

  public synchronized boolean exists() {
    return Files.isDirectory(directory) || Files.isDirectory(next);
  }

  /**
   * Reads it, finishing a replacement that a crash had cut short.
   *
   * @throws Fault USAGE if it is not there or damaged
   */
  public synchronized AgentIdentity load() {
    try {
      if (Files.isDirectory(next)) {
        swapIn();
      }
      AgentIdentity identity =
          new AgentIdentity(
              key(Files.readString(directory.resolve("key.pem"))),
              certificate(Files.readAllBytes(directory.resolve("cert.pem"))),
              certificate(Files.readAllBytes(directory.resolve("ca.pem"))));
      identity.certificate().verify(identity.authority().getPublicKey());
      return identity;
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw Fault.of(FaultKind.USAGE, "read identity", "key or certificate can't be read: " + e)
          .at(directory)
          .hint(
              "restore it from a backup; without one it takes syncadm topology remove-spoke and"
                  + " add-spoke, and join into a new data directory")
          .causedBy(e);
    }
  }

  /** Whether a first certificate was asked for, and its answer may have been lost. */
  public synchronized boolean hasAsked() {
    return Files.exists(asked);
  }

  /**
   * What to ask a first certificate with: over the key of an earlier attempt, or over a new one,
   * durable on return. The hub answers one that has the same key again.
   */
  public synchronized CertificateAsk ask(SpokeId spoke, SecureRandom random) {
    try {
      if (Files.exists(asked)) {
        String[] parts = Files.readString(asked).split("(?=-----BEGIN PUBLIC)");
        return CertificateAsk.over(new KeyPair(publicKey(parts[1]), key(parts[0])), spoke);
      }
      CertificateAsk made = CertificateAsk.make(spoke, random);
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.write(pem("PRIVATE KEY", made.key().getEncoded()));
      both.write(pem("PUBLIC KEY", made.publicKey().getEncoded()));
      DurableFile.write(asked, both.toByteArray());
      return made;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      if (e instanceof Fault fault) {
        throw fault;
      }
      throw Fault.of(
              FaultKind.USAGE, "read identity", "the key of an earlier join is damaged: " + e)
          .at(asked)
          .hint("delete the file; if the token was used, remove the spoke and add it again")
          .causedBy(e);
    }
  }

  /** Forgets the key of an attempt that the hub refused. */
  public synchronized void forgetAsk() {
    try {
      Files.deleteIfExists(asked);
    } catch (IOException e) {
      throw DurableFile.failed("delete", asked, e);
    }
  }

  /** Replaces it; durable on return. */
  public synchronized void save(AgentIdentity identity) {
    try {
      deleteTree(draft);
      Files.createDirectory(
          draft,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      DurableFile.write(draft.resolve("key.pem"), pem("PRIVATE KEY", identity.key().getEncoded()));
      DurableFile.write(
          draft.resolve("cert.pem"), pem("CERTIFICATE", identity.certificate().getEncoded()));
      DurableFile.write(
          draft.resolve("ca.pem"), pem("CERTIFICATE", identity.authority().getEncoded()));
      deleteTree(next);
      Files.move(draft, next, StandardCopyOption.ATOMIC_MOVE);
      DurableFile.syncDirectory(DurableFile.directoryOf(directory));
      swapIn();
      Files.deleteIfExists(asked);
    } catch (IOException e) {
      throw DurableFile.failed("replace", directory, e);
    } catch (CertificateException e) {
      throw new IllegalArgumentException("a certificate without an encoding", e);
    }
  }

  private void swapIn() throws IOException {
    deleteTree(old);
    if (Files.isDirectory(directory)) {
      Files.move(directory, old, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(next, directory, StandardCopyOption.ATOMIC_MOVE);
    DurableFile.syncDirectory(DurableFile.directoryOf(directory));
    deleteTree(old);
  }

  /**
   * An issued certificate with the key it was asked for.
   *
   * @param certificate DER
   * @param authority DER
   * @throws Fault REFUSED if they do not fit each other
   */
  public static AgentIdentity issued(CertificateAsk ask, Bytes certificate, Bytes authority) {
    try {
      X509Certificate leaf = certificate(certificate.toByteArray());
      X509Certificate ca = certificate(authority.toByteArray());
      PublicKey theirs = leaf.getPublicKey();
      if (!theirs.equals(ask.publicKey())) {
        throw misfit("it is not over the key that was asked for", null);
      }
      leaf.verify(ca.getPublicKey());
      return new AgentIdentity(ask.key(), leaf, ca);
    } catch (GeneralSecurityException e) {
      throw misfit(String.valueOf(e.getMessage()), e);
    }
  }

  private static Fault misfit(String reason, @org.jspecify.annotations.Nullable Exception cause) {
    return Fault.of(FaultKind.REFUSED, "take certificate", reason)
        .hint("the hub issued a certificate that can't be used; look at its log")
        .causedBy(cause);
  }

  private static X509Certificate certificate(byte[] encoded) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(encoded));
  }

  private static PrivateKey key(String pem) throws GeneralSecurityException {
    String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  private static PublicKey publicKey(String pem) throws GeneralSecurityException {
    String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    return KeyFactory.getInstance("EC")
        .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  private static byte[] pem(String kind, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return ("-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static void deleteTree(Path tree) throws IOException {
    if (Files.exists(tree)) {
      try (var walk = Files.walk(tree)) {
        for (Path each : walk.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }
}
