/** What the pipeline expects to find in Kafka, the registry and Cassandra, made once before it starts. */
@NullMarked
package io.tributary.ingest.prepare;

import org.jspecify.annotations.NullMarked;
