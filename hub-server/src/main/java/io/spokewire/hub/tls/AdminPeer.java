package io.spokewire.hub.tls;

import io.grpc.Context;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;

/** The administrator whose certificate opened the present call. */
public record AdminPeer(String name) {
  /** Set for every call of the admin service. */
  public static final Context.Key<AdminPeer> KEY = Context.key("spokewire-admin");

  /**
   * Who makes the present call.
   *
   * @throws Fault REFUSED outside a call that an administrator's certificate opened
   */
  public static AdminPeer current() {
    AdminPeer peer = KEY.get();
    if (peer == null) {
      throw Fault.of(FaultKind.REFUSED, "administer", "no administrator's certificate was shown")
          .hint("use the admin.yaml that `hub-server init` made")
          .build();
    }
    return peer;
  }
}
