/** A Spark 4 streaming sink for Cassandra over the driver's reactive API: {@code writeStream.format("cassandra-reactive")}; imports nothing else of the project. */
@NullMarked
package io.tributary.stream.cassandra;

import org.jspecify.annotations.NullMarked;
