package io.spokewire.common.queue.chronicle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.queue.DurableQueue;
import io.spokewire.common.queue.DurableQueueContract;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChronicleDurableQueueTest extends DurableQueueContract {
  /** Small, so that every test crosses from file to file. */
  private static final long ROLL_BYTES = 20_000;

  @TempDir private Path directory;

  @Override
  protected DurableQueue open() {
    return ChronicleDurableQueue.open(directory, ROLL_BYTES);
  }

  @Override
  protected DurableQueue reopen(DurableQueue queue) {
    queue.close();
    return open();
  }

  // Files

  @Test
  void filesAreRolledBySize() throws IOException {
    try (DurableQueue queue = open()) {
      appendAll(queue, 0, 1_000);
      assertThat(cycleFiles()).hasSizeBetween(6, 10);
    }
  }

  @Test
  void trimmingDeletesFiles() throws IOException {
    try (DurableQueue queue = open()) {
      List<Long> indexes = appendAll(queue, 0, 1_000);
      int before = cycleFiles().size();
      long size = queue.sizeInBytes();
      queue.trimBefore(indexes.get(900));
      assertThat(cycleFiles().size()).isLessThan(before / 2);
      assertThat(queue.sizeInBytes()).isLessThan(size / 2);
      queue.trimBefore(Long.MAX_VALUE);
      assertThat(cycleFiles()).hasSize(1);
      assertThat(readAll(queue, 0)).endsWith(entry(999));
    }
  }

  @Test
  void aDirectoryIsUsedByOneAtATime() {
    try (DurableQueue queue = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(Fault.class)
          .hasMessageContaining("in use by another process")
          .hasMessageContaining(directory.toString());
      queue.append(entry(0));
    }
    try (DurableQueue queue = open()) {
      assertThat(readAll(queue, 0)).hasSize(1);
    }
  }

  @Test
  void anInterruptedThreadAppendsAndReads() {
    try (DurableQueue queue = open()) {
      Thread.currentThread().interrupt();
      appendAll(queue, 0, 500);
      queue.sync();
      assertThat(readAll(queue, 0)).isEqualTo(entries(0, 500));
      assertThat(Thread.interrupted()).isTrue();
      appendAll(queue, 500, 510);
      assertThat(readAll(queue, 0)).isEqualTo(entries(0, 510));
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void whatIsReadAsBytesIsWhatChronicleReads() throws IOException {
    List<Bytes> written = new ArrayList<>(entries(0, 50));
    written.add(noise(3_500_000));
    try (DurableQueue queue = ChronicleDurableQueue.open(directory)) {
      written.forEach(queue::append);
    }
    CycleFile.Scan scan = CycleFile.scan(cycleFiles().getFirst());
    assertThat(scan.damage()).isNull();
    assertThat(scan.documents()).isEqualTo(54);
    assertThat(scan.lastEntry()).isEqualTo(50);
    try (DurableQueue queue = open()) {
      assertThat(readAll(queue, 0)).isEqualTo(written);
    }
  }

  @Test
  void nothingIsLeftBehindInTheDirectory() throws IOException {
    try (DurableQueue queue = open()) {
      appendAll(queue, 0, 10);
    }
    Files.delete(directory.resolve("clean"));
    try (DurableQueue queue = open()) {
      assertThat(readAll(queue, 0)).hasSize(10);
      assertThat(names()).containsExactlyInAnyOrder("19700102F.cq4", "lock", "metadata.cq4t");
    }
  }

  // Crashes

  @Test
  void aKilledWriterLeavesAllItSaidItWrote() throws Exception {
    int next = 0;
    for (int round = 0; round < 3; round++) {
      int said = runAndKillWriter(next, 400 * (round + 1));
      try (DurableQueue queue = open()) {
        List<Bytes> found = readAll(queue, 0);
        assertThat(found.size()).isGreaterThan(said);
        assertThat(found).isEqualTo(entries(0, found.size()));
        next = found.size();
        queue.append(entry(next));
        next++;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 40, 4096, 10_000})
  void garbageInTheTailIsDiscarded(int lastBytes) throws IOException {
    write(300);
    Path last = cycleFiles().getLast();
    long end = contentEnd(last);
    try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
      byte[] garbage = new byte[(int) Math.min(lastBytes, end / 2)];
      new Random(lastBytes).nextBytes(garbage);
      garbage[0] ^= (byte) (readAt(file, end - garbage.length) ^ garbage[0] ^ 0x55);
      file.seek(end - garbage.length);
      file.write(garbage);
    }
    checkPrefix(1, 299);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 4096, 10_000})
  void aTailThatWasNeverWrittenIsDiscarded(int lostBytes) throws IOException {
    write(300);
    Path last = cycleFiles().getLast();
    long end = contentEnd(last);
    try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
      file.seek(end - Math.min(lostBytes, end / 2));
      file.write(new byte[(int) Math.min(lostBytes, end / 2)]);
    }
    checkPrefix(1, 299);
  }

  @Test
  void aLostPageInTheMiddleEndsTheQueueThere() throws IOException {
    write(300);
    Path last = cycleFiles().getLast();
    long end = contentEnd(last);
    try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
      file.seek((end - 5_000) & ~4095);
      file.write(new byte[4096]);
    }
    checkPrefix(1, 298);
  }

  @Test
  void aFileCutShortIsRead() throws IOException {
    write(300);
    Path last = cycleFiles().getLast();
    try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
      file.setLength(contentEnd(last) - 100);
    }
    checkPrefix(1, 299);
  }

  @Test
  void aDamagedFileInTheMiddleEndsTheQueueThere() throws IOException {
    write(1_000);
    Path second = cycleFiles().get(1);
    try (RandomAccessFile file = new RandomAccessFile(second.toFile(), "rw")) {
      long at = contentEnd(second) - 3_000;
      int old = readAt(file, at);
      file.seek(at);
      file.write(old ^ 1);
    }
    checkPrefix(130, 400);
    assertThat(cycleFiles().size()).isLessThan(5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRolledFileThatLostItsEndMarkLosesNothingElse(boolean closedInOrder) throws IOException {
    write(1_000);
    Path second = cycleFiles().get(1);
    long end = contentEnd(second);
    try (RandomAccessFile file = new RandomAccessFile(second.toFile(), "rw")) {
      file.seek(end - 8);
      file.write(new byte[8]);
    }
    if (!closedInOrder) {
      Files.delete(directory.resolve("clean"));
    }
    checkPrefix(1_000, 1_000);
  }

  @Test
  void anEntryOfSeveralDocumentsWithoutItsLastIsDiscarded() throws IOException {
    try (DurableQueue queue = ChronicleDurableQueue.open(directory)) {
      appendAll(queue, 0, 20);
      queue.append(noise(5_000_000));
    }
    Path last = cycleFiles().getLast();
    long end = contentEnd(last);
    try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
      file.seek(end - 1_000_000);
      file.write(new byte[1_000_000]);
    }
    checkPrefix(20, 20);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aWrongByteAnywhereNeverMakesAWrongEntry(long seed) throws IOException {
    Random random = new Random(seed);
    write(400);
    for (int round = 0; round < 8; round++) {
      Path victim = cycleFiles().get(random.nextInt(cycleFiles().size()));
      try (RandomAccessFile file = new RandomAccessFile(victim.toFile(), "rw")) {
        long at = random.nextLong(random.nextBoolean() ? 300 : contentEnd(victim));
        int old = readAt(file, at);
        file.seek(at);
        file.write(old ^ (1 << random.nextInt(8)));
      }
      Files.deleteIfExists(directory.resolve("clean"));
      checkPrefix(0, 401 + round); // each check appends one
      write(400);
    }
  }

  @Test
  void aGarbledDirectoryListingOfChroniclesIsMadeAnew() throws IOException {
    write(300);
    Files.write(directory.resolve("metadata.cq4t"), new byte[] {1, 2, 3, 4, 5});
    checkPrefix(300, 300);
  }

  @Test
  void indexesOfDiscardedEntriesAreNotUsedAgain() throws IOException {
    List<Long> indexes;
    try (DurableQueue queue = open()) {
      indexes = appendAll(queue, 0, 300);
    }
    for (Path file : cycleFiles().subList(1, cycleFiles().size())) {
      try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
        open.seek(0);
        open.write(new byte[100_000]);
      }
    }
    try (DurableQueue queue = open()) {
      assertThat(queue.lastIndex()).isLessThan(indexes.getLast());
      assertThat(queue.append(entry(0))).isGreaterThan(indexes.getLast());
    }
  }

  private void write(int upTo) {
    try (DurableQueue queue = open()) {
      appendAll(queue, readAll(queue, 0).size(), upTo);
    }
  }

  /** Reopens, and expects entries 0..n-1 with n within the bounds, and that the queue goes on. */
  private void checkPrefix(int least, int most) {
    int count;
    try (DurableQueue queue = open()) {
      List<Bytes> found = readAll(queue, 0);
      count = found.size();
      assertThat(count).isBetween(least, most);
      assertThat(found).isEqualTo(entries(0, count));
      queue.append(entry(count));
      assertThat(readAll(queue, 0)).isEqualTo(entries(0, count + 1));
    }
    try (DurableQueue queue = open()) {
      assertThat(readAll(queue, 0)).isEqualTo(entries(0, count + 1));
    }
  }

  private List<Path> cycleFiles() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> f.toString().endsWith(".cq4")).sorted().toList();
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }

  /** Where the last byte that is not zero lies, plus one. */
  private static long contentEnd(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    int end = content.length;
    while (content[end - 1] == 0) {
      end--;
    }
    return end;
  }

  private static int readAt(RandomAccessFile file, long at) throws IOException {
    file.seek(at);
    return file.read();
  }

  /** Runs a writer in a JVM of its own and kills it; returns the last number it said it wrote. */
  private int runAndKillWriter(int from, int enough) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> a.startsWith("--") || a.startsWith("-D"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            EndlessWriter.class.getName(),
            directory.toString(),
            Integer.toString(from)));
    Process writer =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    int said = -1;
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("wrote ")) {
          said = Integer.parseInt(line.substring(6));
          if (said >= from + enough) {
            writer.destroyForcibly();
            break;
          }
        }
      }
    } finally {
      writer.destroyForcibly();
      assertThat(writer.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(said).as("the writer wrote something").isGreaterThanOrEqualTo(from);
    return said;
  }

  /** Appends until it is killed, and says so. */
  static final class EndlessWriter {
    public static void main(String[] args) {
      DurableQueue queue = ChronicleDurableQueue.open(Path.of(args[0]), ROLL_BYTES);
      for (int i = Integer.parseInt(args[1]); ; i++) {
        queue.append(entry(i));
        System.out.println("wrote " + i);
      }
    }
  }
}
