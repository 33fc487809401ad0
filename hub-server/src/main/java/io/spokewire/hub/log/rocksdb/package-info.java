/**
 * The hub's store on RocksDB: the log, the state that is durable with it, shapes, and staged
 * chunks, each in a column family of its own. The only package that knows RocksDB.
 */
@NullMarked
package io.spokewire.hub.log.rocksdb;

import org.jspecify.annotations.NullMarked;
