package io.spokewire.agent.preflight;

import java.util.List;

/**
 * Looks at a site's database and says what is missing. Changes nothing.
 *
 * <p>Errors: {@link io.spokewire.common.fault.Fault} if the database can't be asked at all.
 */
public interface Preflight {
  /** All findings, errors first, then warnings, then what is in order. */
  List<Finding> check();

  /** Only what may lose changes though all seems well; asked at each start. */
  List<Finding> weaknesses();
}
