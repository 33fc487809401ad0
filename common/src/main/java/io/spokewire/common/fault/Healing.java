package io.spokewire.common.fault;

/** Whether trying again can help. */
public enum Healing {
  /** The same call may succeed later without anybody doing anything (network, lock, disk full). */
  BY_ITSELF,
  /** Somebody must act: fix a setting, grant a right, decide. */
  BY_OPERATOR
}
