package io.spokewire.hub.admin;

/** Tells who is calling. Asked on the thread of the call, before anything is done for it. */
public interface AdminAccess {
  /**
   * The administrator who makes the present call, for the log.
   *
   * @throws io.spokewire.common.fault.Fault of kind REFUSED if the peer's certificate is not an
   *     administrator's
   */
  String caller();
}
