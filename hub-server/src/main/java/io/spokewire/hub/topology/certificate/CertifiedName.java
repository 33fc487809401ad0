package io.spokewire.hub.topology.certificate;

import io.spokewire.common.id.SpokeId;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whom a certificate stands for. It is written as a URI among the subject's alternative names,
 * {@code spokewire://<hub>/<kind>/<label>}, because a common name has no agreed meaning.
 */
public sealed interface CertifiedName {
  /** An agent. */
  record OfSpoke(SpokeId spoke) implements CertifiedName {
    @Override
    public String kind() {
      return "spoke";
    }

    @Override
    public String label() {
      return spoke.name();
    }
  }

  /** Somebody who may administer the hub. */
  record OfAdmin(String label) implements CertifiedName {
    public OfAdmin {
      if (!Uri.LABEL.matcher(label).matches()) {
        throw new IllegalArgumentException(
            "administrator '" + label + "': use a lower-case letter, then letters, digits, - or _");
      }
    }

    @Override
    public String kind() {
      return "admin";
    }
  }

  /** The hub itself. */
  record OfHub(String label) implements CertifiedName {
    @Override
    public String kind() {
      return "hub";
    }
  }

  String kind();

  /** The name within its kind; the certificate's common name. */
  String label();

  /** The URI under which the named hub certifies it. */
  default String uri(String hubName) {
    return "spokewire://" + hubName + "/" + kind() + "/" + label();
  }

  /** Whom a certificate of the named hub stands for; empty if for nobody of this hub. */
  static Optional<CertifiedName> of(X509Certificate certificate, String hubName) {
    Collection<List<?>> names;
    try {
      names = certificate.getSubjectAlternativeNames();
    } catch (CertificateParsingException e) {
      return Optional.empty();
    }
    if (names == null) {
      return Optional.empty();
    }
    for (List<?> name : names) {
      if (name.get(0) instanceof Integer type
          && type == Uri.GENERAL_NAME_TYPE
          && name.get(1) instanceof String uri) {
        Optional<CertifiedName> found = Uri.parse(uri, hubName);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** The URI's grammar. */
  final class Uri {
    private static final int GENERAL_NAME_TYPE = 6;
    private static final Pattern LABEL = Pattern.compile("[a-z][a-z0-9_-]{0,39}");
    private static final Pattern FORM =
        Pattern.compile("spokewire://([a-z][a-z0-9-]{0,39})/(spoke|admin|hub)/(" + LABEL + ")");

    private Uri() {}

    private static Optional<CertifiedName> parse(String uri, String hubName) {
      Matcher matcher = FORM.matcher(uri);
      if (!matcher.matches() || !matcher.group(1).equals(hubName)) {
        return Optional.empty();
      }
      String label = matcher.group(3);
      return Optional.of(
          switch (matcher.group(2)) {
            case "spoke" -> new OfSpoke(new SpokeId(label));
            case "admin" -> new OfAdmin(label);
            default -> new OfHub(label);
          });
    }
  }
}
