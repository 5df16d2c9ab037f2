package io.tributary.ingest.model;

/** A user that is set aside, with its place in the page, from 0. The reason names the field, never its value. */
public record DeadUser(int position, String reason) {}
