package io.spokewire.hub.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.hub.fanout.SpokeCursor.State;
import io.spokewire.hub.fanout.SpokeCursor.Window;
import org.junit.jupiter.api.Test;

class SpokeCursorTest {
  private final SpokeCursor cursor = new SpokeCursor(10, new Window(3, 1_000));

  @Test
  void oneBatchGoesOutUntilTheSpokeHasShownThatItApplies() {
    cursor.sent(11, 11, 1, 10, 5);
    assertThat(cursor.maySend()).isFalse();

    assertThat(cursor.applied(11)).isTrue();

    assertThat(cursor.state()).isEqualTo(State.REPLICATE);
    assertThat(cursor.maySend()).isTrue();
  }

  @Test
  void theWindowClosesByEntriesAndByBytes() {
    replicate();
    cursor.sent(14, 14, 3, 10, 5);
    assertThat(cursor.maySend()).isFalse();
    assertThat(cursor.applied(14)).isTrue();

    cursor.sent(15, 15, 1, 1_000, 5);
    assertThat(cursor.maySend()).isFalse();
  }

  @Test
  void positionsThatHoldNothingNeedNoWindow() {
    replicate();
    cursor.sent(500, 0, 0, 0, 0);

    assertThat(cursor.maySend()).isTrue();
    assertThat(cursor.isIdle()).isTrue();
    assertThat(cursor.next()).isEqualTo(501);
  }

  @Test
  void afterAPauseItGoesOnFromWhatIsDurable() {
    replicate();
    cursor.sent(14, 14, 2, 10, 5);
    cursor.pause();
    assertThat(cursor.maySend()).isFalse();
    cursor.applied(13);
    cursor.resume();

    assertThat(cursor.next()).isEqualTo(14);
    assertThat(cursor.state()).isEqualTo(State.PROBE);
  }

  private void replicate() {
    cursor.sent(11, 11, 1, 10, 5);
    cursor.applied(11);
  }
}
