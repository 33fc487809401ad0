package io.spokewire.hub.topology.certificate;

/**
 * Remembers which certificates open the hub. A certificate of the authority that is not remembered
 * opens nothing: it was issued to a former bearer of the name. Durable at the return; safe from any
 * thread.
 */
public interface IssuedCertificates {
  /** Remembers one. */
  void add(IssuedCertificate certificate);

  /**
   * Remembers a spoke's next one beside the present, which stays good until it expires: the agent
   * may yet fail to keep the new one.
   *
   * @throws io.spokewire.common.fault.Fault REFUSED if the spoke was removed meanwhile
   */
  void renew(IssuedCertificate certificate);

  /** Whether this serial number was issued to this name and neither removed nor replaced. */
  boolean opens(String serial, CertifiedName name);
}
