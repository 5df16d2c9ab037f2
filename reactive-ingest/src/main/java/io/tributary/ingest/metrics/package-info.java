/** What the service counts, and the equations that must hold between the counts. */
@NullMarked
package io.tributary.ingest.metrics;

import org.jspecify.annotations.NullMarked;
