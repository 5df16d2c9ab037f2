/** From Kafka to Cassandra in three rooms: bytes to events, events to counts of a page (pure), and both to rows of tables. */
@NullMarked
package io.tributary.stream;

import org.jspecify.annotations.NullMarked;
