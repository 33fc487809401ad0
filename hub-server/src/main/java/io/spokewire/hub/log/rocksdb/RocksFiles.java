package io.spokewire.hub.log.rocksdb;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Filter;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteOptions;

/**
 * One opening of the database: native handles, made together and closed together in reverse order.
 *
 * <p>Memory is bounded for a hub that lives beside other things: one block cache for all families,
 * a bound on all memtables together, and a bound on open files.
 */
final class RocksFiles implements AutoCloseable {
  private static final long BLOCK_CACHE = 16L << 20;
  private static final long LOG_WRITE_BUFFER = 16L << 20;
  private static final long SMALL_WRITE_BUFFER = 2L << 20;
  private static final long ASIDE_WRITE_BUFFER = 8L << 20;

  /** Of a hundred looks for a row that is not there, about one reads the disk. */
  private static final double BLOOM_BITS = 10;

  private static final long ALL_WRITE_BUFFERS = 40L << 20;
  private static final long WAL_BYTES = 64L << 20;
  private static final int OPEN_FILES = 256;

  private final List<AutoCloseable> owned = new ArrayList<>();
  private final RocksDB database;
  private final List<ColumnFamilyHandle> families = new ArrayList<>();
  private final WriteOptions synced;
  private final WriteOptions unsynced;
  private final WriteOptions unlogged;

  static {
    RocksDB.loadLibrary();
  }

  RocksFiles(Path directory) throws RocksDBException {
    try {
      LRUCache cache = own(new LRUCache(BLOCK_CACHE));
      ColumnFamilyOptions logOptions = own(family(cache, LOG_WRITE_BUFFER));
      ColumnFamilyOptions asideOptions = own(family(cache, ASIDE_WRITE_BUFFER, own(bloom())));
      ColumnFamilyOptions smallOptions = own(family(cache, SMALL_WRITE_BUFFER));
      DBOptions options = own(new DBOptions());
      options
          .setCreateIfMissing(true)
          .setCreateMissingColumnFamilies(true)
          .setMaxOpenFiles(OPEN_FILES)
          .setDbWriteBufferSize(ALL_WRITE_BUFFERS)
          .setMaxTotalWalSize(WAL_BYTES)
          .setKeepLogFileNum(3)
          .setMaxLogFileSize(1L << 20)
          // A torn last record is what a loss of power leaves; anything else that does not fit its
          // checksum is damage to what was acknowledged, and opening must fail, not skip it.
          .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
          .setParanoidChecks(true);
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      for (Family family : Family.values()) {
        descriptors.add(
            new ColumnFamilyDescriptor(
                family.name,
                switch (family) {
                  case LOG -> logOptions;
                  case ASIDE -> asideOptions;
                  default -> smallOptions;
                }));
      }
      synced = own(new WriteOptions().setSync(true));
      unsynced = own(new WriteOptions().setSync(false));
      unlogged = own(new WriteOptions().setDisableWAL(true));
      database = own(RocksDB.open(options, directory.toString(), descriptors, families));
      families.forEach(this::own);
    } catch (RocksDBException | RuntimeException e) {
      close();
      throw e;
    }
  }

  RocksDB database() {
    return database;
  }

  ColumnFamilyHandle family(Family family) {
    return families.get(family.ordinal());
  }

  /** A write that is on disk when it returns. */
  WriteOptions synced() {
    return synced;
  }

  WriteOptions unsynced() {
    return unsynced;
  }

  /** A write that need not survive the process. */
  WriteOptions unlogged() {
    return unlogged;
  }

  @Override
  public void close() {
    for (AutoCloseable one : owned.reversed()) {
      try {
        one.close();
      } catch (Exception e) {
        throw new IllegalStateException("native handles close without exceptions", e);
      }
    }
    owned.clear();
  }

  private <T extends AutoCloseable> T own(T handle) {
    owned.add(handle);
    return handle;
  }

  private static ColumnFamilyOptions family(LRUCache cache, long writeBuffer) {
    return family(writeBuffer, tables(cache));
  }

  /** For a family that is asked for single keys, most of which are not there. */
  private static ColumnFamilyOptions family(LRUCache cache, long writeBuffer, Filter filter) {
    return family(writeBuffer, tables(cache).setFilterPolicy(filter));
  }

  /**
   * One compression for all levels: the log's files never overlap, so they move down as they are,
   * which they could not if the lowest level wanted another one.
   */
  private static ColumnFamilyOptions family(long writeBuffer, BlockBasedTableConfig tables) {
    return new ColumnFamilyOptions()
        .setWriteBufferSize(writeBuffer)
        .setMaxWriteBufferNumber(2)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setTableFormatConfig(tables);
  }

  private static BlockBasedTableConfig tables(LRUCache cache) {
    return new BlockBasedTableConfig()
        .setBlockCache(cache)
        .setBlockSize(16L << 10)
        .setCacheIndexAndFilterBlocks(true);
  }

  private static BloomFilter bloom() {
    return new BloomFilter(BLOOM_BITS);
  }

  /** The column families, in the order they are opened in. */
  enum Family {
    DEFAULT("default"),
    /** Entries by position and part. */
    LOG("log"),
    /** The log's name, its ends, writers, applied positions. */
    STATE("state"),
    /** Shapes by id. */
    SCHEMAS("schemas"),
    /** Chunks of transactions that are not committed yet. */
    STAGED("staged"),
    /** What memory has no room for, of this opening only. */
    ASIDE("aside");

    private final byte[] name;

    Family(String name) {
      this.name = name.getBytes(StandardCharsets.UTF_8);
    }
  }
}
