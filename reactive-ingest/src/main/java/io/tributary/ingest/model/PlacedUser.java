package io.tributary.ingest.model;

import io.tributary.schemas.User;

/** A user that goes on, with its place in the page, from 0. */
public record PlacedUser(int position, User user) {}
