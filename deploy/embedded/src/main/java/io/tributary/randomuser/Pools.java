package io.tributary.randomuser;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The pools of all nationalities, each read once, when somebody of it is first asked for. For several threads. */
final class Pools {
    private final Map<Nationality, Pool> read = new ConcurrentHashMap<>();

    Pool of(Nationality nationality) {
        return read.computeIfAbsent(nationality, Pool::read);
    }
}
