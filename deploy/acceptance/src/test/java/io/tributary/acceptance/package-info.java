/** What the whole stack promises, shown on real servers: each class is one promise. */
package io.tributary.acceptance;
