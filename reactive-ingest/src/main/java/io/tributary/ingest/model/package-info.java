/** The words of the pipeline as types: runs, pages, leases, what was captured, and what can fail. No I/O. */
@NullMarked
package io.tributary.ingest.model;

import org.jspecify.annotations.NullMarked;
