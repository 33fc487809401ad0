package io.spokewire.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * One direction of a call: messages arrive late, in order, and are handed over as the receiver asks
 * for them. The end of the stream comes after all of them.
 */
final class HalfStream<T> {
  private static final int READY_BYTES = 64 << 10;

  private final World world;
  private final ToIntFunction<T> size;
  private final Consumer<T> receiver;
  private final Deque<T> held = new ArrayDeque<>(); // by a partition
  private final Deque<T> arrived = new ArrayDeque<>();
  private long lastArrival;
  private long heldUntil;
  private long bytes; // sent and not handed over
  private int asked;
  private int underWay;
  private Runnable end; // once everything was handed over
  private Runnable onReady = () -> {};
  private boolean wasFull;
  private boolean broken;
  private boolean handing;

  HalfStream(World world, ToIntFunction<T> size, Consumer<T> receiver) {
    this.world = world;
    this.size = size;
    this.receiver = receiver;
  }

  void onReady(Runnable told) {
    onReady = told;
  }

  boolean isReady() {
    boolean ready = bytes < READY_BYTES;
    wasFull |= !ready;
    return ready;
  }

  void send(T message) {
    if (broken || end != null) {
      return;
    }
    bytes += size.applyAsInt(message);
    underWay++;
    lastArrival = Math.max(lastArrival, world.schedule.now() + world.network.latency());
    world.schedule.at(lastArrival, () -> arrive(message));
  }

  /** Nothing arrives before this moment: what is under way waits, in order. */
  void hold(long untilMicros) {
    heldUntil = Math.max(heldUntil, untilMicros);
    world.schedule.at(untilMicros, this::letThrough);
  }

  void release() {
    heldUntil = 0;
    letThrough();
  }

  private void letThrough() {
    if (world.schedule.now() >= heldUntil && !broken) {
      arrived.addAll(held);
      underWay -= held.size();
      held.clear();
      handOver();
    }
  }

  private void arrive(T message) {
    if (broken) {
      return;
    }
    held.add(message);
    letThrough();
  }

  void request(int messages) {
    asked += messages;
    world.schedule.after(0, this::handOver);
  }

  /** The sender is done. */
  void end(Runnable told) {
    if (!broken && end == null) {
      end = told;
      world.schedule.after(world.network.latency(), this::handOver);
    }
  }

  void breakOff() {
    broken = true;
    held.clear();
    arrived.clear();
  }

  private void handOver() {
    if (handing) {
      return;
    }
    handing = true;
    try {
      while (!broken && asked > 0 && !arrived.isEmpty()) {
        T message = arrived.remove();
        asked--;
        bytes -= size.applyAsInt(message);
        receiver.accept(message);
      }
    } finally {
      handing = false;
    }
    if (broken) {
      return;
    }
    if (wasFull && bytes < READY_BYTES / 2) {
      wasFull = false;
      onReady.run();
    }
    if (end != null && underWay == 0 && arrived.isEmpty()) {
      Runnable told = end;
      broken = true;
      told.run();
    }
  }
}
