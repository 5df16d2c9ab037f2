/**
 * What every process agrees on: the user event and its bytes, the digest, the registry's protocol, the SQL and CQL beside
 * them as resources, and how settings are read.
 */
@NullMarked
package io.tributary.schemas;

import org.jspecify.annotations.NullMarked;
