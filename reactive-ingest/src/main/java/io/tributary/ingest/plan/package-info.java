/** The dry run: what a run would be, with nothing written anywhere. */
@NullMarked
package io.tributary.ingest.plan;

import org.jspecify.annotations.NullMarked;
