package io.tributary.ingest.model;

import java.util.List;

/**
 * A page's users, read from its bytes; the same bytes give the same page. {@code users} and {@code dead} together are the
 * users asked for, each in the order of positions.
 */
public record ParsedPage(List<PlacedUser> users, List<DeadUser> dead) {}
