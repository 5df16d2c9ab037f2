/** Runs and pages: what is planned, who works on what, what was captured, what is complete. Kept in PostgreSQL. */
@NullMarked
package io.tributary.ingest.ledger;

import org.jspecify.annotations.NullMarked;
