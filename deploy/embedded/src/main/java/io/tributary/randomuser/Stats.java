package io.tributary.randomuser;

import java.util.SortedMap;

/**
 * What the stand-in has seen since it started or was cleared.
 *
 * @param requests to the API, refused and faulted ones included
 * @param usersAsked users the quota counted, all addresses and windows
 * @param refused requests answered 429 by the quota
 * @param faulted requests struck by a fault
 * @param inFlight requests whose answer has not ended, stalled ones included
 * @param mostInFlight the highest {@code inFlight} there was
 * @param faultsLeft faults that have not struck as often as they are meant to
 * @param requestsByPage by the page asked for, after silent corrections
 */
public record Stats(
        long requests,
        long usersAsked,
        long refused,
        long faulted,
        int inFlight,
        int mostInFlight,
        int faultsLeft,
        SortedMap<Integer, Long> requestsByPage) {}
