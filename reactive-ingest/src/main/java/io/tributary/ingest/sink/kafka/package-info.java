/** A captured page's users become Avro records. The only package that knows Reactor Kafka. */
@NullMarked
package io.tributary.ingest.sink.kafka;

import org.jspecify.annotations.NullMarked;
