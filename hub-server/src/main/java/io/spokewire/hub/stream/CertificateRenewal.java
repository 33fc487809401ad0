package io.spokewire.hub.stream;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.SpokeId;

/** Makes a new certificate for an agent that proved who it is with the old one. Any thread. */
public interface CertificateRenewal {
  /**
   * @param request PKCS#10, DER; only its key counts
   * @throws io.spokewire.common.fault.Fault if the request is not one or the spoke may have none
   */
  Renewed renew(SpokeId spoke, Bytes request);

  /**
   * @param certificate the agent's leaf, DER
   * @param authority the hub's CA, DER
   */
  record Renewed(Bytes certificate, Bytes authority) {}
}
