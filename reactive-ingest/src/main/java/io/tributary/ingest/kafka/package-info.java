/** What the sink and the reconciliation have in common of Kafka. */
@NullMarked
package io.tributary.ingest.kafka;

import org.jspecify.annotations.NullMarked;
