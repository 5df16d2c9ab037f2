/** Runs that are published again from their stored responses. */
@NullMarked
package io.tributary.ingest.replay;

import org.jspecify.annotations.NullMarked;
