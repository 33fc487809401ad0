package io.spokewire.hub.pipeline;

import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.observe.FlowMeter;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts what goes wrong at spokes, once each: rows that were set aside, batches that were refused,
 * faults that an agent reports. Which table it is about is not told to the hub. Owned by the
 * sequencing loop.
 */
final class SpokeErrors {
  private static final TableName ANY = new TableName("*");

  private final FlowMeter meter;
  private final Map<SpokeId, Long> parked = new HashMap<>();
  private final Map<SpokeId, String> faults = new HashMap<>();

  SpokeErrors(FlowMeter meter) {
    this.meter = meter;
  }

  /**
   * So many rows are set aside at the spoke.
   *
   * @param isFirst whether it has reported nothing ever before; else what is set aside when the hub
   *     first hears of it was counted before the hub started
   */
  void parked(SpokeId spoke, long now, boolean isFirst) {
    Long before = parked.put(spoke, now);
    long since = before == null ? (isFirst ? 0 : now) : before;
    if (now > since) {
      meter.errors(ANY, "parked", now - since);
    }
  }

  /** A batch can't be taken. */
  void refused(String code) {
    meter.errors(ANY, "refused_" + code, 1);
  }

  /**
   * An agent says how it is.
   *
   * @param fault empty when all is well
   */
  void condition(SpokeId spoke, String stage, String fault) {
    if (fault.isEmpty()) {
      faults.remove(spoke);
    } else if (!fault.equals(faults.put(spoke, fault))) {
      meter.errors(ANY, stage + "_fault", 1);
    }
  }

  void forget(SpokeId spoke) {
    parked.remove(spoke);
    faults.remove(spoke);
  }
}
