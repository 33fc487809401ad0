package io.spokewire.simulation;

import java.util.Locale;

/** Something that a world may have beyond the plain one. */
enum Feature {
  /**
   * One site is cut off from the first moment of faults to their last, and comes back with all that
   * its users did meanwhile.
   */
  AWAY(8),

  /** Sites keep their own pending writes. */
  PROTECTS(4),

  /** Columns belong together, of which users write one alone. */
  GROUPS(6),

  /** One spoke only receives. */
  READER(8),

  /**
   * Databases are put back from backups, none of which holds changes set aside or values kept off.
   * Not where columns belong together: there outcomes do not come out the same again yet.
   */
  RESTORED(8),

  /**
   * One spoke only sends. It sees nothing of the others, so it leaves alone what can't come out
   * right then: no row is deleted in its world, it changes no sum in the others' rows and no row
   * whose lineage is theirs. Not where columns belong together, since nobody knows what its site
   * held beside one, nor where pending writes are protected, since nobody knows what it replaces.
   */
  SENDER(8),

  /**
   * One column waits for a person, who decides now and then, or takes back what was decided. Not
   * where columns belong together or pending writes are protected: what the hub writes does not say
   * what it replaces.
   */
  MANUAL(8),

  /**
   * Users give rows new keys, and swap those of two. Not where pending writes are protected or
   * columns belong together: what the hub deletes itself it may not know. Nor where one spoke only
   * sends: there no row is deleted, and one with a new key is missing under the old one.
   */
  KEYS(8);

  private final int odds;

  Feature(int odds) {
    this.odds = odds;
  }

  /** One world in so many has it. */
  int odds() {
    return odds;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
