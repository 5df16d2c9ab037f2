/** The dry run: what a run would be, with nothing written anywhere; only the source's pace counts the page that was fetched. */
@NullMarked
package io.tributary.ingest.plan;

import org.jspecify.annotations.NullMarked;
